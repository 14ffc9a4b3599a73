package org.hopespark.model;

import java.util.stream.Stream;
import org.hopespark.conf.ExchangeConfig;
import org.hopespark.conf.Level;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.WireFormat;

/**
 * What an architecture costs, computed and not measured: multiplications and additions of a token, bytes between
 * workers. {@link WorkerMemory} has the memory.
 *
 * @param architecture what is trained
 * @param exchange how its levels travel
 */
public record Cost(Architecture architecture, ExchangeConfig exchange) {

    /** The cost of what a configuration describes. */
    public static Cost of(RunConfig config) {
        return new Cost(Architecture.of(config), config.exchange());
    }

    /**
     * Multiplications and additions of a forward pass: 2 for each element of a matrix that is applied to every token,
     * and what each block's {@link Mixer} does besides.
     */
    public double forwardFlopsPerToken() {
        ModelConfig model = architecture.model();
        return 2.0 * appliedElements()
                + model.mixers().stream()
                        .mapToDouble(each -> Mixer.of(model, each).flopsPerToken())
                        .sum();
    }

    /**
     * The same of a training step. The backward pass of a product y = a b is two products of the same size, also for
     * the products of the inner writes, which are part of what is recorded. Where backward recomputes blocks (Chen et
     * al. 2016, arXiv 1604.06174) all but the head goes forward once more.
     */
    public double trainingFlopsPerToken(TrainingConfig training) {
        double forward = forwardFlopsPerToken();
        double head = 2.0 * architecture.head().elements();
        return 3 * forward + (training.recomputeEveryChunks() > 0 ? forward - head : 0);
    }

    /** Elements of the matrices that every token is multiplied with: those of the blocks and the head. */
    private long appliedElements() {
        return Stream.concat(
                        Stream.of(architecture.head()),
                        architecture.blocks().stream().flatMap(block -> block.stream()))
                .filter(Cost::isApplied)
                .mapToLong(ParameterSpec::elements)
                .sum();
    }

    /** Whether every token is multiplied with a parameter as a matrix; the norm of the heads has two axes, too. */
    static boolean isApplied(ParameterSpec parameter) {
        return parameter.decays()
                && parameter.shape().size() == 2
                && !parameter.name().endsWith(".head")
                && !parameter.name().endsWith("convolution");
    }

    /** Bytes that one worker sends, and as many that it receives, at a boundary of a level. */
    public double bytesAtBoundary(Level level, int workers) {
        return bytesOfSum(architecture.size(level), bytesANumber(level, workers), workers) / workers;
    }

    /** The same at a step, from 1. */
    public double bytesAt(Level level, long step, int workers) {
        return bytesOfSum(architecture.size(level), bytesANumberAt(level, step, workers), workers) / workers;
    }

    /** The mean of {@link #bytesAt} over the steps after warm-up. */
    public double bytesPerStep(Level level, int workers) {
        return bytesOfSum(architecture.size(level), bytesANumberPerStep(level, workers), workers) / workers;
    }

    /**
     * b, the mean of both ways of a level's numbers: as gradients to their owner, and back as sums or, from an owner
     * who updates them, as parameters.
     */
    public double bytesANumber(Level level, int workers) {
        double back = exchange.shardsOptimizer(workers) ? ElementType.FLOAT32.bytes() : bytesThere(level);
        return (bytesThere(level) + back) / 2;
    }

    /** b at a step: 0 where the level is not exchanged, as in a window that warm-up drops. */
    public double bytesANumberAt(Level level, long step, int workers) {
        return architecture.schedule().isDueAt(level, step)
                ? bytesANumber(level, workers)
                : bytesANumberBetween(level, workers);
    }

    /** The mean of b over the steps after warm-up: b / C where a level is exchanged once in C steps. */
    public double bytesANumberPerStep(Level level, int workers) {
        double between = bytesANumberBetween(level, workers);
        return between + (bytesANumber(level, workers) - between) / level.periodSteps();
    }

    /**
     * b at a step without a boundary. A level that is optimized at every step saves no more than the way back of
     * parameters that have not changed, and that only where their owners alone update them.
     */
    private double bytesANumberBetween(Level level, int workers) {
        if (!level.isOptimizedEveryStep()) {
            return 0;
        }
        return exchange.shardsOptimizer(workers) ? bytesThere(level) / 2 : bytesANumber(level, workers);
    }

    private static double bytesThere(Level level) {
        return (double) level.wire().bytes(WireFormat.BLOCK) / WireFormat.BLOCK;
    }

    /**
     * Bytes that N workers send together to add up {@code values} numbers of b bytes: a reduce-scatter and an
     * all-gather in which each sends (N - 1) / N of them.
     */
    public static double bytesOfSum(long values, double bytesANumber, int workers) {
        return 2.0 * (workers - 1) * bytesANumber * values;
    }
}
