package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class ConfigCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return command.execute(arguments);
    }

    @Test
    void whatItPrintsIsAConfigurationThatSaysWhatEverySettingMeans() {
        assertThat(run("config", "hope-nano", "--set", "training.steps=7")).isZero();
        RunConfig expected = RunConfig.read("hope-nano", List.of("training.steps=7"));
        assertThat(RunConfig.parse("printed", out.toString())).isEqualTo(expected);
        assertThat(out.toString()).contains("  # optimizer steps of the run\n  steps: 7\n");
    }

    @Test
    void prepareAndCorpusHaveConfigurationsToo() {
        assertThat(run("config", "prepare")).isZero();
        assertThat(PrepareConfig.of(Settings.parse("printed", out.toString())))
                .isEqualTo(PrepareConfig.of(Settings.read("prepare")));
        out.getBuffer().setLength(0);
        assertThat(run("config", "corpus")).isZero();
        assertThat(CorpusConfig.of(Settings.parse("printed", out.toString())))
                .isEqualTo(CorpusConfig.of(Settings.read("corpus")));
    }

    @Test
    void aFileIsNeverReplaced(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("my.yaml");
        assertThat(run("init", "hope-nano", "--output", file.toString())).isZero();
        assertThat(RunConfig.read(file.toString(), List.of())).isEqualTo(RunConfig.read("hope-nano", List.of()));
        Files.writeString(file, "mine");
        assertThat(run("init", "--output", file.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("my.yaml exists: name a new file, or remove it");
        assertThat(file).hasContent("mine");
    }
}
