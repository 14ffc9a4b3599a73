package org.hopespark.data;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.Packing;

/**
 * Which row each slot of each step gets: a pure function, whatever the number of workers
 * ({@code docs/reference/formats.md}).
 *
 * <p>The lanes, one after the other, are one sequence of rows, cut into as many equal pieces as there are slots. Each
 * slot reads its piece in order.
 */
final class BatchOrder {
    /** A row of a lane. */
    record Place(int lane, long row) {}

    private final long[] laneRows;
    private final int batchSequences;
    private final long seed;
    private final int version;
    private final long rows;

    // The lanes in the order of one epoch and the rows before each: sorting them for every slot would be slow.
    private long sortedEpoch = -1;
    private int[] sorted;
    private long[] rowsBefore;

    /** @param version 1, in which no seed changes the first epoch, or 2 */
    BatchOrder(long[] laneRows, int batchSequences, long seed, int version) {
        this.laneRows = laneRows.clone();
        this.batchSequences = batchSequences;
        this.seed = seed;
        this.version = version;
        rows = Arrays.stream(laneRows).sum();
        if (batchSequences < 1 || rows < batchSequences) {
            throw new UserException("batch-sequences " + batchSequences
                    + " must lie between 1 and the data set's number of rows, " + rows);
        }
        if (version < 1 || version > DataSet.ORDER) {
            throw new UserException("the order of the data has version " + version + ", this program knows 1 to "
                    + DataSet.ORDER + ": use the one that has begun the run");
        }
        sorted = new int[0];
        rowsBefore = new long[0];
    }

    private boolean isShuffled(long epoch) {
        return version > 1 || epoch > 0;
    }

    int batchSequences() {
        return batchSequences;
    }

    long stepsPerEpoch() {
        return rows / batchSequences;
    }

    Place place(long step, int slot) {
        if (step < 1) {
            throw new IllegalArgumentException("steps count from 1, got " + step);
        }
        if (slot < 0 || slot >= batchSequences) {
            throw new IllegalArgumentException("slot must lie in 0.." + (batchSequences - 1) + ", got " + slot);
        }
        long epoch = (step - 1) / stepsPerEpoch();
        sortLanes(epoch);
        long turn = !isShuffled(epoch) ? 0 : Long.remainderUnsigned(Packing.hash(seed, epoch), rows);
        long index = (slot * stepsPerEpoch() + (step - 1) % stepsPerEpoch() + turn) % rows;
        int nth = laneOf(index);
        return new Place(sorted[nth], index - rowsBefore[nth]);
    }

    /** The last place whose lane begins at or before {@code index}; lanes without rows are passed over. */
    private int laneOf(long index) {
        int low = 0;
        int high = rowsBefore.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (rowsBefore[middle] <= index) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private void sortLanes(long epoch) {
        if (epoch != sortedEpoch) {
            sorted = IntStream.range(0, laneRows.length)
                    .boxed()
                    .sorted(
                            !isShuffled(epoch)
                                    ? Comparator.naturalOrder()
                                    : Comparator.<Integer, Long>comparing(
                                                    lane -> Packing.hash(seed, epoch, lane), Long::compareUnsigned)
                                            .thenComparing(Comparator.naturalOrder()))
                    .mapToInt(Integer::intValue)
                    .toArray();
            rowsBefore = rowsBefore(sorted);
            sortedEpoch = epoch;
        }
    }

    private long[] rowsBefore(int[] lanes) {
        long[] before = new long[lanes.length];
        for (int i = 1; i < lanes.length; i++) {
            before[i] = before[i - 1] + laneRows[lanes[i - 1]];
        }
        return before;
    }
}
