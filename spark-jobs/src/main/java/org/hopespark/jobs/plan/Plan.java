package org.hopespark.jobs.plan;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Cost;
import org.hopespark.model.WorkerMemory;

/**
 * A run by formula: whether it fits, what it sends, how long it takes. Nothing here was measured.
 *
 * @param name of the preset or configuration
 * @param config what is trained
 * @param machines on what
 * @param batchSequences of the global batch
 * @param tokens of the whole run
 */
public record Plan(String name, RunConfig config, Machines machines, int batchSequences, double tokens) {
    private static final double SECONDS_A_DAY = 24 * 3600;

    public Plan {
        if (batchSequences % machines.workers() != 0) {
            throw new IllegalArgumentException("--gpus " + machines.workers() + " must divide the " + batchSequences
                    + " sequences of a batch (--batch-tokens " + (long) batchSequences * context(config)
                    + " of --set model.context-tokens=" + context(config) + ")");
        }
    }

    private static int context(RunConfig config) {
        return config.model().contextTokens();
    }

    /** Tokens of a sequence. */
    int context() {
        return context(config);
    }

    int recomputeEveryChunks() {
        return config.training().recomputeEveryChunks();
    }

    Cost cost() {
        return Cost.of(config);
    }

    List<Level> levels() {
        return config.schedule().levels();
    }

    long batchTokens() {
        return (long) batchSequences * context(config);
    }

    int sequencesPerWorker() {
        return batchSequences / machines.workers();
    }

    /** Sequences of the largest micro-batch that fits, at most all that a worker has; 0 if not even one does. */
    int largestMicroBatch() {
        return largestMicroBatch(recomputeEveryChunks());
    }

    /** The same if backward recomputed blocks so many chunks at a time. */
    int largestMicroBatch(int recomputeEveryChunks) {
        int fits = 0;
        int tooMany = sequencesPerWorker() + 1;
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) / 2;
            if (fits(WorkerMemory.of(config, middle, recomputeEveryChunks))) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }

    public boolean fits() {
        return largestMicroBatch() > 0;
    }

    private boolean fits(WorkerMemory memory) {
        return memory.total() <= (1 - machines.reserved()) * machines.memoryBytes();
    }

    /** With the largest micro-batch that fits, or with one sequence. */
    WorkerMemory memory() {
        return WorkerMemory.of(config, Math.max(1, largestMicroBatch()));
    }

    double computeSeconds() {
        double flops = cost().trainingFlopsPerToken(config.training()) * batchTokens() / machines.workers();
        return flops / (machines.peakFlops() * machines.share());
    }

    /** In the mean over steps. */
    double bytesPerStep() {
        return sum(level -> cost().bytesPerStep(level, machines.workers()));
    }

    /** Where all levels are due; so it would be at every step if all had period 1. */
    double bytesAtFullBoundary() {
        return sum(level -> cost().bytesAtBoundary(level, machines.workers()));
    }

    private double sum(ToDoubleFunction<Level> bytes) {
        return levels().stream().mapToDouble(bytes).sum();
    }

    double exchangeSeconds() {
        return bytesPerStep() / machines.bytesPerSecond();
    }

    double stepSeconds() {
        return computeSeconds() + exchangeSeconds();
    }

    /** The step with the most to exchange. */
    double longestStepSeconds() {
        long cycle = levels().get(levels().size() - 1).periodSteps();
        long warmup = config.training().warmupSteps();
        Cost cost = cost();
        double most = LongStream.rangeClosed(warmup + 1, warmup + cycle)
                .mapToDouble(step -> sum(level -> cost.bytesAt(level, step, machines.workers())))
                .max()
                .orElse(0);
        return computeSeconds() + most / machines.bytesPerSecond();
    }

    public double tokensPerSecond() {
        return batchTokens() / stepSeconds();
    }

    double days() {
        return tokens / tokensPerSecond() / SECONDS_A_DAY;
    }
}
