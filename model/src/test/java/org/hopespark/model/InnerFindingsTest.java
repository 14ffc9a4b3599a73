package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.InnerStatistics.Chunk;
import org.hopespark.model.InnerStatistics.Head;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statistics that are made up, 40 chunks of 4 tokens and two heads, and what is said about them. */
final class InnerFindingsTest {
    private static final ModelConfig MODEL =
            Tiny.config("model.memory.input-rate=0.03").model();
    private static final List<String> MEMORIES = List.of("key", "main");
    private static final int CHUNKS = 40;

    @FunctionalInterface
    private interface Made {
        Head head(int chunk, int head);
    }

    private static Head healthy(int chunk) {
        return head(0.9 + 1e-4 * chunk, 0.2 + 1e-4 * chunk, 0, 0.5, 1, 1);
    }

    private static Head head(double alpha, double eta, double capped, double written, double key, double main) {
        return new Head(alpha, eta, 1, capped, written, List.of(key, main), List.of(0.1, 0.1));
    }

    private static InnerStatistics statistics(Made made) {
        List<Chunk> chunks = new ArrayList<>();
        for (int c = 0; c < CHUNKS; c++) {
            int chunk = c;
            chunks.add(new Chunk(
                    4 * (c + 1),
                    IntStream.range(0, 2).mapToObj(h -> made.head(chunk, h)).toList()));
        }
        return new InnerStatistics(0, chunks, MEMORIES);
    }

    private static List<Finding> findings(ModelConfig model, int[] starts, Made made) {
        long[] ids = new long[4 * CHUNKS];
        return InnerFindings.of(List.of(statistics(made)), new TokenBatch.Sequence(ids, ids, starts), model);
    }

    @Test
    void oneBlockThatRemembersAndIsWrittenIsEnoughForAll() {
        InnerStatistics well = statistics((chunk, head) -> healthy(chunk));
        InnerStatistics less = statistics((chunk, head) -> head(0.5 + 1e-5 * chunk, 0.2 + 1e-5 * chunk, 0, 0.04, 1, 1));
        long[] ids = new long[4 * CHUNKS];
        TokenBatch.Sequence row = new TokenBatch.Sequence(ids, ids, new int[0]);
        assertThat(InnerFindings.of(List.of(well, less), row, MODEL)).isEmpty();
        assertThat(InnerFindings.of(List.of(less, less), row, MODEL))
                .extracting(Finding::illness)
                .containsExactly(Illness.SHORT_MEMORY, Illness.DEAD_MEMORY);
        InnerStatistics dead = statistics((chunk, head) -> head(0.9 + 1e-5 * chunk, 0.2 + 1e-5 * chunk, 0, 0.02, 1, 1));
        InnerStatistics third = new InnerStatistics(2, dead.chunks(), dead.memories());
        assertThat(InnerFindings.of(List.of(well, third), row, MODEL))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.DEAD_MEMORY);
                    assertThat(finding.text()).startsWith("block 2, memory main");
                });
    }

    private static Finding only(Made made, int... starts) {
        List<Finding> findings = findings(MODEL, starts, made);
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    @Test
    void trainingReportsFindingsWithItsStatistics() {
        RunConfig config = Tiny.config(
                "model.memory.error-cap=1e-3", "model.memory.input-rate=0.03", "training.statistics-every-steps=2");
        List<StepReport> reports = new ArrayList<>();
        try (Network network = new Network(config)) {
            loop(config, network, Tiny.batch(1, 1, Tiny.TOKENS), reports).run(1, 2);
        }
        assertThat(reports)
                .hasSize(2)
                .allSatisfy(
                        report -> assertThat(report.statistics().orElseThrow().findings())
                                .extracting(Finding::illness)
                                .contains(Illness.CAPPED_ERRORS));
    }

    @Test
    void divergenceIsTracedToTheMemoryThatHasMovedFurthest() {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config)) {
            Tiny.set(requireNonNull(Tiny.gradients(network).get("blocks.1.mixer.gate")), 7, Double.NaN);
            network.levels().sectionsLoaded();
            assertThatThrownBy(() -> loop(config, network, Tiny.batch(1, 1, Tiny.TOKENS), new ArrayList<>())
                            .run(1, 1))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("blocks.1.mixer.gate")
                    .hasMessageMatching(
                            ".*; block [01], head [01], memory \\w+ has moved furthest, by .* of its norm, 16"
                                    + " tokens after the document's start: lower model.memory.*");
        }
    }

    private static TrainingLoop loop(RunConfig config, Network network, TokenBatch batch, List<StepReport> reports) {
        return new TrainingLoop(
                config,
                network,
                BoundarySync.alone(),
                step -> new WorkerBatch(List.of(batch)),
                reports::add,
                (step, windows) -> {});
    }

    @Test
    void healthyMemoriesAreNotTalkedAbout() {
        assertThat(findings(MODEL, new int[0], (chunk, head) -> healthy(chunk))).isEmpty();
        assertThat(InnerFindings.of(List.of(), new TokenBatch.Sequence(new long[4], new long[4], new int[0]), MODEL))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0.29", "3.1", "NaN", "Infinity"})
    void aStateOutOfBoundsIsNamedWhereItLeavesThemCountedFromItsDocument(double norm) {
        Made made = (chunk, head) -> chunk >= 12 && head == 1 ? head(0.9, 0.2, 1, 0, norm, 1) : healthy(chunk);
        // chunk 12 ends after 52 tokens, 20 of them in the document that starts at 32
        Finding finding = only(made, 0, 32);
        assertThat(finding.illness()).isEqualTo(Illness.STATE);
        assertThat(finding.text())
                .contains("block 0, head 1, memory key", "20 tokens after the document's start", "others-rate (0.05)");
    }

    @Test
    void theSettingToChangeIsThatOfTheMemoryAndTheDirection() {
        Made main = (chunk, head) -> head(0.9, 0.2, 0, 0.5, 1, 4);
        assertThat(only(main).text()).contains("lower model.memory.input-rate (0.03)");
        assertThat(findings(Tiny.config().model(), new int[0], main))
                .singleElement()
                .satisfies(finding -> assertThat(finding.text()).contains("lower model.memory.value-scale (1.0)"));
        assertThat(findings(Tiny.config("model.memory.inner-rule=gd").model(), new int[0], main))
                .singleElement()
                .satisfies(finding -> assertThat(finding.text()).contains("lower model.memory.eta-start (0.2)"));
        Made shrunk = (chunk, head) -> head(0.9, 0.2, 0, 0.5, 0.1, 1);
        assertThat(findings(Tiny.config("model.memory.decay=zero").model(), new int[0], shrunk))
                .singleElement()
                .satisfies(finding -> assertThat(finding.text()).contains("set model.memory.decay to start"));
    }

    @Test
    void memoriesThatAreHardlyWrittenAreDeadOnceADocumentIsLongEnough() {
        // in the first 64 tokens of a document memories are still empty
        assertThat(findings(
                        MODEL,
                        new int[0],
                        (chunk, head) -> chunk < 16 ? head(0.9, chunk, 0, 0.01, 1, 1) : healthy(chunk)))
                .isEmpty();
        Finding finding = only((chunk, head) -> chunk < 16 ? healthy(chunk) : head(0.9, chunk, 0, 0.09, 1, 1));
        assertThat(finding.illness()).isEqualTo(Illness.DEAD_MEMORY);
        assertThat(finding.text()).contains("9.00 %", "block 0, memory main", "model.memory.eta-start");
        // documents of 60 tokens say nothing
        assertThat(findings(
                        MODEL, new int[] {0, 60, 120}, (chunk, head) -> head(0.9 + 1e-5 * chunk, chunk, 0, 0, 1, 1)))
                .isEmpty();
    }

    @Test
    void aShortMemoryCappedErrorsAndAGateThatNeverMovesAreNamed() {
        assertThat(only((chunk, head) -> head(0.5 + 1e-5 * chunk, 0.2 + 1e-5 * chunk, 0, 0.5, 1, 1)))
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.SHORT_MEMORY);
                    assertThat(finding.text()).contains("a chunk of 4 tokens", "model.memory.retention-bias-last");
                });
        assertThat(only((chunk, head) -> head(0.9 + 1e-5 * chunk, 0.2 + 1e-5 * chunk, head == 1 ? 0.02 : 0, 0.5, 1, 1)))
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.CAPPED_ERRORS);
                    assertThat(finding.text()).contains("head 1", "2.00 %", "model.memory.error-cap");
                });
        assertThat(only((chunk, head) -> head(0.9, 0.2 + 1e-5 * chunk, 0, 0.5, 1, 1)))
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.FROZEN_GATE);
                    assertThat(finding.text()).contains("the gate alpha", "retention-bias");
                });
    }
}
