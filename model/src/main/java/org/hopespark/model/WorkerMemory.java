package org.hopespark.model;

import java.util.stream.Stream;
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
 * @param moments AdamW's two, float32
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
                ? (long) model.blocks() * ((model.contextTokens() + span - 1) / span) * stateOfSequence(model, 1, 1)
                : 0;
        long rows = Math.min(tokens, TorchScriptArchive.headRows(model, ElementType.FLOAT32));
        return new WorkerMemory(
                FLOAT32 * size,
                FLOAT32 * size,
                2 * FLOAT32 * size,
                blocks * (copiesOfMatrices(architecture) + microBatchSequences * span * activationsPerToken(config))
                        + tokens * inputs,
                (long) FLOAT32 * microBatchSequences * (entered + blocks * innerStateOfSequence(model, span)),
                COPIES_OF_LOGITS * rows * model.vocabularySize() * FLOAT32
                        + COPIES_OF_ROWS * tokens * model.width() * FLOAT32);
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
     * are unit vectors (2), q, k and v (3); around the gate 5 and a product's input. Of the same width inside chunks:
     * key, value and their arguments 8, and errors of the memories before and after the cap, 2 S. Of the memories'
     * hidden width: 10 S for the write, 2 for each memory but the main one that makes a rate, key or value, 3 for the
     * read. Of the chunk's length: 5 C x C matrices for the write and 6 for the read.
     */
    private static long titans(ModelConfig model) {
        MemoryConfig memory = model.memory();
        long width = model.width();
        long s = memory.count();
        long scaled = model.precision() == ModelConfig.Precision.BFLOAT16 ? 2 : 1;
        long float32 = (2 + 8 + 3L * memory.convolutionWidth() + 5 + 8 + 2 * s) * width
                + hiddenOfMemories(memory) * width * memory.hiddenRatio()
                + model.heads() * (5L * model.chunkTokens() + 6L * model.mainChunkTokens());
        return FLOAT32 * float32 + product(model) * (scaled + 1) * width;
    }

    /** A memory of depth 1 has no nonlinearity whose slopes are kept. */
    private static long hiddenOfMemories(MemoryConfig memory) {
        long s = memory.count();
        long momentum = memory.innerMomentum() > 0 ? 2 * s : 0;
        return momentum + (memory.depth() == 1 ? 2 * s : 10 * s + 2 * (s - 1) + 3);
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

    /** Numbers of one block for some tokens of a sequence: its memories at the beginning of every chunk. */
    static long innerStateOfSequence(ModelConfig model, long tokens) {
        return stateOfSequence(model, tokens / model.chunkTokens(), tokens / model.mainChunkTokens());
    }

    /** The memories of one block for one sequence, twice with momentum, the main one apart. */
    private static long stateOfSequence(ModelConfig model, long others, long main) {
        MemoryConfig memory = model.memory();
        if (model.mixer() == ModelConfig.Mixer.ATTENTION) {
            return 0;
        }
        long one = (long) memory.depth() * model.width() * model.headWidth() * memory.hiddenRatio();
        return (memory.innerMomentum() > 0 ? 2 : 1) * ((memory.count() - 1L) * others + main) * one;
    }
}
