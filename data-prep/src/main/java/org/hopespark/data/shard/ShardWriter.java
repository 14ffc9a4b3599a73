package org.hopespark.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.hopespark.data.io.FreeSpace;
import org.hopespark.data.io.Storage;
import org.jspecify.annotations.Nullable;

/** Writes the rows of one lane. */
final class ShardWriter implements Closeable {
    private final ParquetWriter<ShardRow> writer;
    private final FreeSpace space;
    private final long rowBytes;

    ShardWriter(Path path, Storage storage, ShardSchema.Types types) throws IOException {
        Configuration configuration = storage.configuration(path);
        configuration.setInt("parquet.compression.codec.zstd.level", 3);
        space = new FreeSpace(path, storage);
        rowBytes = (long) types.tokens().encode(new int[types.sequenceTokens() + 1]).length + 64;
        writer = new Builder(HadoopOutputFile.fromPath(path, configuration), new Support(types))
                .withConf(configuration)
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withDictionaryEncoding(false)
                // Pages of version 2 have no checksum before Parquet 1.14.
                .withWriterVersion(WriterVersion.PARQUET_1_0)
                .withRowGroupSize(ShardSchema.ROW_GROUP_ROWS * rowBytes)
                .withPageSize(1 << 17)
                .withPageWriteChecksumEnabled(true)
                .withStatisticsTruncateLength(64)
                .build();
    }

    void write(ShardRow row) throws IOException {
        space.require(rowBytes);
        writer.write(row);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static final class Builder extends ParquetWriter.Builder<ShardRow, Builder> {
        private final Support support;

        Builder(OutputFile file, Support support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // its successor is missing from Spark 3.5's Parquet
        protected WriteSupport<ShardRow> getWriteSupport(Configuration configuration) {
            return support;
        }
    }

    private static final class Support extends WriteSupport<ShardRow> {
        private final ShardSchema.Types types;
        private @Nullable RecordConsumer consumer;

        Support(ShardSchema.Types types) {
            this.types = types;
        }

        @Override
        @SuppressWarnings("deprecation") // as above
        public WriteContext init(Configuration configuration) {
            return new WriteContext(ShardSchema.SCHEMA, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(ShardRow row) {
            RecordConsumer out = java.util.Objects.requireNonNull(consumer, "prepareForWrite comes first");
            PackedRow packed = row.packed();
            out.startMessage();
            field(out, 0, () -> out.addLong(row.row()));
            field(out, 1, () -> out.addBinary(binary(types.tokens(), packed.tokens())));
            field(out, 2, () -> out.addBinary(binary(types.offsets(), packed.starts())));
            field(out, 3, () -> out.addBinary(binary(types.offsets(), packed.ends())));
            field(out, 4, () -> out.addInteger(row.realTokens()));
            field(out, 5, () -> out.addLong(row.firstDocument()));
            out.endMessage();
        }

        private static void field(RecordConsumer out, int index, Runnable value) {
            String name = ShardSchema.SCHEMA.getFieldName(index);
            out.startField(name, index);
            value.run();
            out.endField(name, index);
        }

        private static Binary binary(IdType type, int[] ids) {
            return Binary.fromConstantByteArray(type.encode(ids));
        }
    }
}
