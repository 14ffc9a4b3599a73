package org.hopespark.jobs.adapter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.model.InferenceState;
import org.hopespark.model.Network;
import org.hopespark.model.Sampler;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TokenScores;
import org.hopespark.model.eval.Window;

/**
 * The network as evaluation sees it. Rows are filled up to one length; what is filled in comes last and is not scored.
 */
public final class NetworkScorer implements Scorer {
    private final Network network;
    private final int end;

    /** Scores with {@code network}, where the id {@code end} ends a text. */
    public NetworkScorer(Network network, int end) {
        this.network = network;
        this.end = end;
    }

    @Override
    public int maxTokens() {
        return network.architecture().model().contextTokens();
    }

    @Override
    public List<TokenScores> score(List<Window> windows) {
        int tokens = windows.stream().mapToInt(w -> w.ids().length - 1).max().orElse(0);
        Network.Scores scores = network.scores(
                new TokenBatch(windows.stream().map(w -> sequence(w, tokens)).toList()));
        List<TokenScores> result = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            Window window = windows.get(i);
            int to = i * tokens + window.ids().length - 1;
            result.add(scores(scores, to - window.targets(), to));
        }
        return result;
    }

    @Override
    public boolean sharesContexts() {
        return true;
    }

    @Override
    public List<TokenScores> scoreFamilies(List<List<Window>> families) {
        return network
                .inference()
                .continuations(
                        families.stream().map(family -> family.get(0).context()).toList(),
                        families.stream()
                                .map(family -> family.stream()
                                        .map(Window::continuation)
                                        .toList())
                                .toList())
                .stream()
                .map(scores -> scores(scores, 0, scores.greedy().length))
                .toList();
    }

    private static TokenScores scores(Network.Scores scores, int from, int to) {
        boolean[] argmax = new boolean[to - from];
        for (int t = from; t < to; t++) {
            argmax[t - from] = scores.greedy()[t] > 0;
        }
        return new TokenScores(Arrays.copyOfRange(scores.logProbabilities(), from, to), argmax);
    }

    /** In pieces of the context that the network was trained on. */
    @Override
    public double[] carried(int[] ids) {
        double[] result = new double[ids.length - 1];
        try (InferenceState state = network.inference().begin()) {
            for (int from = 0; from < result.length; from += maxTokens()) {
                int to = Math.min(result.length, from + maxTokens());
                Network.Scores scores = network.inference()
                        .advance(state, Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(ids, from + 1, to + 1));
                System.arraycopy(scores.logProbabilities(), 0, result, from, to - from);
            }
        }
        return result;
    }

    @Override
    public int[] write(int[] prompt, int count) {
        try (InferenceState state = network.inference().begin()) {
            int from = 0;
            for (; prompt.length - from > maxTokens(); from += maxTokens()) {
                network.inference().advance(state, Arrays.copyOfRange(prompt, from, from + maxTokens()));
            }
            int[] last = Arrays.copyOfRange(prompt, from, prompt.length);
            return new Sampler(0, 1, 0).continueFrom(network, state, last, count, end);
        }
    }

    private static TokenBatch.Sequence sequence(Window window, int tokens) {
        int[] ids = window.ids();
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int t = 0; t < ids.length - 1; t++) {
            inputs[t] = ids[t];
        }
        for (int t = ids.length - 1 - window.targets(); t < ids.length - 1; t++) {
            targets[t] = ids[t + 1];
        }
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
    }
}
