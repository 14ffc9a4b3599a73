package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.cluster.Replicas.Replica;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.Network;
import org.hopespark.model.StepReport;
import org.hopespark.model.TrainingLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Levels that are rounded for the wire, or updated late. */
final class ApproximateLevelsTest {
    private static final RunConfig EXACT = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 1, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 16}
              - {period-steps: 4, continuum-hidden: 16}
              - {period-steps: 8, continuum-hidden: 16}
            training:
              {steps: 24, batch-sequences: 4, warmup-steps: 0, final-learning-rate-factor: 1, learning-rate: 1.0e-3}
            checkpoint: {every-steps: 1000}
            exchange: {bucket-kib: 1}
            """);

    /** Parameters do not move. */
    private static final RunConfig STILL = EXACT.with(List.of(
            "levels.0.learning-rate-factor=0", "levels.1.learning-rate-factor=0", "levels.2.learning-rate-factor=0"));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"wire=bfloat16", "wire=int8", "delay-steps=2"})
    void replicasStayEqualAndWhoUpdatesChangesNoBit(String mode) {
        RunConfig approximate = with(mode);
        List<Replica> replicated =
                Replicas.train(approximate.with(List.of("exchange.optimizer=replicated")), 3, ElementType.FLOAT32);
        List<Replica> sharded =
                Replicas.train(approximate.with(List.of("exchange.optimizer=sharded")), 3, ElementType.FLOAT32);
        List<Replica> exact = Replicas.train(EXACT, 3, ElementType.FLOAT32);
        assertThat(replicated)
                .extracting(Replica::digests)
                .containsOnly(replicated.get(0).digests());
        assertThat(sharded)
                .extracting(Replica::digests)
                .containsOnly(replicated.get(0).digests());
        assertThat(replicated.get(0).digests()).isNotEqualTo(exact.get(0).digests());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "int8"})
    void whatRoundingTakesAwayComesLaterAndDoesNotAddUp(String wire) {
        List<double[]> exact = sumsOfLevelOne(STILL);
        List<double[]> rounded = sumsOfLevelOne(STILL.with(List.of("levels.0.wire=" + wire)));
        assertThat(rounded).hasSize(exact.size()).hasSizeGreaterThan(20);
        double[] all = new double[exact.get(0).length];
        double largestOfOne = 0;
        double largestOfAll = 0;
        for (int i = 0; i < all.length; i++) {
            for (int step = 0; step < exact.size(); step++) {
                all[i] += rounded.get(step)[i] - exact.get(step)[i];
            }
            largestOfOne = Math.max(largestOfOne, Math.abs(rounded.get(0)[i] - exact.get(0)[i]));
            largestOfAll = Math.max(largestOfAll, Math.abs(all[i]));
        }
        assertThat(largestOfOne).isPositive();
        assertThat(largestOfAll).isLessThan(4 * largestOfOne);
    }

    /** What the workers have agreed on at every boundary, as rank 0 has it. */
    private static List<double[]> sumsOfLevelOne(RunConfig config) {
        Network.useThreads(1);
        List<double[]> sums = new ArrayList<>();
        Workers.run(InProcessTransport.group(2), Workers.TIMEOUT, collective -> {
                    int rank = collective.transport().rank();
                    try (Network network =
                            new Network(config, ElementType.FLOAT32, -1, Replicas.share(config, rank, 2))) {
                        BoundarySync sync = new Watched(new BoundarySynchroniser(collective), sums);
                        new TrainingLoop(
                                        config,
                                        network,
                                        sync,
                                        step -> Replicas.batch(config, 1, rank, 2),
                                        report -> {},
                                        (step, windows) -> {})
                                .run(1, config.training().steps());
                        return rank;
                    }
                })
                .forEach(Outcome::result);
        return sums;
    }

    private record Watched(BoundarySync sync, List<double[]> sums) implements BoundarySync.Forwarding {
        @Override
        public Pending sum(Part part) {
            Pending pending = sync.sum(part);
            // the first bucket
            boolean watched = rank() == 0 && part.level().index() == 1 && sums.size() < part.step();
            return () -> {
                Exchange cost = pending.await();
                if (watched && sums.size() < part.step()) {
                    sums.add(Replicas.numbers(part.values()));
                }
                return cost;
            };
        }
    }

    /** A delay is another schedule, whatever the number of workers. */
    @ParameterizedTest
    @CsvSource({"1, 2", "2, 2", "3, 4"})
    void delayedWorkersLearnWhatOneWorkerLearnsWithTheSameDelay(int delay, int workers) {
        RunConfig delayed = EXACT.with(List.of(
                "levels.1.delay-steps=" + delay, "levels.2.delay-steps=" + (delay + 3), "checkpoint.every-steps=5"));
        double[] one = Replicas.train(delayed, 1, ElementType.FLOAT64).get(0).parameters();
        for (Replica replica : Replicas.train(delayed, workers, ElementType.FLOAT64)) {
            for (int i = 0; i < one.length; i++) {
                assertThat(replica.parameters()[i]).isCloseTo(one[i], within(1e-9));
            }
        }
    }

    @Test
    void aDelayedLevelIsUpdatedLateAndWhatIsUnderWayAtTheEndAtOnce() {
        RunConfig delayed = EXACT.with(List.of("levels.1.delay-steps=3", "checkpoint.every-steps=17"));
        List<StepReport> reports =
                Replicas.train(delayed, 2, ElementType.FLOAT32).get(0).reports();
        List<Long> updates = reports.stream()
                .filter(report ->
                        report.levels().stream().anyMatch(l -> l.level().index() == 2))
                .map(StepReport::step)
                .toList();
        assertThat(updates).containsExactly(7L, 11L, 15L, 17L, 23L, 24L);
    }

    @Test
    void aDelayedWindowHasAllOfItsSteps() {
        List<Double> exact = normsOfLevelTwo(STILL);
        List<Double> delayed = normsOfLevelTwo(STILL.with(List.of("levels.1.delay-steps=3")));
        assertThat(delayed).hasSize(exact.size());
        for (int i = 0; i < exact.size(); i++) {
            assertThat(delayed.get(i)).isCloseTo(exact.get(i), withinPercentage(1e-3));
        }
    }

    private static List<Double> normsOfLevelTwo(RunConfig config) {
        return Replicas.train(config, 2, ElementType.FLOAT32).get(0).reports().stream()
                .flatMap(report -> report.levels().stream())
                .filter(level -> level.level().index() == 2)
                .map(StepReport.LevelReport::gradientNorm)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"bfloat16, 2.0", "int8, 1.0625"})
    void fewerBytesTravel(String wire, double bytesANumber) {
        List<Replica> replicas = Replicas.train(with("wire=" + wire), 3, ElementType.FLOAT32);
        long bytes = replicas.stream()
                .flatMap(replica -> replica.reports().stream())
                .flatMap(report -> report.levels().stream())
                .filter(level -> level.level().index() == 2)
                .mapToLong(level -> level.exchange().bytesSent())
                .sum();
        long elements;
        try (Network network = new Network(EXACT, ElementType.FLOAT32, -1)) {
            elements = network.levels().gradient(EXACT.schedule().first(2)).elements();
        }
        assertThat(bytes).isEqualTo(6 * Math.round(2 * 2 * bytesANumber * elements));
    }

    /** Residuals, and windows in which a delayed sum is not, are part of a checkpoint. */
    @ParameterizedTest
    @CsvSource({"wire=bfloat16, 2", "wire=int8, 4", "delay-steps=2, 2", "delay-steps=3, 4"})
    void aRunThatGoesOnFromACheckpointEqualsOneThatWasNotStopped(String mode, int workers) {
        RunConfig config = with(mode).with(List.of("checkpoint.every-steps=10"));
        Replicas.assertResumedEqualsUndisturbed(config, workers, 10, folder);
    }

    @Test
    void combinationsThatMeanNothingAreRefused() {
        assertThatThrownBy(() -> EXACT.with(List.of("levels.1.delay-steps=4")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("levels.1: delay-steps must be >= 0 and below period-steps 4, got 4");
        assertThatThrownBy(() -> EXACT.with(List.of("levels.1.delay-steps=1", "levels.1.wire=int8")))
                .hasMessageContaining("levels.1: delay-steps 1 and int8 wire: choose one approximation for a level");
        assertThatThrownBy(() -> EXACT.with(List.of("levels.1.wire=int8", "model.continuum=nested")))
                .hasMessageContaining("wire and delay-steps do not go with model.continuum = nested");
        assertThatThrownBy(() -> EXACT.with(List.of("levels.1.wire=float16")))
                .hasMessageContaining("float32, bfloat16, int8");
    }

    /** The slow levels approximate; the fast one, too, where it can be. */
    private static RunConfig with(String mode) {
        List<String> settings = new ArrayList<>(List.of("levels.1." + mode, "levels.2." + mode));
        if (mode.startsWith("wire")) {
            settings.add("levels.0." + mode);
        }
        return EXACT.with(settings);
    }
}
