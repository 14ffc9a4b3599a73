package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Accumulators;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.CorruptStateException;
import org.hopespark.model.ElementType;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.StateSection;
import org.hopespark.model.TrainingLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bits that flip in a worker's memory while nobody looks. */
final class CorruptStateTest {
    private static final int WORKERS = 3;
    private static final int VICTIM = 1;
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 1, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 16}
              - {period-steps: 4, continuum-hidden: 16}
              - {period-steps: 8, continuum-hidden: 16, reduction: sum-of-updates}
            training: {steps: 10, batch-sequences: 4, warmup-steps: 0, final-learning-rate-factor: 1}
            checkpoint: {every-steps: 1000}
            exchange: {bucket-kib: 1}
            """);

    /** The tensors of level 2 are used next at its boundary, step 8; its window at once; level 3 steps every step. */
    @ParameterizedTest
    @CsvSource({
        "replicated, level-2.parameters, blocks.0.continuum, 'step 8, level L2, C=4: blocks.0.', 'since step 4'",
        "replicated, level-2.optimizer, first-moment., 'step 8, level L2, C=4: first-moment.', 'since step 4'",
        "sharded, level-2.optimizer, first-moment., 'step 8, level L2, C=4: first-moment.', 'since step 4'",
        "sharded, level-2.optimizer, second-moment., 'step 8, level L2, C=4: second-moment.', 'since step 4'",
        "sharded, level-2.parameters, blocks., 'step 8, level L2, C=4: blocks.0.', 'since step 4'",
        "replicated, level-2.window, gradient., 'step 6, level L2, C=4: gradient.', 'since step 5'",
        "sharded, level-2.window, gradient., 'step 6, level L2, C=4: gradient.', 'since step 5'",
        "sharded, level-3.optimizer, update., 'step 6, level L3, C=8, sum of updates: update.', 'since step 5'",
        "replicated, level-1.parameters, embedding, 'step 6, level L1, C=1: embedding', 'since step 5'"
    })
    void aFlippedBitIsNamedByItsRankBeforeItIsUsed(
            String optimizer, String section, String tensor, String found, String since) {
        List<Outcome<Integer>> outcomes = run(List.of("exchange.optimizer=" + optimizer), 6, section, tensor, Set.of());
        assertThat(outcomes.get(VICTIM).error())
                .isInstanceOf(CorruptStateException.class)
                .hasMessageStartingWith("rank 1, " + found)
                .hasMessageContaining("has changed in memory " + since)
                .hasMessageContaining("the memory of this machine is not to be trusted");
        for (int other : new int[] {0, 2}) {
            assertThat(outcomes.get(other).error()).isInstanceOf(WorkerLostException.class);
        }
    }

    @Test
    void nothingThatFlippedIsSaved() {
        Set<String> saved = new ConcurrentSkipListSet<>();
        List<Outcome<Integer>> outcomes =
                run(List.of("checkpoint.every-steps=3"), 6, "level-2.optimizer", "first-moment.", saved);
        assertThat(outcomes.get(VICTIM).error()).hasMessageStartingWith("rank 1, step 6, level L2, C=4: first-moment.");
        assertThat(saved).contains("rank 1 step 3").doesNotContain("rank 1 step 6");
    }

    /** Levels of short periods are then compared now and then, the others at each boundary. */
    @ParameterizedTest
    @CsvSource({
        "4, 8, level-1.optimizer, true",
        "4, 6, level-1.optimizer, false",
        "4, 8, level-2.window, true",
        "4, 6, level-2.window, false",
        "4, 6, level-2.optimizer, true",
        "0, 6, level-2.optimizer, false",
        "0, 6, level-2.window, false"
    })
    void theIntervalSaysHowOftenItIsLookedAt(int every, long step, String section, boolean found) {
        List<Outcome<Integer>> outcomes =
                run(List.of("training.state-check-every-steps=" + every), step, section, "", Set.of());
        assertThat(outcomes.get(VICTIM).errors().stream().filter(CorruptStateException.class::isInstance))
                .hasSize(found ? 1 : 0);
    }

    @Test
    void withoutChecksTheOtherWorkersStillSeeAnotherParameter() {
        List<Outcome<Integer>> outcomes =
                run(List.of("training.state-check-every-steps=0"), 6, "level-2.parameters", "blocks.", Set.of());
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.error())
                        .isInstanceOf(ReplicaMismatchException.class)
                        .hasMessageContaining("step 8: the parameters of level 2 differ"));
    }

    /** Trains; before a step, a bit of the first such tensor that the victim holds flips. */
    private static List<Outcome<Integer>> run(
            List<String> settings, long at, String section, String tensor, Set<String> saved) {
        RunConfig config = CONFIG.with(settings);
        Network.useThreads(1);
        return Workers.run(InProcessTransport.group(WORKERS), Workers.TIMEOUT, collective -> {
            int rank = collective.transport().rank();
            try (Network network =
                    new Network(config, ElementType.FLOAT32, -1, Replicas.share(config, rank, WORKERS))) {
                BoundarySync sync = new BoundarySynchroniser(collective);
                new TrainingLoop(
                                config,
                                network,
                                rank == VICTIM ? new Flipping(sync, network, at, section, tensor) : sync,
                                step -> Replicas.batch(config, step, rank, WORKERS),
                                report -> {},
                                (step, windows) -> saved.add("rank " + rank + " step " + step))
                        .run(1, config.training().steps());
                return rank;
            } catch (RuntimeException failed) {
                collective.transport().fail(failed);
                throw failed;
            }
        });
    }

    private record Flipping(BoundarySync sync, Network network, long at, String section, String tensor)
            implements BoundarySync.Forwarding {
        @Override
        public Agreement open(long step, long tokens, StopRequest stop, long[] digests) {
            if (step == at) {
                flip();
            }
            return sync.open(step, tokens, stop, digests);
        }

        private void flip() {
            List<StateSection> all = new ArrayList<>(network.levels().sectionsToLoad(Accumulators.REDUCED));
            all.addAll(network.levels().openWindows());
            NamedTensor found = all.stream()
                    .filter(each -> each.name().equals(section))
                    .flatMap(each -> each.tensors().stream())
                    .filter(each ->
                            each.name().startsWith(tensor) && each.data().elements() > 0)
                    .findFirst()
                    .orElseThrow();
            ByteBuffer values = found.data().slices().get(0);
            values.putInt(0, values.getInt(0) ^ 1 << 12);
            network.levels().sectionsLoaded();
        }
    }
}
