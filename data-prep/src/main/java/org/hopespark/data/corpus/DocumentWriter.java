package org.hopespark.data.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
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
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.hopespark.data.io.FreeSpace;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.jspecify.annotations.Nullable;

/** Writes documents as Parquet: id, source, text, metadata, and why it was removed if it was. */
public final class DocumentWriter implements Closeable {

    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message document {
              required binary id (STRING);
              required binary source (STRING);
              required binary text (STRING);
              required group metadata (MAP) {
                repeated group key_value {
                  required binary key (STRING);
                  required binary value (STRING);
                }
              }
              optional binary reason (STRING);
            }
            """);

    private final ParquetWriter<Row> writer;
    private final FreeSpace space;

    /** A document and the reason why it is not kept, empty if it is. */
    private record Row(Document document, String reason) {}

    DocumentWriter(Path path, Storage storage) throws IOException {
        space = new FreeSpace(path, storage);
        Configuration configuration = storage.configuration(path);
        configuration.setInt("parquet.compression.codec.zstd.level", 3);
        writer = new Builder(HadoopOutputFile.fromPath(path, configuration))
                .withConf(configuration)
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withDictionaryEncoding("text", false)
                .withWriterVersion(WriterVersion.PARQUET_1_0)
                .withRowGroupSize(64L << 20)
                .withPageWriteChecksumEnabled(true)
                .withStatisticsTruncateLength(64)
                .build();
    }

    void keep(Document document) throws IOException {
        write(new Row(document, ""));
    }

    void remove(Document document, String reason) throws IOException {
        write(new Row(document, reason));
    }

    private void write(Row row) throws IOException {
        space.require(row.document.text().length());
        writer.write(row);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
        Builder(OutputFile file) {
            super(file);
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // its successor is missing from Spark 3.5's Parquet
        protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
            return new Support();
        }
    }

    private static final class Support extends WriteSupport<Row> {
        private @Nullable RecordConsumer consumer;

        @Override
        @SuppressWarnings("deprecation") // as above
        public WriteContext init(Configuration configuration) {
            return new WriteContext(SCHEMA, Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(Row row) {
            RecordConsumer out = Objects.requireNonNull(consumer, "prepareForWrite comes first");
            Document document = row.document;
            out.startMessage();
            text(out, "id", 0, document.id());
            text(out, Document.SOURCE, 1, document.source());
            text(out, "text", 2, document.text());
            out.startField(Document.METADATA, 3);
            out.startGroup();
            if (!document.metadata().isEmpty()) {
                out.startField("key_value", 0);
                document.metadata().forEach((key, value) -> {
                    out.startGroup();
                    text(out, "key", 0, key);
                    text(out, "value", 1, value);
                    out.endGroup();
                });
                out.endField("key_value", 0);
            }
            out.endGroup();
            out.endField(Document.METADATA, 3);
            if (!row.reason.isEmpty()) {
                text(out, "reason", 4, row.reason);
            }
            out.endMessage();
        }

        private static void text(RecordConsumer out, String name, int index, String value) {
            out.startField(name, index);
            out.addBinary(Binary.fromString(value));
            out.endField(name, index);
        }
    }
}
