package org.hopespark.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.CorruptShardException;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.ShardReader;

/**
 * The rows of each step. They depend on the data set, the seed, the step and the slot, never on who asks.
 *
 * <p>An instance keeps a reader for each slot of its last step; it belongs to one thread.
 */
public final class TokenBatches implements AutoCloseable {
    /** The slots of one worker: from {@code from} up to, but without, {@code to}. */
    public record Slots(int from, int to) {
        public int count() {
            return to - from;
        }
    }

    private final DataSet dataSet;
    private final BatchOrder order;
    private final Map<Integer, LaneReader> readers = new HashMap<>();

    TokenBatches(DataSet dataSet, BatchOrder order) {
        this.dataSet = dataSet;
        this.order = order;
    }

    /** Steps until every row was used once, but for fewer rows than the batch has sequences. */
    public long stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    /** The slots of worker {@code rank}, from 0, of {@code workers}. */
    public Slots slotsOf(int rank, int workers) {
        if (workers < 1 || order.batchSequences() % workers != 0) {
            throw new UserException(
                    "the number of workers " + workers + " must divide batch-sequences " + order.batchSequences());
        }
        if (rank < 0 || rank >= workers) {
            throw new IllegalArgumentException("rank must lie in 0.." + (workers - 1) + ", got " + rank);
        }
        int each = order.batchSequences() / workers;
        return new Slots(rank * each, (rank + 1) * each);
    }

    /** The rows of slots {@code fromSlot} up to, but without, {@code toSlot} of {@code step}, which counts from 1. */
    public List<PackedRow> rows(long step, int fromSlot, int toSlot) {
        for (Integer slot : List.copyOf(readers.keySet())) {
            if (slot < fromSlot || slot >= toSlot) {
                close(slot);
            }
        }
        List<PackedRow> rows = new ArrayList<>();
        for (int slot = fromSlot; slot < toSlot; slot++) {
            rows.add(read(slot, order.place(step, slot)));
        }
        return rows;
    }

    private PackedRow read(int slot, BatchOrder.Place place) {
        LaneReader known = readers.get(slot);
        if (known != null && (known.lane() != place.lane() || known.reader().next() > place.row())) {
            close(slot);
        }
        ShardReader reader = readers.computeIfAbsent(
                        slot, s -> new LaneReader(place.lane(), dataSet.reader(place.lane())))
                .reader();
        reader.skipTo(place.row());
        return reader.read()
                .orElseThrow(() -> new CorruptShardException(
                        dataSet.manifest().shards().get(place.lane()).path() + " ends before row " + place.row()
                                + ShardReader.REMEDY))
                .packed();
    }

    private record LaneReader(int lane, ShardReader reader) {}

    private void close(Integer slot) {
        LaneReader removed = readers.remove(slot);
        if (removed != null) {
            removed.reader().close();
        }
    }

    @Override
    public void close() {
        List.copyOf(readers.keySet()).forEach(this::close);
    }
}
