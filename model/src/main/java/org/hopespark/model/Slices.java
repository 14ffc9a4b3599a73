package org.hopespark.model;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Who owns which part of a vector: one contiguous slice of whole units a rank, perhaps an empty one.
 *
 * @param units first element of each unit, which no two ranks share; then the number of elements
 * @param owned first unit of each rank; then the number of units
 */
public record Slices(List<Long> units, List<Integer> owned) {
    /** A cache line of float32: kernels give the same bits for a slice as for the whole when it begins on one. */
    static final int ALIGNMENT = 16;

    /** Fine enough for hundreds of ranks to have equal shares; coarse enough for a norm a unit to cost nothing. */
    private static final int MOST_UNITS = 512;

    public Slices {
        units = List.copyOf(units);
        owned = List.copyOf(owned);
        if (owned.size() < 2 || owned.get(0) != 0 || owned.get(owned.size() - 1) != units.size() - 1) {
            throw new IllegalArgumentException(
                    "ranks that begin at units " + owned + " do not share " + (units.size() - 1) + " units");
        }
    }

    /**
     * Slices that are equal in length but for one unit; the units depend on the vector's length alone, and all but the
     * last are equally long.
     */
    public static Slices of(long elements, int ranks) {
        long most = (elements + MOST_UNITS - 1) / MOST_UNITS;
        long unit = Math.max(1, (most + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
        long count = (elements + unit - 1) / unit;
        return new Slices(
                LongStream.rangeClosed(0, count)
                        .map(u -> Math.min(elements, u * unit))
                        .boxed()
                        .toList(),
                IntStream.rangeClosed(0, ranks)
                        .map(rank -> (int) (count * rank / ranks))
                        .boxed()
                        .toList());
    }

    /** P. */
    public long elements() {
        return units.get(units.size() - 1);
    }

    /** N. */
    public int ranks() {
        return owned.size() - 1;
    }

    /** Number of units. */
    int unitCount() {
        return units.size() - 1;
    }

    /** First unit of a rank's slice. */
    int firstUnit(int rank) {
        return owned.get(rank);
    }

    /** The most units that a rank owns. */
    int mostUnits() {
        return IntStream.range(0, ranks())
                .map(rank -> firstUnit(rank + 1) - firstUnit(rank))
                .max()
                .orElse(0);
    }

    /** First element of a rank's slice. */
    public long from(int rank) {
        return units.get(owned.get(rank));
    }

    /** The element after the last one of a rank's slice. */
    public long to(int rank) {
        return from(rank + 1);
    }
}
