package org.hopespark.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.hopespark.conf.ConfigException;

/** Which row each slot of each step gets: a pure function, whatever the number of workers ({@code docs/formats.md}). */
final class BatchOrder {
    /** A row of a lane. */
    record Place(int lane, long row) {}

    private final long[] laneRows;
    private final int batchSequences;
    private final long seed;
    private final long shortest;

    // The lanes in the order of one epoch: sorting them for every slot would be slow.
    private long sortedEpoch;
    private int[] sorted;

    BatchOrder(long[] laneRows, int batchSequences, long seed) {
        this.laneRows = laneRows.clone();
        this.batchSequences = batchSequences;
        this.seed = seed;
        int lanes = laneRows.length;
        if (batchSequences < 1 || (lanes % batchSequences != 0 && batchSequences % lanes != 0)) {
            throw new ConfigException("batch-sequences " + batchSequences
                    + " must be a multiple or a divisor of the data set's " + lanes + " lanes");
        }
        shortest = Arrays.stream(laneRows).min().orElseThrow();
        if (stepsPerEpoch() == 0) {
            throw new ConfigException("the data set is too small: a batch of " + batchSequences + " sequences takes "
                    + batchSequences / lanes + " rows of each lane, and the shortest lane has " + shortest
                    + "; use a smaller batch-sequences or more documents");
        }
        sorted = IntStream.range(0, lanes).toArray();
    }

    int batchSequences() {
        return batchSequences;
    }

    long stepsPerEpoch() {
        int lanes = laneRows.length;
        return batchSequences <= lanes ? lanes / batchSequences * shortest : shortest / (batchSequences / lanes);
    }

    Place place(long step, int slot) {
        if (step < 1) {
            throw new IllegalArgumentException("steps count from 1, got " + step);
        }
        if (slot < 0 || slot >= batchSequences) {
            throw new IllegalArgumentException("slot must lie in 0.." + (batchSequences - 1) + ", got " + slot);
        }
        long epoch = (step - 1) / stepsPerEpoch();
        long stepInEpoch = (step - 1) % stepsPerEpoch();
        int lanes = laneRows.length;
        if (batchSequences <= lanes) {
            int lane = Math.toIntExact(slot + batchSequences * (stepInEpoch / shortest));
            return inEpoch(epoch, lane, stepInEpoch % shortest);
        }
        int rowsPerLane = batchSequences / lanes;
        return inEpoch(epoch, slot / rowsPerLane, stepInEpoch * rowsPerLane + slot % rowsPerLane);
    }

    private Place inEpoch(long epoch, int place, long row) {
        if (epoch == 0) {
            return new Place(place, row);
        }
        int lane = lanes(epoch)[place];
        long turn = Long.remainderUnsigned(Packing.hash(seed, epoch, lane, 1), laneRows[lane]);
        return new Place(lane, (row + turn) % laneRows[lane]);
    }

    private int[] lanes(long epoch) {
        if (epoch != sortedEpoch) {
            sorted = IntStream.range(0, laneRows.length)
                    .boxed()
                    .sorted(Comparator.<Integer, Long>comparing(
                                    lane -> Packing.hash(seed, epoch, lane), Long::compareUnsigned)
                            .thenComparing(Comparator.naturalOrder()))
                    .mapToInt(Integer::intValue)
                    .toArray();
            sortedEpoch = epoch;
        }
        return sorted;
    }
}
