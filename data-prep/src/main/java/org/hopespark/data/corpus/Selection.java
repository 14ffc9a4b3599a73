package org.hopespark.data.corpus;

import java.io.Serializable;
import java.util.Optional;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.source.Document;

/** What a step does with a document because of the others, or of its place among them. */
public interface Selection extends Serializable {
    /** Takes every document once. */
    Selection ALL = new All();

    /** See {@link #ALL}. */
    record All() implements Selection {
        @Override
        public Optional<StageCount> counts() {
            return Optional.empty();
        }

        @Override
        public Verdict of(long row, Document document) {
            return new Verdict(1, document, "");
        }
    }

    /**
     * What becomes of a document.
     *
     * @param copies how often it is kept; 0 to remove it
     * @param document itself, with what has been found out about it
     * @param reason why it is removed
     */
    record Verdict(int copies, Document document, String reason) {}

    /** Counts to begin with, under the selection's name; none for one that is not worth counting. */
    Optional<StageCount> counts();

    /** What becomes of the document in a row of the part. */
    Verdict of(long row, Document document);
}
