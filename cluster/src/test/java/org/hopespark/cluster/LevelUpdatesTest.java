package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.hopespark.cluster.Replicas.Replica;
import org.hopespark.conf.RunConfig;
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

    @TempDir
    private Path folder;

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
