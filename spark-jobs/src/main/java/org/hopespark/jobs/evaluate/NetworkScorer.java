package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.model.InferenceState;
import org.hopespark.model.Network;
import org.hopespark.model.Sampler;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TokenScores;

/**
 * The network as evaluation sees it. Rows are filled up to one length; what is filled in comes last and is not scored.
 */
final class NetworkScorer implements Scorer {
    private final Network network;
    private final int end;

    /** Scores with {@code network}, where the id {@code end} ends a text. */
    NetworkScorer(Network network, int end) {
        this.network = network;
        this.end = end;
    }

    @Override
    public int maxTokens() {
        return network.architecture().model().contextTokens();
    }

    @Override
    public List<TokenScores> score(List<int[]> sequences) {
        int tokens = sequences.stream().mapToInt(s -> s.length - 1).max().orElse(0);
        Network.Scores scores = network.scores(new TokenBatch(
                sequences.stream().map(ids -> sequence(ids, tokens)).toList()));
        List<TokenScores> result = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            int from = i * tokens;
            int count = sequences.get(i).length - 1;
            boolean[] argmax = new boolean[count];
            for (int t = 0; t < count; t++) {
                argmax[t] = scores.greedy()[from + t] > 0;
            }
            result.add(new TokenScores(Arrays.copyOfRange(scores.logProbabilities(), from, from + count), argmax));
        }
        return result;
    }

    /** In pieces of the context that the network was trained on. */
    @Override
    public double[] carried(int[] ids) {
        double[] result = new double[ids.length - 1];
        try (InferenceState state = network.begin()) {
            for (int from = 0; from < result.length; from += maxTokens()) {
                int to = Math.min(result.length, from + maxTokens());
                Network.Scores scores = network.advance(
                        state, Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(ids, from + 1, to + 1));
                System.arraycopy(scores.logProbabilities(), 0, result, from, to - from);
            }
        }
        return result;
    }

    @Override
    public int[] write(int[] prompt, int count) {
        try (InferenceState state = network.begin()) {
            int from = 0;
            for (; prompt.length - from > maxTokens(); from += maxTokens()) {
                network.advance(state, Arrays.copyOfRange(prompt, from, from + maxTokens()));
            }
            int[] last = Arrays.copyOfRange(prompt, from, prompt.length);
            return new Sampler(0, 1, 0).continueFrom(network, state, last, count, end);
        }
    }

    private static TokenBatch.Sequence sequence(int[] ids, int tokens) {
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int t = 0; t < ids.length - 1; t++) {
            inputs[t] = ids[t];
            targets[t] = ids[t + 1];
        }
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
    }
}
