package org.hopespark.data.corpus;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.source.Document;

/**
 * Which rows of a part are duplicates of other documents. A document's number is that of its part and of its row there,
 * so that numbers follow the order of the inputs.
 */
@SuppressWarnings("ArrayRecordComponent") // sorted columns that never leave this class
public record Duplicates(String name, int[] rows, long[] originals) implements Selection {

    /** A document and the one that is kept for it. */
    public record Pair(long document, long original) implements Serializable {}

    /** The number of a document. */
    public static long number(int part, long row) {
        return ((long) part << 32) | Math.toIntExact(row);
    }

    /** The part of a document. */
    public static int part(long number) {
        return (int) (number >>> 32);
    }

    static int row(long number) {
        return (int) number;
    }

    @Override
    public Optional<StageCount> counts() {
        return Optional.of(StageCount.none(name));
    }

    @Override
    public Verdict of(long row, Document document) {
        int found = Arrays.binarySearch(rows, Math.toIntExact(row));
        if (found < 0) {
            return new Verdict(1, document, "");
        }
        String original = "part " + part(originals[found]) + ", row " + row(originals[found]);
        return new Verdict(0, document.with("duplicate-of", original), "duplicate");
    }
}
