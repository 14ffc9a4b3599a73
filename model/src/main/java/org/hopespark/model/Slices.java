package org.hopespark.model;

/**
 * Who owns which part of a vector: one contiguous slice of whole units a rank, equal in length but for one unit.
 *
 * @param elements P
 * @param ranks N
 * @param unit elements that no two ranks share
 */
public record Slices(long elements, int ranks, long unit) {
    /** A cache line of float32: kernels give the same bits for a slice as for the whole when it begins on one. */
    static final int ALIGNMENT = 16;

    /** Fine enough for hundreds of ranks to have equal shares; coarse enough for a norm a unit to cost nothing. */
    private static final int MOST_UNITS = 512;

    public Slices {
        if (elements < 0 || ranks < 1 || unit < 1) {
            throw new IllegalArgumentException(
                    elements + " elements in units of " + unit + " cannot be shared by " + ranks + " ranks");
        }
    }

    /** The slices of a vector; their unit depends on its length alone. */
    public static Slices of(long elements, int ranks) {
        long unit = (elements + MOST_UNITS - 1) / MOST_UNITS;
        return new Slices(elements, ranks, Math.max(1, (unit + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT);
    }

    /** Number of units; the last one may be shorter than the others. */
    public long units() {
        return (elements + unit - 1) / unit;
    }

    /** First unit of a rank's slice. */
    public long firstUnit(int rank) {
        return units() * rank / ranks;
    }

    /** First element of a rank's slice. */
    public long from(int rank) {
        return Math.min(elements, firstUnit(rank) * unit);
    }

    /** The element after the last one of a rank's slice. */
    public long to(int rank) {
        return from(rank + 1);
    }
}
