package org.hopespark.model;

import java.util.Locale;

/** What can be wrong with a model although it trains. */
public enum Illness {
    /** A memory has grown or shrunk out of its bounds inside a document. */
    STATE,
    /** The outer gradient grows with the length of documents, or is not finite. */
    GRADIENT,
    /** No head of a block remembers as long as a chunk. */
    SHORT_MEMORY,
    /** What is read from a memory hardly depends on what was written. */
    DEAD_MEMORY,
    /** The cap cuts the errors that writes learn from. */
    CAPPED_ERRORS,
    /** A gate is the same for all tokens, or does not learn. */
    FROZEN_GATE,
    /** The loss is as low without writes. */
    USELESS_WRITES,
    /** The model is as good with the level as it began. */
    DEAD_LEVEL,
    /** A tensor that nothing depends on. */
    NO_GRADIENT,
    /** A prediction depends on tokens that follow it. */
    LEAK;

    /** As files name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
