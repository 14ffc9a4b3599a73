package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.hopespark.cluster.BoundarySynchroniser;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.InProcessTransport;
import org.hopespark.cluster.Transport;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.pretrain.Fault.Kind;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.DivergedException;
import org.hopespark.model.ElementType;
import org.hopespark.model.Network;
import org.hopespark.model.ShardSpec;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A value that is not finite in the part of one of two workers, each a thread. */
final class PoisonedGradientTest {
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            model: {vocabulary-size: 29, width: 16, blocks: 1, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels: [{period-steps: 1, continuum-hidden: 16}, {period-steps: 4, continuum-hidden: 16}]
            training: {steps: 16, batch-sequences: 2, warmup-steps: 0}
            checkpoint: {every-steps: 1000}
            """);

    private static final Fault POISON = new Fault(Kind.POISONS_ITS_GRADIENT, 1, 1, 8);

    private record Refusal(String message, List<Long> before, List<Long> after) {}

    @ParameterizedTest
    @EnumSource
    void allWorkersRefuseTheStepTogetherAndKeepAllTheirParameters(ShardSpec.Optimizer optimizer) throws Exception {
        Network.useThreads(1);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Callable<Refusal>> workers = new ArrayList<>();
        for (Transport transport : InProcessTransport.group(2)) {
            workers.add(() -> train(transport, optimizer));
        }
        try {
            for (Future<Refusal> refusal : threads.invokeAll(workers)) {
                assertThat(refusal.get().message)
                        .contains("the gradient of level L2, C=4 is not finite at step 8", "blocks.0.continuum.2.");
                assertThat(refusal.get().after)
                        .as("level 1, which is due too, included")
                        .isEqualTo(refusal.get().before);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Refusal train(Transport transport, ShardSpec.Optimizer optimizer) {
        int rank = transport.rank();
        BoundarySync sync = new BoundarySynchroniser(new Collective(transport, Duration.ofSeconds(20)));
        List<Long> digests = new ArrayList<>();
        try (Network network = new Network(CONFIG, ElementType.FLOAT32, -1, new ShardSpec(rank, 2, optimizer))) {
            BoundarySync around = rank == POISON.rank() ? POISON.around(network, sync, () -> false) : sync;
            TrainingLoop loop = new TrainingLoop(
                    CONFIG,
                    network,
                    around,
                    step -> new WorkerBatch(List.of(new TokenBatch(List.of(sequence(new Random(step + 31L * rank)))))),
                    report -> set(digests, network),
                    (step, windows) -> {});
            try {
                loop.run(1, CONFIG.training().steps());
                return new Refusal("none", List.of(), List.of());
            } catch (DivergedException e) {
                List<Long> before = List.copyOf(digests);
                set(digests, network);
                return new Refusal(String.valueOf(e.getMessage()), before, digests);
            }
        }
    }

    private static void set(List<Long> digests, Network network) {
        digests.clear();
        for (long digest : network.levels().digests()) {
            digests.add(digest);
        }
    }

    private static TokenBatch.Sequence sequence(Random random) {
        return new TokenBatch.Sequence(
                random.longs(16, 0, 29).toArray(), random.longs(16, 0, 29).toArray(), new int[0]);
    }
}
