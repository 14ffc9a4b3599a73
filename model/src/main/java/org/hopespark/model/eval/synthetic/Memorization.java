package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Memorization of MAD (Poli et al. 2024): each key has one value, the same in all examples, and is followed by a sign
 * at which the value is the target; the value itself is never shown. The last id of the vocabulary is the sign.
 */
final class Memorization implements Generator {
    /** Decides which value a key has, whatever the seed of the examples. */
    private static final long FACTS_SEED = 12_345;

    private final int length;
    private final long sign;
    private final int[] valueOfKey;

    Memorization(int vocabulary, int length) {
        this.length = length;
        sign = vocabulary - 1L;
        int keys = (vocabulary - 1) / 2;
        valueOfKey = new SplittableRandom(FACTS_SEED)
                .ints(keys, vocabulary - 1)
                .distinct()
                .limit(keys)
                .toArray();
    }

    /** Number of facts. */
    int keys() {
        return valueOfKey.length;
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] inputs = new long[length];
        long[] targets = new long[length];
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        for (int t = 0; t + 1 < length; t += 2) {
            int key = random.nextInt(keys());
            inputs[t] = key;
            inputs[t + 1] = sign;
            targets[t + 1] = valueOfKey[key];
        }
        return Generator.example(inputs, targets);
    }
}
