package org.hopespark.model;

/**
 * A contiguous part of a level's vector that is exchanged at once: the parameters of neighbouring groups, those with
 * weight decay first.
 *
 * @param from first element in the level's vector
 * @param split first element without weight decay
 * @param to element after the last
 * @param group the last group, in the order of backward, whose gradient it holds
 * @param optimizer that updates it
 * @param slices who owns which part, counted from {@code from}
 */
record Bucket(long from, long split, long to, int group, Optimizer optimizer, Slices slices) {

    /** The part that a rank owns, in the level's vector. */
    Range owned(int rank) {
        return new Range(from + slices.from(rank), from + slices.to(rank));
    }

    Range whole() {
        return new Range(from, to);
    }

    Range decaying() {
        return new Range(from, split);
    }

    Range notDecaying() {
        return new Range(split, to);
    }

    /** Elements {@code from} (inclusive) to {@code to} (exclusive) of a level's vector. */
    record Range(long from, long to) {
        long elements() {
            return to - from;
        }

        /** What both have; empty where they do not meet. */
        Range and(Range other) {
            long first = Math.max(from, other.from);
            return new Range(first, Math.max(first, Math.min(to, other.to)));
        }
    }
}
