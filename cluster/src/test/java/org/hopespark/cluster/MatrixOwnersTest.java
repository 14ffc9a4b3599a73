package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Replicas.Replica;
import org.hopespark.cluster.Replicas.Visitor;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Accumulators;
import org.hopespark.model.ElementType;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.WorkerBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers that need whole matrices, and those that do not: who updates what changes no bit. */
final class MatrixOwnersTest {
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 2, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 16, optimizer: {name: muon}}
              - {period-steps: 1, continuum-hidden: 16, optimizer: {name: soap, refresh-every-updates: 2}}
              - {period-steps: 2, continuum-hidden: 24, optimizer: {name: muon}}
              - {period-steps: 2, continuum-hidden: 16, optimizer: {name: m3, refresh-every-updates: 2}}
              - {period-steps: 2, continuum-hidden: 16, optimizer: {name: preconditioned-momentum}}
              - {period-steps: 2, continuum-hidden: 16, optimizer: {name: delta-momentum}}
              - {period-steps: 2, continuum-hidden: 16, optimizer: {name: deep-momentum}}
              - {period-steps: 4, continuum-hidden: 16, optimizer: {name: sgd}}
            training: {steps: 8, batch-sequences: 4, warmup-steps: 0, weight-decay: 0.1}
            checkpoint: {every-steps: 1000}
            exchange: {bucket-kib: 1}
            """);

    private static final Visitor NOBODY = (network, step) -> {};

    @TempDir
    private Path folder;

    /** All sequences are the first worker's, so that sums of gradients have the same bits for any number of workers. */
    @ParameterizedTest
    @ValueSource(strings = {"sharded", "replicated"})
    void oneToFourWorkersLearnTheSameBits(String optimizer) {
        RunConfig config = CONFIG.with(List.of("exchange.optimizer=" + optimizer));
        List<Long> alone = train(config, 1, 1, NOBODY).get(0).digests();
        for (int workers = 2; workers <= 4; workers++) {
            assertThat(train(config, workers, 1, NOBODY))
                    .as("%d workers", workers)
                    .hasSize(workers)
                    .extracting(Replica::digests)
                    .containsOnly(alone);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"levels.0.wire=bfloat16", "levels.1.wire=int8", "levels.7.delay-steps=2"})
    void approximateLevelsStayEqualOnAllWorkers(String mode) {
        RunConfig config = CONFIG.with(List.of(mode));
        List<Replica> replicated =
                Replicas.train(config.with(List.of("exchange.optimizer=replicated")), 3, ElementType.FLOAT32);
        assertThat(Replicas.train(config.with(List.of("exchange.optimizer=sharded")), 3, ElementType.FLOAT32))
                .extracting(Replica::digests)
                .containsOnly(replicated.get(0).digests());
    }

    @Test
    void matrixHasOneOwnerAndAllAreDealt() {
        List<List<String>> owned = new ArrayList<>();
        train(CONFIG.with(List.of("exchange.optimizer=sharded")), 3, 1, (network, step) -> {
            if (step == 0) {
                List<NamedTensor> momenta = network.levels().sectionsToSave(Accumulators.REDUCED).stream()
                        .filter(section -> section.name().equals("level-1.optimizer"))
                        .flatMap(section -> section.tensors().stream())
                        .filter(tensor -> tensor.name().startsWith("momentum.")
                                && tensor.data().elements() > 0)
                        .toList();
                assertThat(momenta).allMatch(NamedTensor::isWhole);
                synchronized (owned) {
                    owned.add(momenta.stream().map(NamedTensor::name).toList());
                }
            }
        });
        assertThat(owned).hasSize(3).allSatisfy(names -> assertThat(names).isNotEmpty());
        // three of the mixer and three of the continuum in each of two blocks
        assertThat(owned.stream().flatMap(List::stream)).hasSize(12).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "3, 2", "2, 4", "1, 3"})
    void anyNumberOfWorkersResumesWhatAnotherHasSaved(int before, int after) {
        RunConfig config = CONFIG.with(List.of("exchange.optimizer=sharded", "checkpoint.every-steps=5"));
        CheckpointStore store = new CheckpointStore(folder.toUri().toString(), new Configuration());
        List<Checkpoint.Part> parts = new ArrayList<>();
        List<Replica> undisturbed = train(config, before, 1, (network, step) -> {
            if (step == 5) {
                List<Checkpoint.Part> mine =
                        store.write(step, "once", network.levels().sectionsToSave(Accumulators.REDUCED));
                synchronized (parts) {
                    parts.addAll(mine);
                }
            }
        });
        Checkpoint checkpoint = store.publish(5, "once", parts, Map.of());
        List<Replica> resumed = train(config, after, 6, (network, step) -> {
            if (step == 5) {
                store.load(checkpoint, network.levels().sectionsToLoad(Accumulators.REDUCED));
                network.levels().sectionsLoaded();
            }
        });
        assertThat(resumed)
                .extracting(Replica::digests)
                .containsOnly(undisturbed.get(0).digests());
    }

    private static List<Replica> train(RunConfig config, int workers, long first, Visitor visitor) {
        return Replicas.run(
                config,
                workers,
                ElementType.FLOAT32,
                first,
                visitor,
                (step, rank) -> rank == 0 ? Replicas.batch(config, step, 0, 1) : new WorkerBatch(List.of()));
    }
}
