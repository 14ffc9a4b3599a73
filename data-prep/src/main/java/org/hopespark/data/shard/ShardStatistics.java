package org.hopespark.data.shard;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the documents of some shards are like.
 *
 * @param documents how many there are
 * @param ids of documents with their marks
 * @param lengths how many documents have 2^i to 2^(i+1) - 1 ids, by i
 */
public record ShardStatistics(long documents, long ids, List<Long> lengths) implements Serializable {
    /** Of no shards. */
    public static final ShardStatistics NONE = new ShardStatistics(0, 0, List.of());

    /** Reads a shard, by its place in the manifest. */
    public static ShardStatistics of(DataSetFolder folder, int index) {
        Manifest manifest = folder.manifest();
        Shard shard = manifest.shards().get(index);
        Counter counter = new Counter();
        try (ShardReader reader = new ShardReader(
                folder.shard(shard), folder.storage(), manifest.recipe().types())) {
            for (Optional<ShardRow> row = reader.read(); row.isPresent(); row = reader.read()) {
                counter.add(row.get().packed());
            }
        }
        return counter.end();
    }

    /** Of both. */
    public ShardStatistics plus(ShardStatistics other) {
        List<Long> sum = new ArrayList<>();
        for (int i = 0; i < Math.max(lengths.size(), other.lengths.size()); i++) {
            sum.add((i < lengths.size() ? lengths.get(i) : 0) + (i < other.lengths.size() ? other.lengths.get(i) : 0));
        }
        // a list that Java's own serialization knows
        return new ShardStatistics(documents + other.documents, ids + other.ids, sum);
    }

    /** Puts the segments of documents together that run through several rows. */
    private static final class Counter {
        private final long[] lengths = new long[Long.SIZE];
        private long documents;
        private long ids;
        private long open;

        void add(PackedRow row) {
            int continued = row.ends().length - row.starts().length;
            for (int segment = 0; segment < row.segments(); segment++) {
                int here = row.ends()[segment] - row.begin(segment);
                if (segment < continued) {
                    open += here - 1; // the id that the rows share
                } else {
                    close();
                    open = here;
                }
            }
        }

        private void close() {
            if (open > 0) {
                documents++;
                ids += open;
                lengths[Long.SIZE - 1 - Long.numberOfLeadingZeros(open)]++;
            }
            open = 0;
        }

        ShardStatistics end() {
            close();
            List<Long> counts = new ArrayList<>();
            int last = lengths.length;
            while (last > 0 && lengths[last - 1] == 0) {
                last--;
            }
            for (int i = 0; i < last; i++) {
                counts.add(lengths[i]);
            }
            return new ShardStatistics(documents, ids, counts);
        }
    }
}
