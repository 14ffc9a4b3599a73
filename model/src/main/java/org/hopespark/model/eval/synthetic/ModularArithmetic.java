package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Sums, differences and products of digits modulo 5, without brackets, products before sums; then "=", where the value
 * is the only label (Deletang et al. 2023, Grazzi et al. 2024). Lengths count the "=", so that strings are of even
 * length.
 */
record ModularArithmetic(Lengths lengths) implements Generator {
    static final int MODULUS = 5;
    static final int PLUS = MODULUS;
    static final int MINUS = MODULUS + 1;
    static final int TIMES = MODULUS + 2;
    static final int EQUALS = MODULUS + 3;
    static final int FIRST_LABEL = EQUALS + 1;
    static final int VOCABULARY = FIRST_LABEL + MODULUS;

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] inputs = new long[lengths.draw(random, 2)];
        long[] targets = new long[inputs.length];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int t = 0; t < inputs.length - 1; t++) {
            inputs[t] = t % 2 == 0 ? random.nextInt(MODULUS) : random.nextInt(PLUS, EQUALS);
        }
        inputs[inputs.length - 1] = EQUALS;
        targets[inputs.length - 1] = FIRST_LABEL + value(inputs);
        return Generator.example(inputs, targets);
    }

    private static long value(long[] symbols) {
        long sum = 0;
        long term = symbols[0];
        for (int t = 1; symbols[t] != EQUALS; t += 2) {
            long digit = symbols[t + 1];
            if (symbols[t] == TIMES) {
                term = term * digit % MODULUS;
            } else {
                sum += term;
                term = symbols[t] == PLUS ? digit : -digit;
            }
        }
        return Math.floorMod(sum + term, MODULUS);
    }
}
