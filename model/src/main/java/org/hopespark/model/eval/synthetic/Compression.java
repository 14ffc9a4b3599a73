package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Compression of MAD (Poli et al. 2024): random ids and a last one, which is the sign to take them together; all of
 * them are to be predicted from the state after the sign. The last id of the vocabulary is the sign.
 */
record Compression(int vocabulary, int length) implements Generator {
    Compression {
        if (vocabulary < 2) {
            throw new IllegalArgumentException("a vocabulary of " + vocabulary + " has the sign and nothing else");
        }
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long[] ids = random.longs(length, 0, vocabulary - 1L).toArray();
        ids[length - 1] = vocabulary - 1L;
        return Generator.example(ids, ids);
    }
}
