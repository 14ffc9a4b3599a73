package org.hopespark.jobs.verify;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.hopespark.cluster.BoundarySynchroniser;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.InProcessTransport;
import org.hopespark.cluster.Transport;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Accumulators;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.Cost;
import org.hopespark.model.ElementType;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.SectionKind;
import org.hopespark.model.ShardSpec;
import org.hopespark.model.StateSection;
import org.hopespark.model.StepReport;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.TrainingLoop;
import org.hopespark.model.WorkerBatch;

/**
 * Trains N replicas, each a thread with its own network on its part of every batch, and one network on all of it, with
 * the loop and the synchroniser of real runs, and compares what they have learned.
 */
public final class SyncVerification {
    /**
     * One comparison.
     *
     * @param workers N
     * @param level compared parameters
     * @param difference largest absolute difference of a parameter
     * @param magnitude largest absolute parameter
     * @param bytes what all workers sent for this level
     * @param expectedBytes what {@link Cost} says of all workers: 2 (N-1) b P at each boundary
     */
    public record Row(
            ElementType type,
            int workers,
            Level level,
            double difference,
            double magnitude,
            long bytes,
            long expectedBytes) {
        /** Difference in units of the largest parameter. */
        public double relative() {
            return difference / magnitude;
        }

        /** Whether the replicas learned what one worker learns, with the traffic of the formula. */
        public boolean passes() {
            return relative() <= limit(type) && bytes == expectedBytes;
        }
    }

    private final RunConfig config;
    private final UnaryOperator<BoundarySync> wrapper;
    private final long lateSteps;

    /**
     * A verification.
     *
     * @param config a small model; its global batch is what every N trains on
     */
    public SyncVerification(RunConfig config) {
        this(config, UnaryOperator.identity(), 0);
    }

    /**
     * A verification that ought to fail.
     *
     * @param wrapper put around the synchroniser of each replica
     * @param lateSteps how many steps later the replicas reach the boundaries of their levels, modulo the periods
     */
    SyncVerification(RunConfig config, UnaryOperator<BoundarySync> wrapper, long lateSteps) {
        this.config = config;
        this.wrapper = wrapper;
        this.lateSteps = lateSteps;
    }

    /**
     * The largest relative difference that is rounding. Sums in another order differ by about 1e-16 (1e-7) of their
     * terms; AdamW divides a gradient by its own size, so that where it nearly vanishes its rounding counts in full.
     */
    static double limit(ElementType type) {
        return type == ElementType.FLOAT64 ? 1e-9 : 1e-3;
    }

    /** Compares {@code workers} replicas with one, level by level. */
    public List<Row> compare(ElementType type, int workers) {
        Trained alone = train(type, 1).get(0);
        List<Trained> replicas = train(type, workers);
        Cost cost = Cost.of(config);
        List<Row> rows = new ArrayList<>();
        for (Level level : config.schedule().levels()) {
            int index = config.schedule().levels().indexOf(level);
            double difference = 0;
            double magnitude = 0;
            long bytes = 0;
            for (Trained replica : replicas) {
                double[] one = alone.parameters.get(index);
                double[] many = replica.parameters.get(index);
                for (int i = 0; i < one.length; i++) {
                    difference = Math.max(difference, Math.abs(one[i] - many[i]));
                    magnitude = Math.max(magnitude, Math.abs(one[i]));
                }
                bytes += replica.bytesSent[index];
            }
            // the formula is for float32
            long values = alone.elements[index] * type.bytes() / ElementType.FLOAT32.bytes();
            long expected = LongStream.rangeClosed(1, config.training().steps())
                    .mapToDouble(step -> cost.bytesANumberAt(level, step, workers))
                    .mapToLong(number -> Math.round(Cost.bytesOfSum(values, number, workers)))
                    .sum();
            rows.add(new Row(type, workers, level, difference, magnitude, bytes, expected));
        }
        return rows;
    }

    /** Fingerprints of the levels after training, of every replica: equal bits have equal ones. */
    List<List<Long>> digests(ElementType type, int workers) {
        return train(type, workers).stream()
                .map(replica -> Arrays.stream(replica.digests).boxed().toList())
                .toList();
    }

    @SuppressWarnings("ArrayRecordComponent") // columns that never leave this class
    private record Trained(List<double[]> parameters, long[] bytesSent, long[] elements, long[] digests) {}

    private List<Trained> train(ElementType type, int workers) {
        List<Transport> transports = InProcessTransport.group(workers);
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            List<Callable<Trained>> tasks = new ArrayList<>();
            for (Transport transport : transports) {
                tasks.add(() -> replica(type, transport));
            }
            List<Trained> result = new ArrayList<>();
            for (Future<Trained> future : threads.invokeAll(tasks)) {
                result.add(future.get());
            }
            return result;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Trained replica(ElementType type, Transport transport) {
        int levels = config.schedule().levels().size();
        long[] bytes = new long[levels];
        boolean alone = transport.ranks() == 1;
        long slowest = config.schedule().levels().get(levels - 1).periodSteps();
        long shift = alone ? 0 : Math.floorMod(-lateSteps, slowest);
        BoundarySync sync = new BoundarySynchroniser(new Collective(
                transport, Duration.ofMinutes(2), config.exchange().ringAboveWorkers()));
        ShardSpec share = new ShardSpec(
                transport.rank(),
                transport.ranks(),
                config.exchange().shardsOptimizer(transport.ranks())
                        ? ShardSpec.Optimizer.SHARDED
                        : ShardSpec.Optimizer.REPLICATED);
        try (Network network = new Network(config, type, -1, share)) {
            new TrainingLoop(
                            config,
                            network,
                            alone ? sync : wrapper.apply(sync),
                            step -> part(step - shift, transport.rank(), transport.ranks()),
                            report -> count(report, bytes, config.schedule().levels()),
                            (step, windows) -> {})
                    .run(1 + shift, config.training().steps() + shift);
            List<double[]> parameters = new ArrayList<>();
            for (StateSection section : network.levels().sectionsToLoad(Accumulators.REDUCED)) {
                if (SectionKind.PARAMETERS.matches(section.name())) {
                    parameters.add(values(section));
                }
            }
            long[] elements = config.schedule().levels().stream()
                    .mapToLong(level -> network.levels().gradient(level).elements())
                    .toArray();
            return new Trained(parameters, bytes, elements, network.levels().digests());
        } catch (RuntimeException e) {
            transport.close("rank " + transport.rank() + " failed: " + e.getMessage());
            throw e;
        }
    }

    private static void count(StepReport report, long[] bytes, List<Level> levels) {
        for (StepReport.LevelReport level : report.levels()) {
            bytes[levels.indexOf(level.level())] += level.exchange().bytesSent();
        }
    }

    /**
     * The rank's sequences of a global batch that depends on the step alone; some targets are masked, so that parts
     * weigh differently.
     */
    private WorkerBatch part(long step, int rank, int workers) {
        int each = config.training().batchSequences() / workers;
        List<TokenBatch.Sequence> mine = IntStream.range(rank * each, (rank + 1) * each)
                .mapToObj(slot -> sequence(new Random(config.seed() + 31 * step + 7919L * slot), slot))
                .toList();
        return new WorkerBatch(List.of(new TokenBatch(mine)));
    }

    private TokenBatch.Sequence sequence(Random random, int slot) {
        int tokens = config.model().contextTokens();
        long[] ids =
                random.longs(tokens + 1L, 0, config.model().vocabularySize()).toArray();
        long[] targets = new long[tokens];
        for (int t = 0; t < tokens; t++) {
            targets[t] = t % (slot + 2) == 0 ? TokenBatch.NO_TARGET : ids[t + 1];
        }
        return new TokenBatch.Sequence(Arrays.copyOf(ids, tokens), targets, new int[0]);
    }

    private static double[] values(StateSection section) {
        return section.tensors().stream()
                .flatMapToDouble(SyncVerification::values)
                .toArray();
    }

    private static java.util.stream.DoubleStream values(NamedTensor tensor) {
        return tensor.data().slices().stream().flatMapToDouble(slice -> {
            boolean single = tensor.data().type() == ElementType.FLOAT32;
            int bytes = tensor.data().type().bytes();
            return IntStream.range(0, slice.capacity() / bytes)
                    .mapToDouble(i -> single ? slice.getFloat(i * bytes) : slice.getDouble(i * bytes));
        });
    }
}
