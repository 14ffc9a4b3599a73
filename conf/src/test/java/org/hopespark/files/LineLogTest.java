package org.hopespark.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineLogTest {
    @TempDir
    private java.nio.file.Path folder;

    /** Like an object store it has no append. */
    private static final class WithoutAppend extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("without:///");
        }

        @Override
        public boolean hasPathCapability(Path path, String capability) {
            return false;
        }
    }

    private FileSystem withoutAppend() throws IOException {
        FileSystem files = new WithoutAppend();
        files.initialize(URI.create("without:///"), new Configuration());
        return files;
    }

    private Path path() {
        return new Path(folder.resolve("log").toString());
    }

    private List<String> lines(FileSystem files) throws IOException {
        List<String> lines = new ArrayList<>();
        LineLog.forEach(files, path(), lines::add);
        return lines;
    }

    @Test
    void linesAreSeenAtOnceAndACutOneIsRemoved() throws IOException {
        FileSystem files = FileSystem.getLocal(new Configuration()).getRaw();
        assertThat(LineLog.exists(files, path())).isFalse();
        try (LineLog log = new LineLog(files, path(), line -> true)) {
            log.add("one");
            assertThat(lines(files)).containsExactly("one");
            log.add("two");
        }
        Files.writeString(folder.resolve("log"), "one\ntwo\nthr");
        try (LineLog log = new LineLog(files, path(), line -> !line.equals("thr"))) {
            log.add("four");
        }
        assertThat(folder.resolve("log")).hasContent("one\ntwo\nfour\n");
        assertThat(LineLog.exists(files, path())).isTrue();
    }

    /** A disk that loses its power may leave pages of zeros, and a line without its end. */
    @Test
    void whatIsNoLineIsRemovedAndTheNextOneBeginsALine() throws IOException {
        FileSystem files = FileSystem.getLocal(new Configuration()).getRaw();
        Files.writeString(folder.resolve("log"), "{1}\n\0\0\0\n{2}");
        try (LineLog log = new LineLog(files, path(), line -> line.startsWith("{"))) {
            log.add("{3}");
        }
        assertThat(folder.resolve("log")).hasContent("{1}\n{2}\n{3}\n");
    }

    @Test
    void whereNothingCanBeAppendedSegmentsAreReadAsOneLog() throws IOException {
        FileSystem files = withoutAppend();
        try (LineLog log = new LineLog(files, path(), line -> true)) {
            log.add("one");
            log.add("two");
            log.sync();
            log.sync();
            assertThat(lines(files)).containsExactly("one", "two");
            log.add("three");
        }
        try (LineLog log = new LineLog(files, path(), line -> true)) {
            log.add("four");
        }
        assertThat(lines(files)).containsExactly("one", "two", "three", "four");
        assertThat(folder.resolve("log")).doesNotExist();
        assertThat(folder.resolve("log.segments")).isDirectoryContaining("glob:**/00000003");
        assertThat(LineLog.exists(files, path())).isTrue();
    }
}
