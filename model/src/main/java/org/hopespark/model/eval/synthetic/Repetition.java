package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * Repetitions of one word; at every position the label says whether the prefix is a repetition, too. There is one
 * string of each length (Bhattamishra et al. 2020).
 *
 * @param word of letters from a on
 * @param symbols how many letters there are
 */
record Repetition(String word, int symbols, Lengths lengths) implements Generator {

    /** (aa)*. */
    static Repetition aa(Lengths lengths) {
        return new Repetition("aa", 1, lengths);
    }

    /** (abab)*. */
    static Repetition abab(Lengths lengths) {
        return new Repetition("abab", 2, lengths);
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        int period = word.length();
        long[] inputs = new long[lengths.draw(random, period)];
        long[] targets = new long[inputs.length];
        for (int t = 0; t < inputs.length; t++) {
            inputs[t] = (long) word.charAt(t % period) - 'a';
            boolean whole = (t + 1) % period == 0;
            targets[t] = whole ? symbols + 1L : symbols;
        }
        return Generator.example(inputs, targets);
    }
}
