package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.run.TextFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedRequestsTest {
    private final Path folder;

    SavedRequestsTest(@TempDir Path fresh) {
        folder = fresh.resolve("requests");
    }

    @Test
    void whatOneCellHasAskedTheNextKnows() throws IOException {
        try (SavedRequests first = open()) {
            assertThat(first.find("a")).isEmpty();
            first.add("a", "-1.5 1 true");
            assertThat(first.find("a")).contains("-1.5 1 true");
        }
        try (SavedRequests second = open()) {
            assertThat(second.find("a")).contains("-1.5 1 true");
            second.add("b", "text\nin lines");
        }
        assertThat(open().find("b")).contains("text\nin lines");
        assertThat(files()).hasSize(2);
    }

    @Test
    void aDamagedFileIsAskedAnewAndTheOthersCount() throws IOException {
        try (SavedRequests first = open()) {
            first.add("a", "1");
        }
        Files.writeString(folder.resolve("half.json"), "{\"b\": \"2");
        Files.writeString(folder.resolve("x.json.unfinished"), "{\"c\": \"3\"}");
        SavedRequests again = open();
        assertThat(again.find("a")).contains("1");
        assertThat(again.find("b")).isEmpty();
        assertThat(again.find("c")).isEmpty();
    }

    @Test
    void aFolderThatCannotBeWrittenLosesNoAnswer() throws IOException {
        Files.writeString(folder, "a file where a folder should be");
        try (SavedRequests requests = open()) {
            requests.add("a", "1");
            assertThat(requests.find("a")).contains("1");
        }
        assertThat(folder).isRegularFile();
    }

    private SavedRequests open() {
        return new SavedRequests(new org.apache.hadoop.fs.Path(folder.toUri()), new TextFiles(new Configuration()));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }
}
