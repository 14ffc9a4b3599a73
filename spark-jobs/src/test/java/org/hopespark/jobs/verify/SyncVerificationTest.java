package org.hopespark.jobs.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.Network;
import org.hopespark.model.ReplicaMismatchException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SyncVerificationTest {
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 1, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 16}
              - {period-steps: 4, continuum-hidden: 16}
              - {period-steps: 16, continuum-hidden: 16}
            training:
              {steps: 16, batch-sequences: 4, warmup-steps: 0, final-learning-rate-factor: 1, learning-rate: 1.0e-3}
            checkpoint: {every-steps: 1000}
            """);

    @BeforeAll
    static void useOneThreadForEachReplica() {
        Network.useThreads(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void workersThatMeetAtBoundariesLearnWhatOneWorkerLearns(int workers) {
        for (ElementType type : List.of(ElementType.FLOAT32, ElementType.FLOAT64)) {
            assertThat(new SyncVerification(CONFIG).compare(type, workers))
                    .hasSize(3)
                    .allMatch(SyncVerification.Row::passes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"replicated", "sharded"})
    void blocksThatTakeTurnsLearnWhatOneWorkerLearnsUnderTheSameSchedule(String optimizer) {
        RunConfig staggered = CONFIG.with(List.of(
                "model.blocks=3", "levels.1.stagger=true", "levels.2.stagger=true", "exchange.optimizer=" + optimizer));
        List<SyncVerification.Row> rows = new SyncVerification(staggered).compare(ElementType.FLOAT64, 2);
        assertThat(rows).hasSize(7).allMatch(SyncVerification.Row::passes);
        assertThat(rows.stream().map(row -> row.level().toString()))
                .contains("L2, C=4, phase 1", "L3, C=16", "L3, C=16, phase 10");
    }

    @ParameterizedTest
    @CsvSource({
        "sum, replicated, 0",
        "sum-of-updates, replicated, 0",
        "sum-of-updates, sharded, 0",
        "mean, sharded, 6",
        "sum-of-updates, sharded, 6"
    })
    void everyReductionIsExactWithTheTrafficOfItsFormula(String reduction, String optimizer, int warmupSteps) {
        RunConfig config = CONFIG.with(List.of(
                "levels.1.reduction=" + reduction,
                "levels.2.reduction=" + reduction,
                "training.warmup-steps=" + warmupSteps,
                "exchange.optimizer=" + optimizer));
        assertThat(new SyncVerification(config).compare(ElementType.FLOAT64, 2))
                .hasSize(3)
                .allMatch(SyncVerification.Row::passes);
    }

    @Test
    void oneLevelIsPlainSynchronousTraining() {
        RunConfig plain = RunConfig.parse("test", CONFIG.print().replaceAll("period-steps: \\d+", "period-steps: 1"));
        assertThat(new SyncVerification(plain).compare(ElementType.FLOAT64, 2))
                .allMatch(SyncVerification.Row::passes)
                .allMatch(row -> row.level().periodSteps() == 1);
    }

    /** How levels travel is no matter of what is learned: not one bit depends on it. */
    @Test
    void howLevelsAreExchangedDoesNotChangeABit() {
        assertExchangeChangesNoBit(3);
    }

    @ParameterizedTest
    @Tag("slow") // 30 s
    @ValueSource(ints = {2, 4})
    void howLevelsAreExchangedAmongFewerAndMoreDoesNotChangeABit(int workers) {
        assertExchangeChangesNoBit(workers);
    }

    private static void assertExchangeChangesNoBit(int workers) {
        RunConfig plain =
                CONFIG.with(List.of("training.batch-sequences=12", "exchange.overlap=false", "exchange.bucket-kib=1"));
        assertAllEqual(
                workers,
                plain.with(List.of("exchange.optimizer=replicated")),
                plain.with(List.of("exchange.optimizer=sharded")),
                plain.with(List.of("exchange.optimizer=replicated", "exchange.overlap=true")),
                plain.with(List.of("exchange.optimizer=sharded", "exchange.overlap=true")));
    }

    /** Windows that a checkpoint finds open are folded into the owners of slices. */
    @Test
    void whoUpdatesDoesNotChangeABitWhereWindowsAreFolded() {
        RunConfig folding = CONFIG.with(List.of("checkpoint.every-steps=3", "exchange.bucket-kib=1"));
        assertAllEqual(
                4,
                folding.with(List.of("exchange.optimizer=replicated")),
                folding.with(List.of("exchange.optimizer=sharded")));
        assertThat(new SyncVerification(folding).compare(ElementType.FLOAT64, 4))
                .allMatch(row -> row.relative() <= SyncVerification.limit(row.type()));
    }

    private static void assertAllEqual(int workers, RunConfig... variants) {
        List<List<Long>> first = new SyncVerification(variants[0]).digests(ElementType.FLOAT32, workers);
        assertThat(first).as("replicas are equal").containsOnly(first.get(0));
        for (RunConfig variant : variants) {
            assertThat(new SyncVerification(variant).digests(ElementType.FLOAT32, workers))
                    .as("%s", variant.exchange())
                    .isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"replicated", "sharded"})
    void workersInARingLearnWhatOneWorkerLearns(String optimizer) {
        RunConfig ring = CONFIG.with(List.of("exchange.ring-above-workers=2", "exchange.optimizer=" + optimizer));
        assertThat(new SyncVerification(ring).compare(ElementType.FLOAT64, 4)).allMatch(SyncVerification.Row::passes);
    }

    @Test
    void aDroppedContributionIsSeen() {
        List<SyncVerification.Row> rows =
                new SyncVerification(CONFIG, DropsRankOne::new, 0).compare(ElementType.FLOAT64, 2);
        assertThat(rows).noneMatch(SyncVerification.Row::passes);
        assertThat(rows.get(0).relative()).isGreaterThan(1e-4);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void aLevelThatIsExchangedAStepEarlyOrLateIsSeen(long late) {
        List<SyncVerification.Row> rows =
                new SyncVerification(CONFIG, sync -> sync, late).compare(ElementType.FLOAT64, 2);
        assertThat(rows.subList(1, 3)).noneMatch(row -> row.relative() <= 1e-6);
    }

    @Test
    void replicasThatDoNotExchangeALevelAreStoppedByName() {
        assertThatThrownBy(() -> new SyncVerification(CONFIG, KeepsLevelTwo::new, 0).compare(ElementType.FLOAT64, 2))
                .isInstanceOf(ReplicaMismatchException.class)
                .hasMessageContaining("level 2")
                .hasMessageContaining("step 5");
    }

    /** A synchroniser that loses what rank 1 has to add. */
    private record DropsRankOne(BoundarySync sync) implements BoundarySync.Forwarding {
        @Override
        public Pending sum(Part part) {
            if (rank() == 1) {
                part.values().clear();
            }
            return sync.sum(part);
        }
    }

    /** A synchroniser that leaves level 2 to each worker. */
    private record KeepsLevelTwo(BoundarySync sync) implements BoundarySync.Forwarding {
        @Override
        public Pending sum(Part part) {
            return part.level().index() == 2 ? () -> Exchange.NONE : sync.sum(part);
        }
    }
}
