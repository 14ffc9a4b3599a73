package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/** Random bits; only the last position has a label, which says whether the 1s are even (Grazzi et al. 2024). */
record LastParity(Lengths lengths) implements Generator {
    static final int VOCABULARY = Parity.VOCABULARY;

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] inputs = new long[lengths.draw(random, 1)];
        long[] targets = new long[inputs.length];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        long ones = 0;
        for (int t = 0; t < inputs.length; t++) {
            inputs[t] = random.nextInt(2);
            ones += inputs[t];
        }
        targets[inputs.length - 1] = ones % 2 == 0 ? Parity.EVEN : Parity.ODD;
        return Generator.example(inputs, targets);
    }
}
