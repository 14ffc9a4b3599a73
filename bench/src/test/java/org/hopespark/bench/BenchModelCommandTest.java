package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchModelCommandTest {
    @TempDir
    private Path folder;

    @Test
    @Tag("slow")
    void everyModelHasARowAtEveryContextWithFiguresOfItsOwnProcess() throws IOException {
        Path json = folder.resolve("figures.json");
        StringWriter out = new StringWriter();

        int exit = new CommandLine(new BenchModelCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(
                        "--contexts=64,128",
                        "--seconds=0.1",
                        "--json=" + json,
                        "--set=model.vocabulary-size=257",
                        "--set=model.blocks=1");

        assertThat(exit).isZero();
        JsonNode rows = new ObjectMapper().readTree(Files.readString(json));
        assertThat(rows).hasSize(8);
        for (JsonNode row : rows) {
            assertThat(row.get("parameters").asDouble())
                    .as(row.toString())
                    .isBetween(
                            0.98 * rows.get(0).get("parameters").asDouble(),
                            1.02 * rows.get(0).get("parameters").asDouble());
            assertThat(row.get("tokens").asInt()).isEqualTo(row.get("context").asInt());
            assertThat(row.get("forwardSeconds").asDouble())
                    .isPositive()
                    .isLessThan(row.get("stepSeconds").asDouble());
            assertThat(row.get("calls").asInt()).isGreaterThan(5);
            assertThat(row.get("liveArrays").asInt()).isPositive();
        }
        assertThat(out.toString())
                .contains("| Hope | 64 |", "| Hope, recomputed | 128 |")
                .containsPattern("Hope / Transformer\\+\\+ at 128: \\d+\\.\\d+ of the tokens/s")
                .containsPattern("Hope, recomputed, context 128 over 64: \\d+\\.\\d+ \\(goal: flat, at most 1.1: ")
                .containsPattern("largest share of the optimizer: \\d+\\.\\d %");
    }

    @Test
    void theModelsMayBeAnyPresets() {
        StringWriter out = new StringWriter();

        int exit = new CommandLine(new BenchModelCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(
                        "--models=deltanet-nano,titans-mac-nano",
                        "--contexts=128",
                        "--seconds=0.1",
                        "--set=model.blocks=1");

        assertThat(exit).isZero();
        assertThat(out.toString())
                .contains("| deltanet-nano | 128 |", "| titans-mac-nano | 128 |")
                .doesNotContain("Transformer++");
        CommandLine line = new CommandLine(new BenchModelCommand());
        BenchModelCommand command = line.getCommand();
        line.parseArgs("--models=deltanet-20");
        assertThatThrownBy(command::call).isInstanceOf(UserException.class).hasMessageContaining("deltanet-20m");
    }

    @Test
    void aProcessThatFailsSaysWhy() {
        assertThatThrownBy(() -> new ModelCell("Hope", 64, List.of("model.widht=3")).measure(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("unknown setting: model.widht");
        ArrayNode rows = new ObjectMapper().createArrayNode();
        rows.addObject().put("model", "Hope").put("context", 64).put("failure", "ended with 137");
        assertThat(ModelTable.lines(rows)).contains("| Hope | 64 | failed: ended with 137 |");
    }

    @Test
    void mistakesAreToldBeforeAnythingIsMeasured() {
        CommandLine line = new CommandLine(new BenchModelCommand());
        BenchModelCommand command = line.getCommand();
        line.parseArgs("--contexts=100");
        assertThatThrownBy(command::call)
                .isInstanceOf(UserException.class)
                .hasMessageContaining("chunk-tokens 64 must divide context-tokens 100");
    }
}
