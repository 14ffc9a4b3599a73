package org.hopespark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hopespark.bench.StepWorker.Meeting;
import org.hopespark.bench.TransportBenchmark.Rate;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class BenchClusterCommandTest {
    private static final String LEVELS =
            "levels=[{period-steps: 1, continuum-hidden: 16}, {period-steps: 2, continuum-hidden: 48}]";

    private static final List<String> SMALL =
            List.of("model.blocks=1", "model.width=64", "model.context-tokens=64", LEVELS);

    @TempDir
    private Path folder;

    @Test
    @Tag("slow")
    void workersInProcessesOfTheirOwnSendTheBytesOfTheFormula() throws IOException {
        Path json = folder.resolve("figures.json");
        StringWriter out = new StringWriter();

        int exit = new CommandLine(new BenchClusterCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(
                        "--steps-only",
                        "--links=loopback",
                        "--workers=2",
                        "--exchanges=full,overlap,int8",
                        "--steps=4",
                        "--json=" + json,
                        "--set=model.blocks=1",
                        "--set=model.width=64",
                        "--set=" + LEVELS);

        assertThat(exit).isZero();
        JsonNode rows = new ObjectMapper().readTree(Files.readString(json)).get("steps");
        assertThat(rows.findValuesAsText("mode"))
                .containsExactly(
                        "every level at every step",
                        "level-wise, overlap",
                        "every level at every step",
                        "level-wise, overlap",
                        "approximate: int8 wire");
        assertThat(rows.findValuesAsText("link")).containsExactly("none", "none", "loopback", "loopback", "loopback");
        JsonNode overlap = rows.get(3);
        long fast = overlap.get("bytes").get(0).asLong();
        long slow = overlap.get("bytes").get(1).asLong();
        // up, down and their scale: 2 * 64 * 48 weights at least, 4 bytes each, to the owner and back, twice in 4 steps
        assertThat(slow).isBetween(2L * 2 * 4 * 2 * 64 * 48, 3L * 2 * 4 * 2 * 64 * 48);
        assertThat(overlap.get("peakToMean").asDouble()).isEqualTo((fast / 4.0 + slow / 2.0) / ((fast + slow) / 4.0));
        // 17 bytes for 16 numbers
        assertThat(rows.get(4).get("bytes").get(1).asLong()).isEqualTo(slow / 64 * 17);
        assertThat(rows.get(1).get("bytes").toString()).isEqualTo("[0,0]");
        assertThat(out.toString())
                .contains("bytes against 2 (N-1) b P / C: equal in all rows")
                .containsPattern("2 workers, loopback: every step \\d+\\.\\d+, level-wise with overlap \\d+\\.\\d+ of");
    }

    @Test
    void bytesThatAreNotThoseOfTheFormulaAreTold() {
        StepRow row = new StepRow("plain", 2, "level-wise", 4, 1, 1, 1, 1, 0, 1, List.of(8L, 7L), List.of(8L, 4L), 2);

        assertThat(row.bytesAreExpected()).isFalse();
        assertThat(StepTable.lines(List.of(row)))
                .anyMatch(line -> line.contains("DIFFERENT: [8, 7] instead of [8, 4]"))
                .contains("bytes against 2 (N-1) b P / C: DIFFERENT in 1 rows");
    }

    @Test
    void theGoalCountsWhereEveryStepIsTooMuchForTheLink() {
        assertThat(StepTable.lines(List.of(row(Mode.FULL, 0.4), row(Mode.OVERLAP, 0.95))))
                .anyMatch(line -> line.contains("every step 0.400, level-wise with overlap 0.950")
                        && line.endsWith("(goal 0.9: reached)"));
        assertThat(StepTable.lines(List.of(row(Mode.FULL, 0.4), row(Mode.OVERLAP, 0.8))))
                .anyMatch(line -> line.endsWith("(goal 0.9: not reached)"));
        assertThat(StepTable.lines(List.of(row(Mode.FULL, 0.6), row(Mode.OVERLAP, 0.8))))
                .anyMatch(line -> line.endsWith("(no goal: the link is fast enough for every step)"));
    }

    private static StepRow row(Mode mode, double ofAlone) {
        return new StepRow("1gbit/1ms", 2, mode.name(), 4, 1, 1, 1, 1, 0, ofAlone, List.of(8L), List.of(8L), 2);
    }

    @Test
    void transportsHaveGoalsFrom64MiBOn() {
        assertThat(TransportTable.lines(List.of(
                        new Rate("bare sockets", 64, 2, 1),
                        new Rate("nio", 16, 1, 0.5),
                        new Rate("nio", 64, 1.8, 0.9),
                        new Rate("spark, AES-CTR", 64, 0.8, 0.4))))
                .endsWith(
                        "| bare sockets | 64 | 2.00 | 1.00 |  |",
                        "| nio | 16 | 1.00 | 0.50 |  |",
                        "| nio | 64 | 1.80 | 0.90 | 0.9: reached |",
                        "| spark, AES-CTR | 64 | 0.80 | 0.40 | 0.5: not reached |");
    }

    @Test
    @Tag("slow")
    void theRelayDelaysAndLosesNothing() throws IOException, InterruptedException {
        Link link = new Link("1gbit/20ms", 0, 20);

        List<StepFigures> figures = WorkerGroup.train(
                new Site.Loopback("127.0.0.1"), link, 2, Meeting.BOUNDARIES, 2, RunConfig.read("quickstart", SMALL));

        assertThat(figures).hasSize(2);
        // the opening of a step, and each half of a sum, goes to the other worker and back
        assertThat(figures.get(0).exposedSeconds()).isGreaterThan(2 * 0.02);
    }

    @Test
    void aWorkerThatFailsSaysWhy() {
        Site elsewhere = new Site.Loopback("192.0.2.1"); // nobody's (RFC 5737)

        assertThatThrownBy(() -> WorkerGroup.train(
                        elsewhere, Link.LOOPBACK, 2, Meeting.BOUNDARIES, 1, RunConfig.read("quickstart", SMALL)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("worker 0 ended with 1: ")
                .hasMessageContaining("BindException");
    }

    @Test
    void linksAreReadAsTheyAreWritten() {
        assertThat(Link.parse("1gbit/20ms")).isEqualTo(new Link("1gbit/20ms", 1_000_000_000, 20));
        assertThat(Link.parse("100Mbit/0ms")).isEqualTo(new Link("100mbit/0ms", 100_000_000, 0));
        assertThat(Link.parse("plain").bitsPerSecond()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--links=1gbit", "--steps=63", "--workers=3", "--workers=1", "--sizes-mib=0"})
    void mistakesAreToldBeforeAnythingIsMeasured(String option) {
        CommandLine line = new CommandLine(new BenchClusterCommand());
        BenchClusterCommand command = line.getCommand();
        line.parseArgs(option);
        assertThatThrownBy(command::call)
                .isInstanceOf(UserException.class)
                .hasMessageContaining(option.substring(0, option.indexOf('=')));
    }
}
