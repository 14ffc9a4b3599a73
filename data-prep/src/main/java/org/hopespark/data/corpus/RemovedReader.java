package org.hopespark.data.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.ParquetTextReader;

/** What a step has removed of a part. */
final class RemovedReader implements Closeable {
    private final ParquetReader<Group> reader;

    RemovedReader(Path file, Storage storage) throws IOException {
        reader = ParquetReader.builder(new GroupReadSupport(), file)
                .withConf(storage.configuration(file))
                .build();
    }

    Optional<StepFolder.Removed> next() throws IOException {
        Group row = reader.read();
        if (row == null) {
            return Optional.empty();
        }
        SortedMap<String, String> metadata = ParquetTextReader.metadata(row);
        Document document = new Document(
                row.getString("id", 0), row.getString("text", 0), row.getString(Document.SOURCE, 0), metadata);
        String reason = row.getFieldRepetitionCount("reason") > 0 ? row.getString("reason", 0) : "";
        return Optional.of(new StepFolder.Removed(metadata.getOrDefault("stage", ""), reason, document));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
