package org.hopespark.model.eval.synthetic;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Selective copying of MAD (Poli et al. 2024): ids to copy with blanks between them, the sign to copy, and as many
 * blanks, at which the ids are to be repeated in order. The next to last id of the vocabulary is the blank, the last
 * the sign. As in the reference, each blank goes before one of the ids, never behind the last.
 *
 * @param copied how many ids are to be copied
 */
record SelectiveCopying(int vocabulary, int length, int copied) implements Generator {
    SelectiveCopying {
        if (length <= 2 * copied + 1) {
            throw new IllegalArgumentException("a length of " + length + " is too small to copy " + copied + " ids");
        }
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        long blank = vocabulary - 2L;
        int[] blanksBefore = new int[copied];
        for (int i = 0; i < length - 2 * copied - 1; i++) {
            blanksBefore[random.nextInt(copied)]++;
        }
        long[] inputs = new long[length];
        long[] targets = new long[length];
        Arrays.fill(inputs, blank);
        Arrays.fill(targets, TokenBatch.NO_TARGET);
        int at = 0;
        for (int i = 0; i < copied; i++) {
            at += blanksBefore[i];
            inputs[at++] = random.nextInt(vocabulary - 2);
            targets[length - copied + i] = inputs[at - 1];
        }
        inputs[at] = vocabulary - 1L;
        return Generator.example(inputs, targets);
    }
}
