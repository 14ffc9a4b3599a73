package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;

/**
 * The continuum memory in context (Nested Learning, sections 7.1 and 9.1): while the last blocks read a batch, every
 * sequence updates its own copy of their MLPs with the gradient of its loss, a level each time that its period in
 * tokens has passed since the document's start. A copy begins at the trained parameters.
 *
 * <p>A step knows no target later than the tokens that the next ones follow, so that nothing looks ahead. It costs
 * another forward and a backward pass of the last blocks and the head, and per sequence four times the matrices that
 * are updated; training keeps one copy more for each span.
 */
final class InContext {
    private final Torch torch;
    private final ModelConfig model;
    private final int firstBlock;
    private final List<Matrix> matrices = new ArrayList<>();

    /**
     * A parameter that sequences have copies of.
     *
     * @param block number among the last blocks
     * @param place among the block's parameters
     * @param level counted from 1
     * @param periodTokens of its level
     * @param spec what it is
     */
    record Matrix(int block, int place, int level, int periodTokens, ParameterSpec spec) {}

    /**
     * What became of a batch.
     *
     * @param output [B,T,D] of the last block
     * @param spans for each of the last blocks, what its weights were; empty if they were not kept
     */
    record Result(NDArray output, List<List<Span>> spans) {}

    InContext(Torch torch, RunConfig run, Architecture architecture) {
        this.torch = torch;
        model = run.model();
        firstBlock = model.blocks() - model.inContext().blocks();
        for (int block = firstBlock; block < model.blocks(); block++) {
            for (int level = 1; level <= run.levels().size(); level++) {
                int periodTokens = run.levels().get(level - 1).inContextTokens();
                if (periodTokens > 0) {
                    add(block, level, periodTokens, architecture.blocks().get(block));
                }
            }
        }
    }

    private void add(int block, int level, int periodTokens, List<ParameterSpec> parameters) {
        String mlp = "blocks." + block + ".continuum." + level + ".";
        for (int place = 0; place < parameters.size(); place++) {
            ParameterSpec spec = parameters.get(place);
            if (spec.name().startsWith(mlp) && spec.shape().size() == 2) {
                matrices.add(new Matrix(block - firstBlock, place, level, periodTokens, spec));
            }
        }
    }

    /** The first block that learns in context; the number of blocks where none does. */
    int firstBlock() {
        return firstBlock;
    }

    boolean inTraining() {
        return model.inContext().training() && model.inContext().blocks() > 0;
    }

    /**
     * Leads a batch through the last blocks. Nothing is added to the gradients of the parameters.
     *
     * @param x [B,T,D] what enters the first of them
     * @param blocks parameters of each
     * @param norm [D], before the head
     * @param embedding [V,D]
     * @param keepSpans for a backward pass
     */
    Result read(
            TokenBatch batch,
            Inputs inputs,
            NDArray x,
            List<NDList> blocks,
            NDArray norm,
            NDArray embedding,
            boolean keepSpans) {
        return new InContextReading(torch, model, matrices, batch, inputs, x, blocks, norm, embedding, keepSpans)
                .read();
    }
}
