package org.hopespark.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScratchFolderTest {
    @TempDir
    private Path disk;

    @Test
    void itIsOneOfTheFoldersThatTheClusterManagerLends() {
        assertThat(ScratchFolder.of(Map.of("LOCAL_DIRS", disk.toString(), "SPARK_LOCAL_DIRS", "/other")))
                .contains(disk + "/hope-natives");
        assertThat(ScratchFolder.of(Map.of("SPARK_EXECUTOR_DIRS", disk.toString())))
                .contains(disk + "/hope-natives");
        assertThat(ScratchFolder.of(Map.of())).isEmpty();
    }

    @Test
    void whereAnotherProcessHasUnpackedGoesBeforeTheLargest() throws IOException {
        Path taken = Files.createDirectories(disk.resolve("second/hope-natives"));
        assertThat(ScratchFolder.of(Map.of("LOCAL_DIRS", disk.resolve("first") + "," + disk.resolve("second"))))
                .contains(taken.toString());
        assertThat(ScratchFolder.of(Map.of("LOCAL_DIRS", "/nowhere/at/all," + disk)))
                .contains(disk + "/hope-natives");
    }

    @Test
    void theUsersFolderStays() {
        assertThat(ScratchFolder.of(Map.of("LOCAL_DIRS", disk.toString(), "DJL_CACHE_DIR", "/shared/djl")))
                .isEmpty();
    }
}
