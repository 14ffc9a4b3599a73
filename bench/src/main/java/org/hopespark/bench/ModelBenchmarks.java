package org.hopespark.bench;

import java.io.IOException;
import java.util.List;
import org.hopespark.conf.RunConfig;

/** How fast one worker trains, beside the matrix products that its machine can do. */
public final class ModelBenchmarks {
    private static final double SECONDS = 4;

    private ModelBenchmarks() {}

    /** A figure with its unit. */
    public record Result(String name, double value, String unit) {}

    /** Trains on random tokens with one thread; the median of a few micro-batches. */
    public static List<Result> run(RunConfig config) throws IOException {
        StepBenchmark step = StepBenchmark.run(config, SECONDS);
        String name = "training step, " + (config.preset().isEmpty() ? config.name() : config.preset()) + ", ";
        return List.of(
                new Result(
                        "matrix product 512 x 512, float32, one thread", step.peakFlopsPerSecond() * 1e-9, "GFLOP/s"),
                new Result(name + "one thread", step.tokensPerSecond(), "tokens/s"),
                new Result(name + "one thread", step.flopsPerSecond() * 1e-9, "GFLOP/s"),
                new Result(
                        name + "share of the matrix product", step.flopsPerSecond() / step.peakFlopsPerSecond(), "x"));
    }
}
