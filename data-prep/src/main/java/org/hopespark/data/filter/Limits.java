package org.hopespark.data.filter;

import java.util.Optional;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.filter.Stage.Outcome;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.source.Document;

/** Rules that look at one number. */
final class Limits {
    private Limits() {}

    /** Removes what has more than it may. */
    static Optional<Remove> above(String reason, double value, double most) {
        return value > most ? Optional.of(new Remove(reason, value + ", at most " + most)) : Optional.empty();
    }

    /** Removes what has less than it must. */
    static Optional<Remove> below(String reason, double value, double least) {
        return value < least ? Optional.of(new Remove(reason, value + ", at least " + least)) : Optional.empty();
    }

    /** Keeps a document that breaks no rule. */
    static Outcome outcome(Document document, Optional<Remove> broken) {
        return broken.isPresent() ? broken.get() : new Keep(document);
    }
}
