package org.hopespark.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.hopespark.conf.Level;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Cost;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.Torch;

/**
 * What a training step on one micro-batch of random tokens takes, with one thread, in a process of its own: resident
 * memory is that of the process.
 *
 * @param parameters of the model
 * @param tokens of the micro-batch
 * @param stepSeconds the median, without the optimizer
 * @param forwardSeconds of a forward pass that records nothing, the fastest
 * @param optimizerSeconds the mean over a period of the slowest level
 * @param flopsPerSecond multiplications and additions by formula ({@link Cost}), optimizer included in the time
 * @param peakFlopsPerSecond in products of 512 x 512 float32 matrices
 * @param liveArrays that the engine holds between two steps
 * @param calls of scripts and of the backward pass, in a step without the optimizer
 * @param builtBytes resident with the network built, before the first step; 0 where the system does not report it
 * @param peakBytes resident at most
 */
public record StepBenchmark(
        long parameters,
        long tokens,
        double stepSeconds,
        double forwardSeconds,
        double optimizerSeconds,
        double flopsPerSecond,
        double peakFlopsPerSecond,
        long liveArrays,
        long calls,
        long builtBytes,
        long peakBytes) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int MOST_STEPS = 15;

    /** Measures about {@code seconds}, and at least two steps. */
    public static StepBenchmark run(RunConfig config, double seconds) throws IOException {
        Network.useThreads(1);
        TokenBatch batch = randomBatch(config);
        try (Network network = new Network(config)) {
            long built = statusBytes("VmRSS:");
            double scale = 1.0 / batch.targetCount();
            double unused = network.forwardBackward(batch, scale);
            double optimizer = optimizerSeconds(network, config);
            double forward = Math.min(forwardSeconds(network, batch), forwardSeconds(network, batch));
            long calls = Torch.calls();
            List<Double> steps = new ArrayList<>();
            double sum = 0;
            while (steps.size() < 2 || (sum < seconds && steps.size() < MOST_STEPS)) {
                long begin = System.nanoTime();
                unused = network.forwardBackward(batch, scale);
                steps.add(secondsSince(begin));
                sum += steps.get(steps.size() - 1);
            }
            calls = (Torch.calls() - calls) / steps.size();
            steps.sort(null);
            double step = steps.get(steps.size() / 2);
            long tokens = (long) batch.sequences().size() * batch.tokens();
            double flops = Cost.of(config).trainingFlopsPerToken(config.training()) * tokens;
            return new StepBenchmark(
                    network.architecture().size(),
                    tokens,
                    step,
                    forward,
                    optimizer,
                    flops / (step + optimizer),
                    matrixProductPeak(),
                    network.liveArrays(),
                    calls,
                    built,
                    statusBytes("VmHWM:"));
        }
    }

    /** Tokens a second, the optimizer's share of the time included. */
    public double tokensPerSecond() {
        return tokens / (stepSeconds + optimizerSeconds);
    }

    /** A micro-batch of what {@code config} describes. */
    static TokenBatch randomBatch(RunConfig config) {
        ModelConfig model = config.model();
        Random random = new Random(1);
        List<TokenBatch.Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < config.training().microBatchSequences(); i++) {
            long[] ids = random.longs(model.contextTokens() + 1L, 0, model.vocabularySize())
                    .toArray();
            sequences.add(new TokenBatch.Sequence(
                    Arrays.copyOf(ids, model.contextTokens()), Arrays.copyOfRange(ids, 1, ids.length), new int[0]));
        }
        return new TokenBatch(sequences);
    }

    private static double forwardSeconds(Network network, TokenBatch batch) {
        long begin = System.nanoTime();
        Network.Scores unused = network.scores(batch);
        return secondsSince(begin);
    }

    private static double optimizerSeconds(Network network, RunConfig config) {
        List<Level> levels = config.schedule().levels();
        long period = levels.get(levels.size() - 1).periodSteps();
        long begin = System.nanoTime();
        for (long step = 1; step <= period; step++) {
            for (Level level : levels) {
                if (level.closesWindowAt(step) || level.isOptimizedEveryStep()) {
                    network.levels().addInitialStateGradient(level);
                    double unused = network.levels().update(level, step, config.training());
                }
            }
        }
        return secondsSince(begin) / period;
    }

    private static double secondsSince(long begin) {
        return (System.nanoTime() - begin) * 1e-9;
    }

    private static long statusBytes(String name) throws IOException {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    /** Multiplications and additions a second, the best of some rounds. */
    private static double matrixProductPeak() {
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
