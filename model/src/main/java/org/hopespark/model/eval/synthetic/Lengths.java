package org.hopespark.model.eval.synthetic;

import java.util.SplittableRandom;

/** Lengths of strings, both ends included. */
record Lengths(int min, int max) {
    Lengths {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("lengths must be 1 <= min <= max, got " + min + ".." + max);
        }
    }

    boolean contains(int length) {
        return length >= min && length <= max;
    }

    /** One of the multiples of {@code unit} among them, each as likely. */
    int draw(SplittableRandom random, int unit) {
        int first = (min + unit - 1) / unit;
        return unit * random.nextInt(first, max / unit + 1);
    }
}
