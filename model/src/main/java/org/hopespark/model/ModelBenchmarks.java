package org.hopespark.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;

/** How fast one worker trains, beside the matrix products that its machine can do. */
public final class ModelBenchmarks {
    private static final int ROUNDS = 3;

    private ModelBenchmarks() {}

    /** A figure with its unit. */
    public record Result(String name, double value, String unit) {}

    /** Trains on random tokens with one thread; the median of a few micro-batches. */
    public static List<Result> run(RunConfig config) {
        Network.useThreads(1);
        double peak = matrixProductPeak();
        double seconds = microBatchSeconds(config);
        long tokens =
                (long) config.training().microBatchSequences() * config.model().contextTokens();
        double flops = Cost.of(config).trainingFlopsPerToken(config.training()) * tokens / seconds;
        String name = "training step, " + (config.preset().isEmpty() ? config.name() : config.preset()) + ", ";
        return List.of(
                new Result("matrix product 512 x 512, float32, one thread", peak * 1e-9, "GFLOP/s"),
                new Result(name + "one thread", tokens / seconds, "tokens/s"),
                new Result(name + "one thread", flops * 1e-9, "GFLOP/s"),
                new Result(name + "share of the matrix product", flops / peak, "x"));
    }

    private static double microBatchSeconds(RunConfig config) {
        TokenBatch batch = StepBenchmark.randomBatch(config);
        try (Network network = new Network(config)) {
            double[] seconds = new double[ROUNDS];
            for (int round = -1; round < ROUNDS; round++) {
                long begin = System.nanoTime();
                network.forwardBackward(batch, 1.0 / batch.targetCount());
                for (Level level : config.schedule().dueAt(1)) {
                    network.update(level, 1, config.training());
                }
                if (round >= 0) {
                    seconds[round] = (System.nanoTime() - begin) * 1e-9;
                }
            }
            Arrays.sort(seconds);
            return seconds[ROUNDS / 2];
        }
    }

    /** Multiplications and additions a second, the best of some rounds. */
    static double matrixProductPeak() {
        int n = 512;
        int products = 8;
        double best = 0;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray a = manager.ones(new Shape(n, n), DataType.FLOAT32);
            for (int round = 0; round < 12; round++) {
                long begin = System.nanoTime();
                for (int i = 0; i < products; i++) {
                    a.matMul(a).close();
                }
                best = Math.max(best, products * 2.0 * n * n * n / ((System.nanoTime() - begin) * 1e-9));
            }
        }
        return best;
    }
}
