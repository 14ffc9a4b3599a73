package org.hopespark.model.eval.longcontext;

import java.util.Random;

/** Makes questions whose context has a size, in units of its own such as words or lines. */
interface Generator {
    /** More than anyone asks for. */
    int UNLIMITED = Integer.MAX_VALUE;

    /** One question; the same for the same size and state of {@code random}. */
    Sample sample(int size, Random random);

    /** Question number {@code index} of {@link #questions}; where questions are made up, the number plays no part. */
    default Sample sample(int index, int size, Random random) {
        return sample(size, random);
    }

    /** How many questions there are. */
    default int questions() {
        return UNLIMITED;
    }

    /** What an answer is worth, in 0..1: the share of the sample's answers that it has. */
    default double score(Sample sample, String written) {
        return sample.stringMatch(written);
    }

    /** The least size. */
    int smallest();

    /** The greatest size that its data allow. */
    default int largest() {
        return UNLIMITED;
    }

    /** Tokens that the model may write. */
    int newTokens();
}
