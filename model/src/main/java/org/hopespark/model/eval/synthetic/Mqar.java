package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Multi-query associative recall (Arora et al. 2023): pairs of a key and its value, then each key once more, at a
 * distance that follows a power law; there the value is the target. Other positions hold random ids. Keys are ids below
 * half of the vocabulary but 0, values the others, each at most once.
 *
 * @param length tokens
 * @param pairs keys
 */
record Mqar(int vocabulary, int length, int pairs) implements Generator {
    private static final double POWER = 0.01;

    Mqar {
        if (length % 2 != 0 || 4 * pairs > length || pairs >= vocabulary / 2) {
            throw new IllegalArgumentException("a length of " + length + " and a vocabulary of " + vocabulary
                    + " are too small for " + pairs + " pairs, or odd");
        }
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        int half = vocabulary / 2;
        int[] keys = distinct(random, 1, half);
        int[] values = distinct(random, half, vocabulary);
        int[] places = places(random);
        long[] inputs = random.longs(length, 0, vocabulary).toArray();
        long[] targets = new long[length];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int i = 0; i < pairs; i++) {
            inputs[2 * i] = keys[i];
            inputs[2 * i + 1] = values[i];
            int query = 2 * pairs + 2 * places[i];
            inputs[query] = keys[i];
            targets[query] = values[i];
        }
        return Generator.example(inputs, targets);
    }

    private int[] distinct(SplittableRandom random, int from, int to) {
        return random.ints(from, to).distinct().limit(pairs).toArray();
    }

    /** Draws {@code pairs} of the places 0, 1, ... without replacement; the weight of place i is (i+1)^(a-1). */
    private int[] places(SplittableRandom random) {
        double[] weights = new double[(length - 2 * pairs) / 2];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.pow(i + 1, POWER - 1);
            total += weights[i];
        }
        int[] drawn = new int[pairs];
        for (int k = 0; k < pairs; k++) {
            double left = random.nextDouble() * total;
            int place = -1;
            for (int i = 0; i < weights.length && (place < 0 || left >= 0); i++) {
                if (weights[i] > 0) {
                    place = i;
                    left -= weights[i];
                }
            }
            drawn[k] = place;
            total -= weights[place];
            weights[place] = 0;
        }
        return drawn;
    }
}
