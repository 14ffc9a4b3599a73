package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UserFilesTest {
    @TempDir
    private Path folder;

    @Test
    void figuresGoToThisMachineOrToTheFileSystemOfAScheme() throws IOException {
        Path local = folder.resolve("local.json");
        UserFiles.writeJson(local.toString(), Map.of("workers", 2));
        assertThat(local).content().isEqualToIgnoringWhitespace("{\"workers\": 2}");
        Path named = folder.resolve("named.json");
        UserFiles.writeJson("file:" + named, Map.of("workers", 4));
        assertThat(named).content().isEqualToIgnoringWhitespace("{\"workers\": 4}");
    }
}
