package org.hopespark.jobs.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.io.Storage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutcomeTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private boolean isQuiet(String... paths) {
        String inputs = String.join(
                ", ",
                java.util.Arrays.stream(paths)
                        .map(path -> "{path: '" + folder.resolve(path) + "'}")
                        .toList());
        PrepareConfig config = PrepareConfig.of(Settings.parse("test", "{inputs: [" + inputs + "], output: out}"));
        return Outcome.isQuiet(
                config.inputs(),
                new Storage(new Configuration()),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @Test
    void aNightIsQuietIfNoFileHasCome() throws IOException {
        Files.createDirectories(folder.resolve("empty/deep"));
        Files.writeString(Files.createDirectories(folder.resolve("hidden")).resolve(".a.jsonl.tmp"), "");
        Files.writeString(Files.createDirectories(folder.resolve("full")).resolve("a.jsonl"), "");

        assertThat(isQuiet("empty")).isTrue();
        assertThat(isQuiet("none", "hidden", "*/*.parquet")).isTrue();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("nothing to do: no file has come to " + folder.resolve("empty"))
                .contains(folder.resolve("none") + ", " + folder.resolve("hidden"));
        assertThat(isQuiet("empty", "full")).isFalse();
    }
}
