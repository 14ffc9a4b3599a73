package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hopespark.conf.UserException;
import org.hopespark.model.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class HealthCommandTest {
    private static final String CONFIG = """
            seed: 3
            model: {vocabulary-size: 257, width: 32, blocks: 2, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels:
              - {period-steps: 1, continuum-hidden: 16}
              - {period-steps: 4, continuum-hidden: 16}
            """;

    static {
        Network.useThreads(1);
    }

    private final Path folder;
    private final Path config;

    HealthCommandTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        config = Files.writeString(folder.resolve("small.yaml"), CONFIG);
    }

    private record Answer(int exitCode, String out, String err) {}

    private static Answer health(String... arguments) throws IOException {
        HealthCommand command = new HealthCommand();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .parseArgs(arguments);
        return new Answer(command.call(), out.toString(), err.toString());
    }

    @Test
    void aFreshModelThatIsWellEndsWithZeroAndAllFigures() throws IOException {
        Path json = folder.resolve("health.json");
        Answer answer = health("--fresh", "--config=" + config, "--tokens=1024", "--json=" + json);
        assertThat(answer.exitCode()).as(answer.out()).isZero();
        assertThat(answer.out())
                .contains("nothing is ill", "at 1,024", "to 1,024", "tensors without gradient: none")
                .containsPattern("gradient over 1,024 tokens, by level: [0-9.]+, [0-9.]+");
        assertThat(answer.err()).contains("gradient over 256 tokens ...");

        JsonNode figures = new ObjectMapper().readTree(Files.readString(json));
        assertThat(figures.path("contextTokens").asInt()).isEqualTo(64);
        assertThat(figures.path("documentTokens").asInt()).isEqualTo(1024);
        assertThat(figures.has("bitsPerByte")).as("not trained").isFalse();
        JsonNode head = figures.at("/memory/blocks/1/heads/1");
        assertThat(head.path("halfLifeTokens").asDouble()).isBetween(1000.0, 3000.0);
        assertThat(head.path("cappedShare").asDouble()).isZero();
        assertThat(head.at("/writtenShare/2/from").asInt()).isEqualTo(256);
        assertThat(head.at("/writtenShare/2/to").asInt()).isEqualTo(1024);
        assertThat(head.at("/writtenShare/2/share").asDouble()).isPositive();
        assertThat(head.at("/stateNorm/1/tokens").asInt()).isEqualTo(256);
        assertThat(head.at("/stateNorm/1/main").asDouble()).isBetween(0.3, 3.0);
        assertThat(figures.path("gradients")).hasSize(3);
        assertThat(figures.at("/gradients/0/norms")).hasSize(2);
        assertThat(figures.path("tensorsWithoutGradient")).isEmpty();
        assertThat(figures.path("leak").asDouble()).isZero();
        assertThat(figures.path("findings")).isEmpty();
    }

    @Test
    void anIllModelEndsWithOneAndASentence() throws IOException {
        Path json = folder.resolve("health.json");
        Path text = Files.writeString(folder.resolve("text.txt"), "all work and no play ".repeat(9));
        Answer answer = health(
                "--fresh",
                "--config=" + config,
                "--set=model.memory.error-cap=1e-3",
                "--set=model.memory.input-rate=0.03",
                "--text=" + text,
                "--json=" + json);
        assertThat(answer.exitCode()).isOne();
        assertThat(answer.out())
                .containsPattern("ill: capped-errors: block 0, head [01], memory main: the cap cuts 100 %")
                .doesNotContain("nothing is ill");
        JsonNode first = new ObjectMapper().readTree(Files.readString(json)).at("/findings/0");
        assertThat(first.path("illness").asText()).isEqualTo("capped-errors");
        assertThat(first.path("text").asText()).contains("raise model.memory.error-cap (0.001)");
    }

    @Test
    void whatCannotBeReadIsOneLine() {
        assertThatThrownBy(() -> health(folder.resolve("none").toString()))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("no finished checkpoint")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> health("--fresh", "--config=" + folder.resolve("none.yaml")))
                .isInstanceOf(UserException.class)
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> health("--fresh", "--config=" + config, "--text=" + folder.resolve("none.txt")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("none.txt");
    }

    @Test
    void argumentsThatDoNotGoTogetherAreRefusedTogether() {
        assertThatThrownBy(() -> health("--set=seed=2", "--rows=0"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("name either RUN, or --fresh and --config FILE")
                .hasMessageContaining("--text and --set go with --fresh")
                .hasMessageContaining("--rows must be >= 1, got 0");
        assertThatThrownBy(() -> health("run", "--fresh"))
                .hasMessageContaining("name either RUN")
                .hasMessageContaining("--fresh and --config FILE go together");
        assertThatThrownBy(() -> health("--fresh", "--config=" + config, "--tokens=72"))
                .hasMessageContaining(
                        "--tokens must be a multiple of 16 and at least the context of 64 tokens, got 72");
    }

    @Test
    void helpNamesWhatItReads() {
        assertThat(new CommandLine(new HealthCommand()).getUsageMessage())
                .contains("RUN", "--fresh", "--config", "--tokens", "--json", "Ends with 1 if something is ill");
    }
}
