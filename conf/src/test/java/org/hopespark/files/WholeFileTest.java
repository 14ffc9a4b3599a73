package org.hopespark.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeFileTest {
    @TempDir
    private java.nio.file.Path folder;

    private final LocalFileSystem local = FileSystem.getLocal(new Configuration());

    WholeFileTest() throws IOException {}

    private Path path(String name) {
        return new Path(folder.resolve(name).toUri());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileIsWrittenAndReplacedAndNothingIsLeftBeside(boolean raw) throws IOException {
        FileSystem files = raw ? local.getRaw() : local;
        WholeFile.write(files, path("new/a b'[1].json"), "one".getBytes(UTF_8));
        WholeFile.write(files, path("new/a b'[1].json"), "two".getBytes(UTF_8));
        assertThat(folder.resolve("new/a b'[1].json")).hasContent("two");
        try (var entries = Files.list(folder.resolve("new"))) {
            assertThat(entries).hasSize(1);
        }
    }

    /** Hadoop would refuse to read the new content by the checksums of the old one. */
    @Test
    void whatWasWrittenWithChecksumsIsReplacedWithThem() throws IOException {
        try (var out = local.create(path("a"))) {
            out.writeBytes("old");
        }
        assertThat(folder.resolve(".a.crc")).exists();
        WholeFile.write(local, path("a"), "new".getBytes(UTF_8));
        try (var in = local.open(path("a"))) {
            assertThat(in.readAllBytes()).isEqualTo("new".getBytes(UTF_8));
        }
    }

    @Test
    void aFileThatCannotBeWrittenLeavesTheOldOne() throws IOException {
        WholeFile.write(local, path("a"), "old".getBytes(UTF_8));
        assertThatThrownBy(() -> WholeFile.write(local, path("a/below"), "new".getBytes(UTF_8)))
                .isInstanceOf(IOException.class);
        assertThat(folder.resolve("a")).hasContent("old");
    }

    @Test
    void aTemporaryFileGetsItsNameInAFolderThatIsMade() throws IOException {
        Files.writeString(folder.resolve(".temporary"), "new");
        Files.createDirectory(folder.resolve("to"));
        Files.writeString(folder.resolve("to/a"), "old");
        WholeFile.publish(local.getRaw(), path(".temporary"), path("to/a"));
        assertThat(folder.resolve("to/a")).hasContent("new");
        assertThat(folder.resolve(".temporary")).doesNotExist();
        Files.writeString(folder.resolve(".temporary"), "newer");
        WholeFile.publish(local.getRaw(), path(".temporary"), path("made/b"));
        assertThat(folder.resolve("made/b")).hasContent("newer");
    }
}
