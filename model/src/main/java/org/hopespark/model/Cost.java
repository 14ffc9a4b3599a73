package org.hopespark.model;

import java.util.stream.Stream;
import org.hopespark.conf.ExchangeConfig;
import org.hopespark.conf.Level;
import org.hopespark.conf.MemoryConfig;
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
     * and those of the {@link #memories}. Attention sees half of the context in the mean: 2 T D for scores and values.
     */
    public double forwardFlopsPerToken() {
        ModelConfig model = architecture.model();
        double applied = 2.0 * appliedElements();
        if (model.mixer() == ModelConfig.Mixer.ATTENTION) {
            return applied + 2.0 * model.blocks() * model.width() * model.contextTokens();
        }
        return applied + (double) model.blocks() * model.heads() * memories(model);
    }

    /**
     * Of the memories of one head, for a token: products with layers of width d and hidden width m, 2 d m each, and
     * with the C tokens of its chunk.
     *
     * <p>An output side takes six layers to write (at the key, and two for the target; error; what is found, what moves
     * on), its overlaps 2 C m and their triangular system C d; an input side four more (error at the chunk's beginning,
     * its gradient, found, moved on), 2 C d and C m. The main memory is read through three layers and 2 C (m + d), and
     * as much and one more where its input side is written; the others through two, or through the first one alone
     * where a number comes out. Memories of depth 1 are output sides whose hidden layer is the key.
     */
    private static double memories(ModelConfig model) {
        MemoryConfig memory = model.memory();
        double d = model.headWidth();
        double m = d * memory.hiddenRatio();
        int others = memory.count() - 1;
        int gates = memory.retention() ? 2 : 1;
        double chunk = model.chunkTokens();
        double mainChunk = model.mainChunkTokens();
        if (memory.depth() == 1) {
            return 2 * d * d * (4 * (others + 1) + others + 2)
                    + 3 * d * (others * chunk + mainChunk)
                    + 4 * d * mainChunk;
        }
        double layers = 6 * (others + 1) + 2 * (others - gates) + gates + 3;
        double mixing = (2 * m + d) * (others * chunk + mainChunk) + 2 * (m + d) * mainChunk;
        if (memory.othersInputRate() > 0) {
            layers += 4 * others;
            mixing += (2 * d + m) * others * chunk;
        }
        if (memory.inputRate() > 0) {
            layers += 4 + 1;
            mixing += (2 * d + m + 2 * (m + d)) * mainChunk;
        }
        return 2 * d * m * layers + mixing;
    }

    /**
     * The same of a training step. The backward pass of a product y = a b is two products of the same size, also for
     * the products of the inner writes, which are part of what is recorded. Where backward computes blocks anew (Chen
     * et al. 2016, arXiv 1604.06174) all but the head goes forward once more.
     */
    public double trainingFlopsPerToken(TrainingConfig training) {
        double forward = forwardFlopsPerToken();
        double head = 2.0 * architecture.embedding().elements();
        return 3 * forward + (training.recomputeEveryChunks() > 0 ? forward - head : 0);
    }

    /** Elements of the matrices that every token is multiplied with; the embedding is the head's. */
    private long appliedElements() {
        return Stream.concat(
                        Stream.of(architecture.embedding()),
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
