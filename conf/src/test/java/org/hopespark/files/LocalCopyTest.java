package org.hopespark.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalCopyTest {
    /** A folder of this machine under another scheme. */
    public static final class Elsewhere extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("elsewhere:///");
        }
    }

    @TempDir
    private Path folder;

    private final Configuration hadoop = new Configuration();

    LocalCopyTest() {
        hadoop.setClass("fs.elsewhere.impl", Elsewhere.class, FileSystem.class);
    }

    @Test
    void aLocalFileIsReadWhereItIs() throws IOException {
        Path file = Files.writeString(folder.resolve("my.yaml"), "seed: 1");
        assertThat(of(file.toString())).isEqualTo(file);
        assertThat(of(file.toUri().toString())).isEqualTo(file);
    }

    @Test
    void filesAndFoldersOfOtherFileSystemsAreCopied() throws IOException {
        Path file = Files.writeString(
                Files.createDirectories(folder.resolve("tasks/below")).resolve("piqa.jsonl"), "{}");
        Path copy = of("elsewhere://" + file);
        assertThat(copy).hasFileName("piqa.jsonl").hasContent("{}").isNotEqualTo(file);
        Path all = of("elsewhere://" + folder.resolve("tasks"));
        assertThat(all.resolve("below/piqa.jsonl")).hasContent("{}");
        try (var files = Files.list(all.resolve("below"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aPathWithoutSchemeMayBeOneOfTheDefaultFileSystem() throws IOException {
        hadoop.set(FileSystem.FS_DEFAULT_NAME_KEY, "elsewhere:///");
        assertThat(of("/nowhere/my.yaml")).isEqualTo(Path.of("/nowhere/my.yaml"));
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> of("elsewhere:///nowhere/my.yaml"))
                .isInstanceOf(UserException.class)
                .hasMessage("no such file or folder: elsewhere:///nowhere/my.yaml");
    }

    /** As in the working folder of a container, where spark-submit puts what {@code --files} name. */
    @Test
    void aShippedFileIsFoundByItsName() throws IOException {
        Path shipped = Files.createTempFile(Path.of(""), "shipped", ".yaml");
        try {
            assertThat(of("/home/of/the/user/" + shipped.getFileName())).isEqualTo(shipped);
            assertThat(of("file:///home/of/the/user/" + shipped.getFileName())).isEqualTo(shipped);
        } finally {
            Files.delete(shipped);
        }
    }

    private Path of(String place) {
        return LocalCopy.of(place, () -> hadoop);
    }
}
