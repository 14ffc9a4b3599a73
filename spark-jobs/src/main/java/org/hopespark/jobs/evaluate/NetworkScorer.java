package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.eval.Scorer;
import org.hopespark.model.eval.TokenScores;

/**
 * The network as evaluation sees it. Rows are filled up to one length; what is filled in comes last and is not scored.
 */
final class NetworkScorer implements Scorer {
    private final Network network;

    NetworkScorer(Network network) {
        this.network = network;
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
