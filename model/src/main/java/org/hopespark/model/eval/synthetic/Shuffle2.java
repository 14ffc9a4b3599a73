package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Two kinds of brackets, each balanced, interleaved at will (Bhattamishra et al. 2020). At every position the label
 * says of each kind whether it may close; the two bits are one label of four.
 *
 * <p>Of the ways that still lead to a balanced string of the drawn length, to open and to close are as likely, and so
 * are the kinds.
 */
record Shuffle2(Lengths lengths) implements Generator {
    private static final int KINDS = 2;
    static final int SYMBOLS = 2 * KINDS;
    static final int LABELS = 1 << KINDS;
    static final int VOCABULARY = SYMBOLS + LABELS;

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] inputs = new long[lengths.draw(random, 2)];
        long[] targets = new long[inputs.length];
        int[] depth = new int[KINDS];
        for (int t = 0; t < inputs.length; t++) {
            int open = depth[0] + depth[1];
            boolean opens = open == 0 || (open < inputs.length - t && random.nextBoolean());
            int kind = random.nextInt(KINDS);
            if (!opens && depth[kind] == 0) {
                kind = 1 - kind;
            }
            depth[kind] += opens ? 1 : -1;
            inputs[t] = 2L * kind + (opens ? 0 : 1);
            targets[t] = SYMBOLS + (depth[0] > 0 ? 1L : 0) + (depth[1] > 0 ? 2L : 0);
        }
        return Generator.example(inputs, targets);
    }
}
