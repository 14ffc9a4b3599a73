package org.hopespark.jobs.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskSpaceCheckTest {
    private final Configuration hadoop = new Configuration();

    @TempDir
    private Path folder;

    @Test
    void aFolderWithRoomIsFineAndLeftAsItWas() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        assertThat(DiskSpaceCheck.forCheckpointsOf(10, run.toString(), hadoop).problems())
                .isEmpty();
        assertThat(run.resolve(".writable")).doesNotExist();
    }

    @Test
    void tooLittleRoomIsToldWithBothNumbers() {
        assertThat(DiskSpaceCheck.forCheckpointsOf(1L << 58, folder.toString(), hadoop)
                        .problems())
                .singleElement()
                .asString()
                .contains("bytes free, a checkpoint takes about 4,611,686,018,427,387,904: make room");
    }

    @Test
    void aFolderThatCannotBeWrittenIsTold() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(DiskSpaceCheck.forCheckpointsOf(10, file.resolve("run").toString(), hadoop)
                        .problems())
                .singleElement()
                .asString()
                .contains("cannot be written");
    }
}
