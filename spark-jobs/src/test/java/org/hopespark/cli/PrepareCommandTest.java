package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrepareCommandTest {
    @TempDir
    private Path folder;

    private static PrepareConfig resolve(String... arguments) {
        PrepareCommand command = new PrepareCommand();
        new CommandLine(command).parseArgs(arguments);
        return command.resolve();
    }

    @Test
    void optionsLieOverTheFileAndSetLiesOverBoth() throws IOException {
        Path file = Files.writeString(
                folder.resolve("p.yaml"),
                "inputs: [{path: from-file.txt}]\noutput: file-out\nlanes: 8\ntokenizer: gpt2\n");

        PrepareConfig config = resolve(
                "--config=" + file,
                "--input=a.jar",
                "--input=b.zip",
                "--entries=**/*.java",
                "--tokenizer=bytes",
                "--max-bad=3",
                "--set=seed=9",
                "--set=inputs.1.format=archive");

        assertThat(config.inputs()).extracting(PrepareConfig.Input::path).containsExactly("a.jar", "b.zip");
        assertThat(config.inputs()).extracting(PrepareConfig.Input::entries).containsOnly("**/*.java");
        assertThat(config.inputs().get(1).format()).isEqualTo(Format.ARCHIVE);
        assertThat(config.output()).isEqualTo("file-out");
        assertThat(config.tokenizer()).isEqualTo("bytes");
        assertThat(config.lanes()).isEqualTo(8);
        assertThat(config.seed()).isEqualTo(9);
        assertThat(config.maxBad()).isEqualTo(3);
    }

    @Test
    void theColumnOfTextsIsThatOfTheInputsOfTheCommandLine() {
        assertThat(resolve("--input=a.jsonl", "--input=b", "--output=o", "--text-column=content")
                        .inputs())
                .extracting(PrepareConfig.Input::textColumn)
                .containsExactly("content", "content");
        assertThat(resolve("--input=a.jsonl", "--output=o").inputs())
                .extracting(PrepareConfig.Input::textColumn)
                .containsExactly("text");
        assertThatThrownBy(() -> resolve("--config=prepare", "--text-column=content"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--text-column goes with --input");
    }

    @Test
    void theShippedConfigurationLoadsAndReadsBackEqual() {
        PrepareConfig config = resolve("--config=prepare");

        assertThat(config.inputs()).hasSize(2);
        assertThat(PrepareConfig.of(Settings.parse("printed", Settings.print(config))))
                .isEqualTo(config);
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> resolve("--output=out"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("command line: every one of inputs needs a path")
                .hasMessageContaining("--input PATH");
        assertThatThrownBy(() -> resolve("--input=a.txt"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("output must name a folder");
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> resolve("--input=a.txt", "--output=o", "--set=align-tokens=48"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("align-tokens must divide sequence-tokens 512, got 48");
    }
}
