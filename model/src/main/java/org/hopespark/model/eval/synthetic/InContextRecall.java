package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * In-context recall of MAD (Poli et al. 2024): pairs of a key and a value, the same value whenever a key comes again.
 * When training, every next token is a target; when testing, only the values of keys that have come before. Some pairs
 * are noise, from the last ids of the vocabulary.
 *
 * @param noiseIds how many ids of the vocabulary are noise
 * @param noise share of pairs that are noise
 */
record InContextRecall(int vocabulary, int noiseIds, double noise, int length, Use use) implements Generator {
    /** What an example is for. */
    enum Use {
        TRAIN,
        TEST
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        int ids = vocabulary - noiseIds;
        long[] row = new long[length];
        long[] recalled = new long[length];
        Arrays.fill(recalled, TokenBatch.NO_TARGET);
        Map<Long, Long> values = new HashMap<>();
        int pairs = length / 2;
        int notNoise = random.nextInt(pairs);
        for (int i = 0; i < pairs; i++) {
            boolean last = i == pairs - 1;
            if (!last && i != notNoise && random.nextDouble() < noise) {
                row[2 * i] = random.nextInt(ids, vocabulary);
                row[2 * i + 1] = random.nextInt(ids, vocabulary);
                continue;
            }
            // the last pair asks for a key that has come
            long key = last && !values.isEmpty()
                    ? values.keySet().stream().sorted().toList().get(random.nextInt(values.size()))
                    : random.nextInt(ids / 2);
            boolean known = values.containsKey(key);
            long value = values.computeIfAbsent(key, k -> (long) random.nextInt(ids / 2, ids));
            row[2 * i] = key;
            row[2 * i + 1] = value;
            recalled[2 * i + 1] = known ? value : TokenBatch.NO_TARGET;
        }
        return shifted(row, recalled, use);
    }

    /** Inputs are all but the last token, targets what follows each: every token, or only what is recalled. */
    static TokenBatch.Sequence shifted(long[] row, long[] recalled, Use use) {
        long[] targets = use == Use.TRAIN ? row : recalled;
        return Generator.example(Arrays.copyOf(row, row.length - 1), Arrays.copyOfRange(targets, 1, targets.length));
    }
}
