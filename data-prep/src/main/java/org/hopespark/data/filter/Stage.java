package org.hopespark.data.filter;

import java.io.Serializable;
import org.hopespark.data.source.Document;

/** A filter between reading and tokenizing; a pure function of one document. */
public interface Stage extends Serializable {
    /** Name with every parameter that matters: it is part of the data set's recipe. */
    String name();

    Outcome apply(Document document);

    /** What becomes of a document. */
    sealed interface Outcome {}

    /** The document, as it was or changed; its id and source stay. */
    record Keep(Document document) implements Outcome {}

    /**
     * The document is left out.
     *
     * @param reason why, of few that are counted: it holds nothing of the document
     * @param detail what led to it in this document, such as what was measured; for people, empty if there is no more
     *     to say
     */
    record Remove(String reason, String detail) implements Outcome {
        public Remove(String reason) {
            this(reason, "");
        }
    }
}
