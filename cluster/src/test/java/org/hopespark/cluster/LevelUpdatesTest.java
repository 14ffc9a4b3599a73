package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.hopespark.cluster.Replicas.Replica;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.ElementType;
import org.hopespark.model.StepReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What levels make of their windows, and when, on several workers. */
final class LevelUpdatesTest {
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 2, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 16}
              - {period-steps: 4, continuum-hidden: 16}
              - {period-steps: 8, continuum-hidden: 16}
            training:
              {steps: 18, batch-sequences: 4, warmup-steps: 0, final-learning-rate-factor: 1, learning-rate: 1.0e-3}
            checkpoint: {every-steps: 1000}
            exchange: {bucket-kib: 1}
            """);

    private static final String TURNS = "levels.1.stagger=true levels.2.stagger=true";

    private static final String UPDATES = "levels.1.reduction=sum-of-updates levels.2.reduction=sum-of-updates";

    @TempDir
    private Path folder;

    /** Also where the levels' blocks take turns, and where windows are dropped or folded. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "levels.1.reduction=sum levels.2.reduction=sum",
                UPDATES,
                UPDATES + " training.warmup-steps=9 checkpoint.every-steps=3 exchange.optimizer=sharded " + TURNS
            })
    void workersLearnWhatOneWorkerLearnsWithEveryReduction(String settings) {
        assertEqualsOneWorker(with(settings), 3);
    }

    @Test
    void whoUpdatesDoesNotChangeABitOfSummedUpdates() {
        RunConfig config = with(UPDATES + " training.warmup-steps=5 checkpoint.every-steps=7");
        List<Replica> replicated =
                Replicas.train(config.with(List.of("exchange.optimizer=replicated")), 3, ElementType.FLOAT32);
        List<Replica> sharded =
                Replicas.train(config.with(List.of("exchange.optimizer=sharded")), 3, ElementType.FLOAT32);
        assertThat(replicated)
                .extracting(Replica::digests)
                .containsOnly(replicated.get(0).digests());
        assertThat(sharded)
                .extracting(Replica::digests)
                .containsOnly(replicated.get(0).digests());
    }

    /** The summed updates, too, are part of a checkpoint; also for a level that is rounded for the wire. */
    @ParameterizedTest
    @CsvSource({
        "exchange.optimizer=replicated, 2, 6",
        "exchange.optimizer=sharded, 3, 14",
        "levels.1.wire=bfloat16, 3, 14"
    })
    void summedUpdatesGoOnFromACheckpoint(String setting, int workers, int at) {
        RunConfig config = with(UPDATES + " training.warmup-steps=5 checkpoint.every-steps=2 " + setting);
        Replicas.assertResumedEqualsUndisturbed(config, workers, at, folder);
    }

    @Test
    void whatCannotSumUpdatesIsRefused() {
        assertThatThrownBy(() -> with(UPDATES + " levels.1.delay-steps=1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("levels.1: delay-steps 1 and reduction sum-of-updates, which is exchanged at");
        assertThatThrownBy(() -> with(UPDATES + " model.continuum=nested"))
                .hasMessageContaining("reduction sum-of-updates does not go with model.continuum = nested");
        assertThatThrownBy(() -> with("levels.1.reduction=median")).hasMessageContaining("[mean, sum, sum-of-updates]");
    }

    /** Windows are dropped at steps 4 and 8, and a checkpoint folds what is open at 3, 6, 9, ... */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "name=plain",
                TURNS,
                "levels.1.delay-steps=2 levels.2.delay-steps=3",
                "model.continuum=nested",
                TURNS + " exchange.optimizer=sharded checkpoint.every-steps=3",
                "checkpoint.every-steps=3"
            })
    void workersLearnWhatOneWorkerLearnsWhereWarmUpDropsWindows(String settings) {
        RunConfig config = with("training.warmup-steps=9 " + settings);
        assertEqualsOneWorker(config, 3);
    }

    /** The checkpoint is in the middle of a window that will be dropped, then of one that will not. */
    @ParameterizedTest
    @CsvSource({"2, 6", "3, 15"})
    void aRunThatGoesOnFromACheckpointInWarmUpEqualsOneThatWasNotStopped(int workers, int at) {
        RunConfig config = with("training.warmup-steps=9 checkpoint.every-steps=3 " + TURNS);
        Replicas.assertResumedEqualsUndisturbed(config, workers, at, folder);
    }

    @Test
    void nothingTravelsForAWindowThatIsDropped() {
        RunConfig config = with("training.warmup-steps=9");
        List<Replica> replicas = Replicas.train(config, 2, ElementType.FLOAT32);
        assertThat(steps(replicas.get(0), 2)).containsExactly(12L, 16L);
        assertThat(steps(replicas.get(0), 3)).containsExactly(16L);
    }

    private static List<Long> steps(Replica replica, int level) {
        return replica.reports().stream()
                .filter(report ->
                        report.levels().stream().anyMatch(l -> l.level().index() == level))
                .map(StepReport::step)
                .toList();
    }

    private static void assertEqualsOneWorker(RunConfig config, int workers) {
        double[] one = Replicas.train(config, 1, ElementType.FLOAT64).get(0).parameters();
        for (Replica replica : Replicas.train(config, workers, ElementType.FLOAT64)) {
            for (int i = 0; i < one.length; i++) {
                assertThat(replica.parameters()[i]).as("parameter %d", i).isCloseTo(one[i], within(1e-9));
            }
        }
    }

    private static RunConfig with(String settings) {
        return CONFIG.with(Arrays.asList(settings.split(" ")));
    }
}
