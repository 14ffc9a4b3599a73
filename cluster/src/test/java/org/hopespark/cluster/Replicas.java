package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Workers.Outcome;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Accumulators;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.ShardSpec;
import org.hopespark.model.StateSection;
import org.hopespark.model.StepReport;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;

/** Small networks that are trained together in one process. */
final class Replicas {
    private Replicas() {}

    /** A worker after training. */
    @SuppressWarnings("ArrayRecordComponent") // compared element by element
    record Replica(List<Long> digests, double[] parameters, List<StepReport> reports) {}

    /** Looks at a worker before its first step, as after the step before that, and whenever it saves. */
    @FunctionalInterface
    interface Visitor {
        void visit(Network network, long step);
    }

    static List<Replica> train(RunConfig config, int workers, ElementType type) {
        return run(config, workers, type, 1, (network, step) -> {});
    }

    static List<Replica> run(RunConfig config, int workers, ElementType type, long first, Visitor visitor) {
        return run(
                config,
                workers,
                type,
                first,
                visitor,
                (step, rank) ->
                        batch(config, config.levels().get(0).learningRateFactor() == 0 ? 1 : step, rank, workers));
    }

    static List<Replica> run(
            RunConfig config,
            int workers,
            ElementType type,
            long first,
            Visitor visitor,
            BiFunction<Long, Integer, WorkerBatch> batches) {
        Network.useThreads(1);
        ConcurrentLinkedQueue<Replica> replicas = new ConcurrentLinkedQueue<>();
        Workers.run(InProcessTransport.group(workers), Workers.TIMEOUT, collective -> {
                    int rank = collective.transport().rank();
                    try (Network network = new Network(config, type, -1, share(config, rank, workers))) {
                        List<StepReport> reports = new ArrayList<>();
                        visitor.visit(network, first - 1);
                        new TrainingLoop(
                                        config,
                                        network,
                                        new BoundarySynchroniser(collective),
                                        step -> batches.apply(step, rank),
                                        reports::add,
                                        (step, windows) -> visitor.visit(network, step))
                                .run(first, config.training().steps());
                        replicas.add(new Replica(
                                Arrays.stream(network.levels().digests())
                                        .boxed()
                                        .toList(),
                                parameters(network),
                                reports));
                        return rank;
                    }
                })
                .forEach(Outcome::result);
        return List.copyOf(replicas);
    }

    /** A run that resumes from the checkpoint after a step ends with the bits of one that was not stopped. */
    static void assertResumedEqualsUndisturbed(RunConfig config, int workers, long at, Path folder) {
        List<Checkpoint.Part> parts = new ArrayList<>();
        CheckpointStore store = new CheckpointStore(folder.toUri().toString(), new Configuration());
        List<Replica> undisturbed = run(config, workers, ElementType.FLOAT32, 1, (network, step) -> {
            if (step == at) {
                List<Checkpoint.Part> mine =
                        store.write(step, "once", network.levels().sectionsToSave(Accumulators.REDUCED));
                synchronized (parts) {
                    parts.addAll(mine);
                }
            }
        });
        Checkpoint checkpoint = store.publish(at, "once", parts, Map.of());
        List<Replica> resumed = run(config, workers, ElementType.FLOAT32, at + 1, (network, step) -> {
            if (step == at) {
                store.load(checkpoint, network.levels().sectionsToLoad(Accumulators.REDUCED));
                network.levels().sectionsLoaded();
            }
        });
        assertThat(resumed)
                .extracting(Replica::digests)
                .containsOnly(undisturbed.get(0).digests());
    }

    static ShardSpec share(RunConfig config, int rank, int workers) {
        return new ShardSpec(
                rank,
                workers,
                config.exchange().shardsOptimizer(workers)
                        ? ShardSpec.Optimizer.SHARDED
                        : ShardSpec.Optimizer.REPLICATED);
    }

    static double[] parameters(Network network) {
        return network.levels().sectionsToLoad(Accumulators.LOCAL).stream()
                .filter(section -> section.name().endsWith(".parameters"))
                .map(StateSection::tensors)
                .flatMap(List::stream)
                .map(NamedTensor::data)
                .flatMapToDouble(data -> Arrays.stream(numbers(data)))
                .toArray();
    }

    static double[] numbers(FlatBuffer vector) {
        return IntStream.range(0, (int) vector.elements())
                .mapToDouble(vector::get)
                .toArray();
    }

    /** The rank's part of a global batch that depends on the step alone: not all have as many sequences. */
    static WorkerBatch batch(RunConfig config, long step, int rank, int workers) {
        int all = 4;
        List<TokenBatch.Sequence> mine = new ArrayList<>();
        for (int slot = rank * all / workers; slot < (rank + 1) * all / workers; slot++) {
            long[] ids = new Random(31 * step + 7919L * slot)
                    .longs(17, 0, config.model().vocabularySize())
                    .toArray();
            mine.add(new TokenBatch.Sequence(Arrays.copyOf(ids, 16), Arrays.copyOfRange(ids, 1, 17), new int[0]));
        }
        return new WorkerBatch(List.of(new TokenBatch(mine)));
    }
}
