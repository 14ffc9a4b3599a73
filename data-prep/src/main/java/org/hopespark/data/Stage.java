package org.hopespark.data;

import java.io.Serializable;

/** A filter between reading and tokenizing; a pure function of one document. */
public interface Stage extends Serializable {
    /** Name with every parameter that matters: it is part of the data set's recipe. */
    String name();

    Outcome apply(Document document);

    /** What becomes of a document. */
    sealed interface Outcome {}

    /** The document, as it was or changed; its id and source stay. */
    record Keep(Document document) implements Outcome {}

    /** The document is left out. */
    record Remove(String reason) implements Outcome {}
}
