package org.hopespark.data;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** A finished data set. */
public final class DataSet {
    private final DataSetFolder folder;
    private final Manifest manifest;

    private DataSet(DataSetFolder folder, Manifest manifest) {
        this.folder = folder;
        this.manifest = manifest;
    }

    /** {@link #open(String, Storage)} with Hadoop's default settings. */
    public static DataSet open(String uri) {
        return open(uri, new Storage(new Configuration()));
    }

    /** Reads the manifest of the folder; shards are opened as they are needed. */
    public static DataSet open(String uri, Storage storage) {
        DataSetFolder folder = new DataSetFolder(uri, storage);
        return new DataSet(folder, folder.manifest());
    }

    public Manifest manifest() {
        return manifest;
    }

    /** The data set's identity. */
    public String sha256() {
        return manifest.sha256();
    }

    /** S, the tokens of a sequence; rows hold one id more. */
    public int sequenceTokens() {
        return manifest.recipe().packing().sequenceTokens();
    }

    /**
     * Batches for training.
     *
     * @param batchSequences sequences of the global batch
     * @param seed of the order of later epochs
     */
    public TokenBatches batches(int batchSequences, long seed) {
        List<Shard> shards = manifest.trainingShards();
        long[] rows = shards.stream().mapToLong(Shard::rows).toArray();
        return new TokenBatches(this, new BatchOrder(rows, batchSequences, seed));
    }

    /** All rows that are held out, lane by lane. */
    public Iterator<PackedRow> validationRows() {
        return new Iterator<>() {
            private final Iterator<Shard> shards = manifest.validationShards().iterator();
            private Optional<ShardReader> reader = Optional.empty();
            private Optional<ShardRow> next = Optional.empty();

            @Override
            public boolean hasNext() {
                while (next.isEmpty() && (reader.isPresent() || shards.hasNext())) {
                    if (reader.isEmpty()) {
                        reader = Optional.of(reader(shards.next()));
                    }
                    next = reader.get().read();
                    if (next.isEmpty()) {
                        reader.get().close();
                        reader = Optional.empty();
                    }
                }
                return next.isPresent();
            }

            @Override
            public PackedRow next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                PackedRow row = next.orElseThrow().packed();
                next = Optional.empty();
                return row;
            }
        };
    }

    ShardReader reader(int lane) {
        return reader(manifest.shards().get(lane));
    }

    ShardReader reader(Shard shard) {
        return new ShardReader(
                folder.shard(shard), folder.storage(), manifest.recipe().types());
    }
}
