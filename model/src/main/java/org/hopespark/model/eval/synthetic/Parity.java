package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Strings over {0, 1} with an even number of 1s; at every position the label says whether the prefix has an even number
 * of 1s (Bhattamishra et al. 2020). Symbols are drawn until the string ends, which it does after each with the
 * probability 1 / (1 + L), L being the mean of the lengths' ends; other lengths are drawn again.
 */
record Parity(Lengths lengths) implements Generator {
    static final int ODD = 2;
    static final int EVEN = 3;
    static final int VOCABULARY = 4;

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        double goesOn = 1 - 1 / (1 + (lengths.min() + lengths.max()) / 2.0);
        while (true) {
            long[] inputs = new long[lengths.max()];
            long[] targets = new long[lengths.max()];
            int length = 0;
            boolean even = true;
            boolean more = true;
            while (more && length < lengths.max()) {
                inputs[length] = random.nextInt(2);
                even ^= inputs[length] == 1;
                targets[length] = even ? EVEN : ODD;
                length++;
                more = random.nextDouble() < goesOn;
            }
            if (!more && even && lengths.contains(length)) {
                return Generator.example(Arrays.copyOf(inputs, length), Arrays.copyOf(targets, length));
            }
        }
    }
}
