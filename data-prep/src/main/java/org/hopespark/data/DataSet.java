package org.hopespark.data;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.CorruptShardException;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.ManifestDifference;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.Shard;
import org.hopespark.data.shard.ShardReader;
import org.hopespark.data.shard.ShardRow;
import org.hopespark.data.shard.Snapshot;
import org.hopespark.data.shard.Snapshots;
import org.hopespark.data.shard.TokenCounts;
import org.hopespark.data.tokenizer.Tokenizer;

/** A finished data set, in one of its states. */
public final class DataSet {
    /** Version of the order in which batches come; up to version 1 the seed does not change the first epoch. */
    public static final int ORDER = 2;

    private static final Pattern PINNED = Pattern.compile("(.+)@([0-9]{1,9})");

    private final DataSetFolder folder;
    private final Snapshot snapshot;

    private DataSet(DataSetFolder folder, Snapshot snapshot) {
        this.folder = folder;
        this.snapshot = snapshot;
    }

    /**
     * Reads what the data set says of itself; shards are opened as they are needed.
     *
     * @param uri the folder, for its newest state, or {@code FOLDER@NUMBER} for that snapshot
     */
    public static DataSet open(String uri, Storage storage) {
        Matcher pinned = PINNED.matcher(uri);
        if (pinned.matches() && !storage.exists(new Path(uri))) {
            DataSetFolder folder = new DataSetFolder(pinned.group(1), storage);
            return new DataSet(folder, new Snapshots(folder).number(Integer.parseInt(pinned.group(2))));
        }
        DataSetFolder folder = new DataSetFolder(uri, storage);
        return new DataSet(folder, new Snapshots(folder).newest());
    }

    /** The state of that identity: this one, or another one of the same data set. */
    public Optional<DataSet> ofIdentity(String sha256) {
        return sha256().equals(sha256)
                ? Optional.of(this)
                : new Snapshots(folder).of(sha256).map(other -> new DataSet(folder, other));
    }

    /** Number of the state, from 1. */
    public int snapshot() {
        return snapshot.number();
    }

    /** What it holds. */
    public Manifest manifest() {
        return snapshot.manifest();
    }

    /**
     * What its ids stand for; to be closed.
     *
     * @throws UserException if its file is missing, or is that of other ids
     */
    public Tokenizer tokenizer() {
        return folder.tokenizer(manifest().recipe().tokenizer());
    }

    /** The content of the file that its tokenizer is read from, by its name; empty if it is in the jar. */
    public Map<String, byte[]> tokenizerFile() {
        return folder.tokenizerFile(manifest().recipe().tokenizer());
    }

    /** The folders of its segments, each a data set of its own. */
    public List<DataSetFolder> segments() {
        Snapshots snapshots = new Snapshots(folder);
        return snapshot.segments().stream().map(snapshots::folderOf).toList();
    }

    /** In what this state does not say what its segments say. */
    public List<String> verifySegments() {
        try {
            if (snapshot.segments().equals(Snapshot.first(manifest()).segments())) {
                return List.of();
            }
            Manifest together = new Snapshots(folder).together(snapshot);
            return together.equals(manifest())
                    ? List.of()
                    : List.of(
                            "snapshot " + snapshot.number() + " of " + folder.uri() + " differs from what its segments"
                                    + " say together: " + ManifestDifference.between(together, manifest()));
        } catch (UserException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /** The data set's identity. */
    public String sha256() {
        return snapshot.identity();
    }

    /** S, the tokens of a sequence; rows hold one id more. */
    public int sequenceTokens() {
        return manifest().recipe().packing().sequenceTokens();
    }

    /** Batches for training in today's order. */
    public TokenBatches batches(int batchSequences, long seed) {
        return batches(batchSequences, seed, ORDER);
    }

    /**
     * Batches for training.
     *
     * @param batchSequences sequences of the global batch
     * @param seed of the order
     * @param order its version, {@link #ORDER} or an earlier one, with which a run has begun
     */
    public TokenBatches batches(int batchSequences, long seed, int order) {
        List<Shard> shards = manifest().trainingShards();
        long[] rows = shards.stream().mapToLong(Shard::rows).toArray();
        return new TokenBatches(this, new BatchOrder(rows, batchSequences, seed, order));
    }

    /**
     * A row and where it is.
     *
     * @param path its shard, from the data set's folder on
     * @param number of the row in the shard
     * @param row the row
     */
    public record PlacedRow(String path, long number, PackedRow row) {}

    /** A row of the lanes that are trained on, or of those that are held out, counted from 0 over all of them. */
    public PlacedRow row(String split, long index) {
        Shard shard = Manifest.split(manifest().shards(), split).stream()
                .filter(one -> index >= one.firstRow() && index < one.firstRow() + one.rows())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no row " + index + " of " + split));
        try (ShardReader reader = reader(shard)) {
            reader.skipTo(index - shard.firstRow());
            PackedRow row = reader.read()
                    .orElseThrow(() -> new CorruptShardException(shard.path() + " ends early" + ShardReader.REMEDY))
                    .packed();
            return new PlacedRow(shard.path(), index - shard.firstRow(), row);
        }
    }

    /** How often each id and byte occurs; empty if an older version has made the data set. */
    public Optional<TokenCounts> counts() {
        return new Snapshots(folder).counts(snapshot);
    }

    /** All states of the data set up to this one, oldest first. */
    public List<Snapshot> history() {
        Snapshots snapshots = new Snapshots(folder);
        return snapshots.numbers().stream()
                .filter(number -> number <= snapshot.number())
                .map(snapshots::number)
                .toList();
    }

    /** All rows that are held out, lane by lane. */
    public Iterator<PackedRow> validationRows() {
        return new Iterator<>() {
            private final Iterator<Shard> shards = manifest().validationShards().iterator();
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

    public ShardReader reader(int lane) {
        return reader(manifest().shards().get(lane));
    }

    public ShardReader reader(Shard shard) {
        return new ShardReader(
                folder.shard(shard), folder.storage(), manifest().recipe().types());
    }
}
