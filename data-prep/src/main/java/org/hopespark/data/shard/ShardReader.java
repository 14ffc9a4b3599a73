package org.hopespark.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.hopespark.data.io.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of one lane in order, from any row on. Page checksums are verified. While the rows of one row group
 * are used, the next one is read in the background, so that a step waits for storage only where it jumps.
 */
public final class ShardReader implements Closeable {
    private final Path path;
    private final ShardSchema.Types types;
    private final ParquetFileReader file;
    private final MessageColumnIO columns;
    private @Nullable RecordReader<ShardRow> rowGroup;
    private long leftInRowGroup;
    private int rowGroupsPassed;
    private long next;

    // The file itself belongs to whoever reads ahead until that is done.
    private @Nullable Future<@Nullable PageReadStore> ahead;

    private static final ExecutorService READ_AHEAD = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "hope-read-ahead");
        thread.setDaemon(true);
        return thread;
    });

    public ShardReader(Path path, Storage storage, ShardSchema.Types types) {
        this.path = path;
        this.types = types;
        Configuration configuration = storage.configuration(path);
        try {
            file = ParquetFileReader.open(
                    HadoopInputFile.fromPath(path, configuration),
                    HadoopReadOptions.builder(configuration, path)
                            .usePageChecksumVerification(true)
                            .build());
        } catch (IOException | RuntimeException e) {
            throw damaged("cannot be opened (" + e.getMessage() + ")", e);
        }
        if (!file.getFileMetaData().getSchema().equals(ShardSchema.SCHEMA)) {
            throw damaged("is no shard: its columns are "
                    + file.getFileMetaData().getSchema().getFields());
        }
        columns = new ColumnIOFactory(file.getFileMetaData().getCreatedBy()).getColumnIO(ShardSchema.SCHEMA);
    }

    /** The number of the row that {@link #read} gives next. */
    public long next() {
        return next;
    }

    /** Goes forward to a row; row groups on the way are not read. */
    public void skipTo(long row) {
        if (row < next) {
            throw new IllegalArgumentException("cannot go back from row " + next + " to " + row);
        }
        List<BlockMetaData> rowGroups = file.getRowGroups();
        while (row >= next + leftInRowGroup && rowGroupsPassed < rowGroups.size()) {
            next += leftInRowGroup;
            leftInRowGroup = 0;
            long rows = rowGroups.get(rowGroupsPassed).getRowCount();
            if (row < next + rows) {
                break;
            }
            if (ahead == null) {
                file.skipNextRowGroup();
            } else {
                pagesReadAhead();
            }
            rowGroupsPassed++;
            next += rows;
        }
        while (next < row) {
            if (read().isEmpty()) {
                throw damaged("ends before row " + row);
            }
        }
    }

    private boolean openRowGroup() throws IOException {
        PageReadStore pages = ahead == null ? file.readNextRowGroup() : pagesReadAhead();
        if (pages == null) {
            return false;
        }
        rowGroupsPassed++;
        if (rowGroupsPassed < file.getRowGroups().size()) {
            ahead = READ_AHEAD.submit(file::readNextRowGroup);
        }
        rowGroup = columns.getRecordReader(pages, new Materializer(types));
        leftInRowGroup = pages.getRowCount();
        return true;
    }

    private @Nullable PageReadStore pagesReadAhead() {
        Future<@Nullable PageReadStore> read = Objects.requireNonNull(ahead);
        ahead = null;
        try {
            return read.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading " + path, e);
        } catch (ExecutionException e) {
            throw damaged("row group " + rowGroupsPassed + " cannot be read (" + e.getCause() + ")", e);
        }
    }

    /** The next row; empty at the end. */
    public Optional<ShardRow> read() {
        ShardRow row;
        try {
            if (leftInRowGroup == 0 && !openRowGroup()) {
                return Optional.empty();
            }
            row = Objects.requireNonNull(rowGroup).read();
        } catch (IOException | RuntimeException e) {
            throw damaged("row " + next + " cannot be read (" + e.getMessage() + ")", e);
        }
        if (row.row() != next) {
            throw damaged("holds row " + row.row() + " in the place of row " + next);
        }
        if (row.packed().tokens().length != types.sequenceTokens() + 1) {
            throw damaged("row " + next + " has " + row.packed().tokens().length + " ids instead of "
                    + (types.sequenceTokens() + 1));
        }
        leftInRowGroup--;
        next++;
        return Optional.of(row);
    }

    private CorruptShardException damaged(String problem) {
        return new CorruptShardException(path + " " + problem + REMEDY);
    }

    private CorruptShardException damaged(String problem, Throwable cause) {
        return new CorruptShardException(path + " " + problem + REMEDY, cause);
    }

    public static final String REMEDY = "; 'hope data repair' rebuilds this lane";

    @Override
    public void close() {
        try {
            if (ahead != null) {
                pagesReadAhead();
            }
        } catch (CorruptShardException | IllegalStateException unused) {
            // nobody has asked for these rows
        }
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Turns the columns of one row group into rows. */
    private static final class Materializer extends RecordMaterializer<ShardRow> {
        private final ShardSchema.Types types;
        private long row;
        private ByteBuffer tokens = ByteBuffer.allocate(0);
        private ByteBuffer starts = ByteBuffer.allocate(0);
        private ByteBuffer ends = ByteBuffer.allocate(0);
        private int realTokens;
        private long firstDocument;

        private final GroupConverter root = new GroupConverter() {
            private final Converter[] fields = {
                new Field() {
                    @Override
                    public void addLong(long value) {
                        row = value;
                    }
                },
                new Field() {
                    @Override
                    public void addBinary(Binary value) {
                        tokens = value.toByteBuffer();
                    }
                },
                new Field() {
                    @Override
                    public void addBinary(Binary value) {
                        starts = value.toByteBuffer();
                    }
                },
                new Field() {
                    @Override
                    public void addBinary(Binary value) {
                        ends = value.toByteBuffer();
                    }
                },
                new Field() {
                    @Override
                    public void addInt(int value) {
                        realTokens = value;
                    }
                },
                new Field() {
                    @Override
                    public void addLong(long value) {
                        firstDocument = value;
                    }
                }
            };

            @Override
            public Converter getConverter(int index) {
                return fields[index];
            }

            @Override
            public void start() {}

            @Override
            public void end() {}
        };

        Materializer(ShardSchema.Types types) {
            this.types = types;
        }

        @Override
        public ShardRow getCurrentRecord() {
            PackedRow packed = new PackedRow(
                    types.tokens().decode(tokens),
                    types.offsets().decode(starts),
                    types.offsets().decode(ends));
            return new ShardRow(row, packed, realTokens, firstDocument);
        }

        @Override
        public GroupConverter getRootConverter() {
            return root;
        }
    }

    private abstract static class Field extends PrimitiveConverter {}
}
