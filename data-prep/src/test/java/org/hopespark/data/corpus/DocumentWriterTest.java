package org.hopespark.data.corpus;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.FreeSpace;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.SmallData;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DocumentWriterTest {
    @TempDir
    private java.nio.file.Path folder = java.nio.file.Path.of("");

    @Test
    void writingStopsBeforeTheDiskIsFull() throws IOException {
        Storage full = with(FreeSpace.KEPT, Long.MAX_VALUE);
        org.apache.hadoop.fs.Path path =
                new org.apache.hadoop.fs.Path(folder.resolve("kept.parquet").toUri());
        try (DocumentWriter writer = new DocumentWriter(path, full)) {
            assertThatThrownBy(() -> writer.keep(new Document("1", "text", "s")))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("stopped before the disk is full: ")
                    .hasMessageContaining("make room and give the same command again");
        }
        try (DocumentWriter writer = new DocumentWriter(path, SmallData.STORAGE)) {
            writer.keep(new Document("1", "text", "s"));
        }
    }

    private static Storage with(String setting, long value) {
        Configuration configuration = new Configuration();
        configuration.setLong(setting, value);
        return new Storage(configuration);
    }
}
