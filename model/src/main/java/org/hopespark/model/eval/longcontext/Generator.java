package org.hopespark.model.eval.longcontext;

import java.util.Random;

/** Makes questions whose context has a size, in units of its own such as words or lines. */
interface Generator {
    /** More than any length asks for. */
    int UNLIMITED = Integer.MAX_VALUE;

    /** One question; the same for the same size and state of {@code random}. */
    Sample sample(int size, Random random);

    /** The least size. */
    int smallest();

    /** The greatest size that its data allow. */
    default int largest() {
        return UNLIMITED;
    }

    /** Tokens that the model may write. */
    int newTokens();
}
