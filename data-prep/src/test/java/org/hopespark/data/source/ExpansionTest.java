package org.hopespark.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files that unpack to large ones, and disks that have no room for them. */
final class ExpansionTest {
    private static final int CENTRAL = 0x02014B50;

    @TempDir
    private Path folder;

    private static Storage with(String setting, long value) {
        Configuration configuration = new Configuration();
        configuration.setLong(setting, value);
        return new Storage(configuration);
    }

    private static int read(Path path, Storage storage) throws IOException {
        InputFile file = InputFile.list(java.util.List.of(SmallData.input(path)), storage)
                .get(0);
        int documents = 0;
        try (DocumentReader reader = DocumentReader.open(file.parts(1).get(0), storage)) {
            while (reader.next().isPresent()) {
                documents++;
            }
        }
        return documents;
    }

    private Path zip(int entries) throws IOException {
        Path path = folder.resolve("a.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            for (int i = 0; i < entries; i++) {
                zip.putNextEntry(new ZipEntry("e" + i + ".txt"));
                zip.write(new byte[1 << 20]);
            }
        }
        return path;
    }

    /** The second record of the directory leads to the entry of the first. */
    @Test
    void entriesThatOverlapAreRefused() throws IOException {
        Path path = zip(2);
        assertThat(read(path, SmallData.STORAGE)).isEqualTo(2);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        int last = 0;
        for (int at = 0; at < bytes.limit() - 4; at++) {
            last = bytes.getInt(at) == CENTRAL ? at : last;
        }
        bytes.putInt(last + 42, 0);
        Files.write(path, bytes.array());
        assertThatThrownBy(() -> read(path, SmallData.STORAGE))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.zip: its entries e0.txt and e1.txt overlap");
    }

    @Test
    void anArchiveUnpacksToNoMoreThanTheSettingLets() throws IOException {
        Path path = zip(140);
        assertThat(read(path, SmallData.STORAGE)).isEqualTo(140);
        assertThatThrownBy(() -> read(path, with(Expansion.MOST, 100)))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("bytes unpack to 146800640 and more; where that is right, raise"
                        + " hope.input.max-expansion (--conf spark.hadoop.hope.input.max-expansion=N");
    }

    @Test
    void aCompressedFileUnpacksToNoMoreThanTheSettingLetsAndKeepsWhatCameBefore() throws IOException {
        String row = "{\"text\": \"" + "a".repeat(1 << 20) + "\"}\n";
        Path path = folder.resolve("a.jsonl.zst");
        byte[] frame = Zstd.compress(row.getBytes(StandardCharsets.UTF_8), 3);
        try (OutputStream out = Files.newOutputStream(path)) {
            for (int i = 0; i < 200; i++) {
                out.write(frame);
            }
        }
        assertThat(read(path, with(Expansion.MOST, 100_000))).isEqualTo(200);
        assertThatThrownBy(() -> read(path, SmallData.STORAGE))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.jsonl.zst, after line 12")
                .hasMessageContaining("and more; where that is right, raise hope.input.max-expansion");
    }
}
