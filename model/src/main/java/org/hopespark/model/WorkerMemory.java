package org.hopespark.model;

import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;

/**
 * Memory of one worker's device while it trains, in bytes, by formula.
 *
 * <p>Every worker holds the whole model. What autograd keeps is counted from the scripts: each tensor that some
 * backward formula reads, once. Not counted: what a backward pass holds for moments only, the code of the engine, the
 * workspaces of its kernels, fragmentation.
 *
 * @param parameters of all levels, float32
 * @param gradients of all levels, float32; between boundaries they are the open windows
 * @param moments AdamW's two, float32, and the summed updates of levels that are optimized at every step
 * @param activations what autograd keeps of a micro-batch, without the inner state
 * @param innerState the memories of all sequences as they enter each chunk, float32
 * @param head logits of some rows, and the rows themselves
 */
public record WorkerMemory(
        long parameters, long gradients, long moments, long activations, long innerState, long head) {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    /** Logits, their logarithmic softmax, and a temporary of the same size. */
    private static final int COPIES_OF_LOGITS = 3;

    /** Rows around the head: last block's output, normalised, scaled, their gradient, that of the block. */
    private static final int COPIES_OF_ROWS = 5;

    /** By formula, for a configuration and a micro-batch. */
    public static WorkerMemory of(RunConfig config, int microBatchSequences) {
        return of(config, microBatchSequences, config.training().recomputeEveryChunks());
    }

    /**
     * The same with another {@link org.hopespark.conf.TrainingConfig#recomputeEveryChunks()}. Where backward computes
     * blocks anew, the input of every block and the state that enters each of its spans are kept, and the inside of one
     * span of one block.
     */
    public static WorkerMemory of(RunConfig config, int microBatchSequences, int recomputeEveryChunks) {
        ModelConfig model = config.model();
        Architecture architecture = Architecture.of(config);
        long size = architecture.size();
        long tokens = (long) microBatchSequences * model.contextTokens();
        boolean anew = recomputeEveryChunks > 0;
        long blocks = anew ? 1 : model.blocks();
        long span = spanTokens(model, recomputeEveryChunks);
        long inputs = anew ? (long) model.blocks() * model.width() * FLOAT32 : 0;
        long entered = anew
                ? (long) model.blocks() * ((model.contextTokens() + span - 1) / span) * stateOfSequence(model, 1, 1, 1)
                : 0;
        long rows = Math.min(tokens, TorchScriptArchive.headRows(model, ElementType.FLOAT32));
        return new WorkerMemory(
                FLOAT32 * size,
                FLOAT32 * size,
                FLOAT32 * (2 * size + summedUpdates(architecture)),
                blocks * (copiesOfMatrices(architecture) + microBatchSequences * span * activationsPerToken(config))
                        + tokens * inputs,
                (long) FLOAT32 * microBatchSequences * (entered + blocks * innerStateOfSequence(model, span)),
                COPIES_OF_LOGITS * rows * model.vocabularySize() * FLOAT32
                        + COPIES_OF_ROWS * tokens * model.width() * FLOAT32);
    }

    private static long summedUpdates(Architecture architecture) {
        return architecture.schedule().levels().stream()
                .filter(Level::isOptimizedEveryStep)
                .mapToLong(architecture::size)
                .sum();
    }

    /** Tokens of a sequence whose inside exists at once. Attention needs all that came before. */
    private static long spanTokens(ModelConfig model, int chunks) {
        return chunks == 0 || model.mixer() == ModelConfig.Mixer.ATTENTION
                ? model.contextTokens()
                : Math.min(model.contextTokens(), (long) chunks * model.alignTokens());
    }

    /** All parts. */
    public long total() {
        return Stream.of(parameters, gradients, moments, activations, innerState, head)
                .reduce(0L, Math::addExact);
    }

    /** Bytes of one block: its matrices in bfloat16. */
    private static long copiesOfMatrices(Architecture architecture) {
        if (architecture.model().precision() == ModelConfig.Precision.FLOAT32) {
            return 0;
        }
        return BFLOAT16
                * architecture.blocks().get(0).stream()
                        .filter(Cost::isApplied)
                        .mapToLong(ParameterSpec::elements)
                        .sum();
    }

    /** Bytes of one block for one token, the inner state left out. */
    static long activationsPerToken(RunConfig config) {
        ModelConfig model = config.model();
        long mixer = model.mixer() == ModelConfig.Mixer.ATTENTION ? attention(model) : titans(model);
        return mixer
                + config.levels().stream().mapToLong(level -> mlp(model, level)).sum();
    }

    /** Bytes of a number that is kept as input of a large matrix product. */
    private static long product(ModelConfig model) {
        return model.precision() == ModelConfig.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
    }

    /**
     * attention.torchscript: x, normalised, scaled; then queries, keys and values as projected (the values are a view),
     * rotated queries and keys, outputs; in bfloat16 copies of q, k, v, of the outputs, and of these as a product's
     * input. The attention matrix is never whole (Dao et al. 2022, arXiv 2205.14135), a number a head is kept.
     */
    private static long attention(ModelConfig model) {
        long width = model.width();
        long heads = FLOAT32 * (long) model.heads();
        return model.precision() == ModelConfig.Precision.BFLOAT16
                ? (2 * FLOAT32 + 6 * BFLOAT16) * width + heads
                : 9 * FLOAT32 * width + heads;
    }

    /**
     * titans.torchscript and memory.torchscript, for S memories of hidden width m in each of H heads of width d.
     *
     * <p>Of the residual stream's width D: x and normalised; scaled, once for each product in bfloat16; projections
     * with their padding (3), one product a tap but the first (3 each), the argument of SiLU (3), q and k before they
     * are unit vectors (2), q, k and v (3); around the gate 5 and a product's input. The rest is inside chunks:
     * {@link #ofMemories}.
     */
    private static long titans(ModelConfig model) {
        MemoryConfig memory = model.memory();
        long width = model.width();
        long scaled = model.precision() == ModelConfig.Precision.BFLOAT16 ? 2 : 1;
        long float32 = (2 + 8 + 3L * memory.convolutionWidth() + 5) * width + model.heads() * ofMemories(model);
        return FLOAT32 * float32 + product(model) * (scaled + 1) * width;
    }

    /**
     * memory.torchscript, one head: rows of its width d, of the hidden width m and of the chunk's length C.
     *
     * <p>Of each memory, d: error, what is found, the system's right side and solution; m: hidden layer before and
     * after gelu at key and value, unit hidden layer, and that scaled; C: overlaps and system. The others make k and v
     * (3 d) and are read (2 m each); the main one is read (3 m, 2 C). What one group shares: 2 C. An input side adds
     * two slopes, its gradient's factors and rows (6 m), the error before and after the cap (2 d) and overlaps (4 C),
     * and its read 2 d and 2 C.
     */
    private static long ofMemories(ModelConfig model) {
        MemoryConfig memory = model.memory();
        long d = model.headWidth();
        long m = memory.depth() == 1 ? 0 : d * memory.hiddenRatio();
        long others = memory.count() - 1L;
        long chunk = model.chunkTokens();
        long mainChunk = model.mainChunkTokens();
        long momentum = memory.innerMomentum() > 0 ? memory.count() * (d + m) : 0;
        long numbers = momentum
                + 4 * d * memory.count()
                + 3 * d
                + m * (6 * others + 2 * others + 6 + 3)
                + chunk * (2 * others + 2)
                + mainChunk * (1 + 4 + 2);
        if (memory.othersInputRate() > 0) {
            numbers += others * (6 * m + 2 * d) + 4 * chunk;
        }
        if (memory.inputRate() > 0) {
            numbers += 6 * m + 4 * d + 6 * mainChunk;
        }
        return numbers;
    }

    /** continuum.torchscript: x, normalised, scaled; up, and where it is gated the gate before and after SiLU. */
    private static long mlp(ModelConfig model, LevelConfig level) {
        if (level.continuumHidden() == 0) {
            return 0;
        }
        long wide = model.activation() == ModelConfig.Activation.SILU_GATED ? 3 : 1;
        long weighted = model.continuum() == ModelConfig.Continuum.INDEPENDENT ? 1 : 0;
        return FLOAT32 * ((2 + weighted) * model.width() + wide * level.continuumHidden())
                + product(model) * ((long) model.width() + level.continuumHidden());
    }

    /**
     * Numbers of one block for some tokens of a sequence: of every side that is written, what it has moved and what it
     * is at the beginning of every chunk.
     */
    static long innerStateOfSequence(ModelConfig model, long tokens) {
        return stateOfSequence(model, 2, tokens / model.chunkTokens(), tokens / model.mainChunkTokens());
    }

    /**
     * The written sides of the memories of one block for one sequence.
     *
     * @param copies of each side; momentum is another one
     * @param others how many states of the others, and of the main memory
     */
    private static long stateOfSequence(ModelConfig model, int copies, long others, long main) {
        MemoryConfig memory = model.memory();
        if (model.mixer() == ModelConfig.Mixer.ATTENTION) {
            return 0;
        }
        long side = (long) model.width() * model.headWidth() * memory.hiddenRatio();
        int deep = memory.depth() - 1;
        long sidesOfOthers = 1L + (memory.othersInputRate() > 0 ? deep : 0);
        long sidesOfMain = 1L + (memory.inputRate() > 0 ? deep : 0);
        return (memory.innerMomentum() > 0 ? copies + 1 : copies)
                * ((memory.count() - 1L) * others * sidesOfOthers + main * sidesOfMain)
                * side;
    }
}
