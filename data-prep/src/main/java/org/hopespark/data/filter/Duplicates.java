package org.hopespark.data.filter;

import java.util.function.IntPredicate;

/**
 * Parts of a text that occurred before in it.
 *
 * @param all parts, those that occur first included
 * @param again parts that occurred before
 * @param characters in those
 */
record Duplicates(int all, int again, int characters) {

    double share() {
        return Shape.share(again, all);
    }

    /** Of the lines that count. */
    static Duplicates ofLines(Lines lines, IntPredicate counts) {
        Counter counter = new Counter(lines.count());
        for (int i = 0; i < lines.count(); i++) {
            if (counts.test(i)) {
                counter.add(lines.hash(i), lines.length(i));
            }
        }
        return counter.duplicates();
    }

    /** Of runs of lines that are not empty. */
    static Duplicates ofParagraphs(Lines lines) {
        Counter counter = new Counter(lines.count());
        long hash = 0;
        int length = 0;
        for (int i = 0; i < lines.count(); i++) {
            if (lines.length(i) > 0) {
                hash = Hashes.append(hash, lines.hash(i));
                length += lines.length(i) + (length == 0 ? 0 : 1);
            } else if (length > 0) {
                counter.add(hash, length);
                hash = 0;
                length = 0;
            }
        }
        if (length > 0) {
            counter.add(hash, length);
        }
        return counter.duplicates();
    }

    private static final class Counter {
        private final HashCounts counts;
        private int all;
        private int again;
        private int characters;

        Counter(int most) {
            counts = new HashCounts(most);
        }

        void add(long hash, int length) {
            all++;
            if (counts.count(counts.add(hash)) > 1) {
                again++;
                characters += length;
            }
        }

        Duplicates duplicates() {
            return new Duplicates(all, again, characters);
        }
    }
}
