package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;
import org.hopespark.model.TokenBatch;

/**
 * a^n b^n, or a^n b^n c^n: each symbol n times, one after the other. At every position the label is the set of symbols
 * that may follow, the end being one of them. A set is predicted as one label rather than symbol by symbol; a string is
 * right under one exactly if it is under the other.
 *
 * <p>The sets are {a, b}, then {s} for each symbol s behind a, then {end}.
 *
 * @param symbols 2 or 3
 */
record CounterLanguage(int symbols, Lengths lengths) implements Generator {
    /** Number of sets. */
    int labels() {
        return symbols + 1;
    }

    int vocabulary() {
        return symbols + labels();
    }

    @Override
    public TokenBatch.Sequence draw(SplittableRandom random) {
        int n = lengths.draw(random, symbols) / symbols;
        long[] inputs = new long[n * symbols];
        long[] targets = new long[inputs.length];
        for (int t = 0; t < inputs.length; t++) {
            int symbol = t / n;
            inputs[t] = symbol;
            boolean done = t % n == n - 1;
            // after an a nobody knows n yet
            targets[t] = (long) symbols + (symbol > 0 && done ? symbol + 1 : symbol);
        }
        return Generator.example(inputs, targets);
    }
}
