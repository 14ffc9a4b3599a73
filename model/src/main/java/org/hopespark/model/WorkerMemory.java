package org.hopespark.model;

import java.util.List;
import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.OptimizerConfig;
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
 * @param moments what the optimizers keep, float32, such as AdamW's two, and the summed updates of levels that are
 *     optimized at every step
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
        List<Mixer> mixers =
                model.mixers().stream().map(each -> Mixer.of(model, each)).toList();
        long span = spanTokens(model, recomputeEveryChunks);
        long inside = 0;
        long state = 0;
        long entered = 0;
        for (int i = 0; i < mixers.size(); i++) {
            Mixer mixer = mixers.get(i);
            // where backward recomputes blocks the inside of one of them exists at a time
            long tokensInside = mixer.hasConstantState() ? span : model.contextTokens();
            long activations = copiesOfMatrices(architecture, i)
                    + microBatchSequences * tokensInside * activationsPerToken(config, mixer);
            inside = anew ? Math.max(inside, activations) : inside + activations;
            long ofChunks = mixer.stateOfSequence(2, tokensInside);
            state = anew ? Math.max(state, ofChunks) : state + ofChunks;
            if (anew && mixer.hasConstantState()) {
                entered += (model.contextTokens() + span - 1) / span * mixer.stateOfSequence(1, 0);
            }
        }
        long inputs = anew ? (long) model.blocks() * model.width() * FLOAT32 : 0;
        long rows = Math.min(tokens, TorchScriptArchive.headRows(model, ElementType.FLOAT32));
        return new WorkerMemory(
                FLOAT32 * size,
                FLOAT32 * size,
                FLOAT32 * (slots(config, architecture) + summedUpdates(architecture)),
                inside + tokens * inputs,
                (long) FLOAT32 * microBatchSequences * (entered + state),
                COPIES_OF_LOGITS * rows * model.vocabularySize() * FLOAT32
                        + COPIES_OF_ROWS * tokens * model.width() * FLOAT32);
    }

    private static long slots(RunConfig config, Architecture architecture) {
        return architecture.parameters().stream()
                .mapToLong(spec -> {
                    OptimizerConfig optimizer =
                            config.levels().get(spec.level().index() - 1).optimizer();
                    return Optimizer.of(spec, Optimizer.of(optimizer)).slotElements(spec);
                })
                .sum();
    }

    private static long summedUpdates(Architecture architecture) {
        return architecture.schedule().levels().stream()
                .filter(Level::isOptimizedEveryStep)
                .mapToLong(architecture::size)
                .sum();
    }

    /**
     * Tokens of a sequence whose inside exists at once, where a block's state lets it; without chunks a sequence is one
     * span ({@link Inputs#chunkTokens}).
     */
    private static long spanTokens(ModelConfig model, int chunks) {
        return chunks == 0 || !model.hasChunks()
                ? model.contextTokens()
                : Math.min(model.contextTokens(), (long) chunks * model.alignTokens());
    }

    /** All parts. */
    public long total() {
        return Stream.of(parameters, gradients, moments, activations, innerState, head)
                .reduce(0L, Math::addExact);
    }

    /** Bytes of a block: its matrices in bfloat16. */
    private static long copiesOfMatrices(Architecture architecture, int block) {
        if (architecture.model().precision() == ModelConfig.Precision.FLOAT32) {
            return 0;
        }
        return BFLOAT16
                * architecture.blocks().get(block).stream()
                        .filter(Cost::isApplied)
                        .mapToLong(ParameterSpec::elements)
                        .sum();
    }

    /** Bytes of a block for one token, the inner state left out. */
    static long activationsPerToken(RunConfig config, Mixer mixer) {
        return mixer.activationBytesPerToken()
                + config.levels().stream()
                        .mapToLong(level -> mlp(config.model(), level))
                        .sum();
    }

    /** Bytes of a number that is kept as input of a large matrix product. */
    private static long product(ModelConfig model) {
        return model.precision() == ModelConfig.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
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
}
