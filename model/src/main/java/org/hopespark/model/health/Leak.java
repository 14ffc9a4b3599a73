package org.hopespark.model.health;

import java.util.List;
import java.util.function.Function;
import org.hopespark.model.TokenBatch;

/** Whether predictions know tokens that follow them. */
final class Leak {
    private Leak() {}

    /**
     * Changes one input at a time, once inside a chunk and once near the end, and compares what was predicted before.
     *
     * @param scores log-probability of each target of a batch
     * @param row its ids are the same in all calls, but for the one that changes
     * @return the largest change of a log-probability before the changed input, in nats
     */
    static double of(Function<TokenBatch, double[]> scores, TokenBatch.Sequence row, int vocabulary) {
        double[] before = scores.apply(new TokenBatch(List.of(row)));
        int tokens = row.inputs().length;
        double largest = 0;
        for (int place : new int[] {tokens / 2 + 1, tokens - 2}) {
            if (place > 0 && place < tokens) {
                long[] inputs = row.inputs().clone();
                inputs[place] = (inputs[place] + 1) % vocabulary;
                double[] after = scores.apply(
                        new TokenBatch(List.of(new TokenBatch.Sequence(inputs, row.targets(), row.starts()))));
                for (int t = 0; t < place; t++) {
                    largest = Math.max(largest, Math.abs(after[t] - before[t]));
                }
            }
        }
        return largest;
    }
}
