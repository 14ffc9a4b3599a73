package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.hopespark.conf.InContextConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;

/**
 * The continuum memory in context (Nested Learning, sections 7.1 and 9.1): while the last blocks read, every sequence
 * updates its own copy of their MLPs, a level each time that its period in tokens has passed since the document's start
 * (Eq. 71). A copy begins at the trained parameters.
 *
 * <p>What is learned is to predict the next input token, whatever is scored. The loss of a window is the summed
 * negative log-likelihood of the ids that follow its tokens, the first id of the next window included. The step is
 * therefore taken when that id is read, before anything is predicted from it: no output depends on a later input. The
 * gradient of a window is taken from the state of the mixers at its start, through which no gradient flows further
 * back; a slower level adds up the gradients of the finest windows that its own consists of. Where documents are
 * carried on, a row is one document to all of this.
 *
 * <p>Where the continuum memory is nested, a level restarts when the window of the next slower level in context closes:
 * from an initial state that belongs to that slower level (Eq. 72). It begins at the trained parameters, too, and its
 * gradient is, to first order, the sum of the gradients along the way that started there.
 *
 * <p>Learning costs a backward pass of the last blocks and the head; another forward pass in training, and of a window
 * that was not read in one piece; and per sequence four times the matrices that are updated. Training keeps one copy
 * more for each span.
 */
final class InContext {
    private final Torch torch;
    private final ModelConfig model;
    private final int firstBlock;
    private final List<Block> blocks;
    private final NDArray norm;
    private final NDArray head;
    private final Map<Integer, Integer> periods = new TreeMap<>();
    private final List<Matrix> matrices = new ArrayList<>();
    private final List<Initial> initials = new ArrayList<>();

    /**
     * A parameter that sequences have copies of.
     *
     * @param block number among the last blocks
     * @param place among the block's parameters
     * @param level counted from 1
     * @param spec what it is
     */
    record Matrix(int block, int place, int level, ParameterSpec spec) {}

    /**
     * What a copy restarts from.
     *
     * @param matrix number of the matrix
     * @param level that learns it
     */
    record Initial(int matrix, int level) {}

    /**
     * What became of a batch.
     *
     * @param output [B,T,D] of the last block
     * @param spans for each of the last blocks, what its weights were; empty if they were not kept
     */
    record Result(NDArray output, List<List<Span>> spans) {}

    /**
     * Finds what learns in context.
     *
     * @param all the blocks
     * @param norm [D], before the head
     * @param head [V,D]
     */
    InContext(Torch torch, RunConfig run, Architecture architecture, List<Block> all, NDArray norm, NDArray head) {
        this.torch = torch;
        this.norm = norm;
        this.head = head;
        model = run.model();
        firstBlock = model.blocks() - model.inContext().blocks();
        blocks = List.copyOf(all.subList(firstBlock, all.size()));
        if (!isOn()) {
            return;
        }
        for (int level = 1; level <= run.levels().size(); level++) {
            int tokens = run.levels().get(level - 1).inContextTokens();
            if (tokens > 0) {
                periods.put(level, tokens);
            }
        }
        for (int block = firstBlock; block < model.blocks(); block++) {
            for (int level : periods.keySet()) {
                addMatrices(block, level, architecture.blocks().get(block));
            }
        }
        if (model.continuum() == ModelConfig.Continuum.NESTED) {
            addInitials();
        }
    }

    private void addMatrices(int block, int level, List<ParameterSpec> parameters) {
        String mlp = "blocks." + block + ".continuum." + level + ".";
        for (int place = 0; place < parameters.size(); place++) {
            ParameterSpec spec = parameters.get(place);
            if (spec.name().startsWith(mlp) && spec.shape().size() == 2) {
                matrices.add(new Matrix(block - firstBlock, place, level, spec));
            }
        }
    }

    private void addInitials() {
        for (int i = 0; i < matrices.size(); i++) {
            int matrix = i;
            int faster = matrices.get(i).level();
            periods.keySet().stream()
                    .filter(level -> level > faster)
                    .findFirst()
                    .ifPresent(level -> initials.add(new Initial(matrix, level)));
        }
    }

    /** Whether any block learns in context. */
    boolean isOn() {
        return model.inContext().blocks() > 0;
    }

    /** The first block that learns in context; the number of blocks where none does. */
    int firstBlock() {
        return firstBlock;
    }

    boolean inTraining() {
        return model.inContext().training() && isOn();
    }

    InContextConfig config() {
        return model.inContext();
    }

    /** Tokens after which a level takes a step, by level, fastest first. */
    Map<Integer, Integer> periods() {
        return Collections.unmodifiableMap(periods);
    }

    /** Tokens of the shortest window; the others are multiples. */
    int windowTokens() {
        return periods.values().iterator().next();
    }

    /** What sequences have copies of. */
    List<Matrix> matrices() {
        return Collections.unmodifiableList(matrices);
    }

    /** What copies restart from; none where the continuum memory is not nested. */
    List<Initial> initialStates() {
        return Collections.unmodifiableList(initials);
    }

    /** The last blocks. */
    List<Block> blocks() {
        return blocks;
    }

    NDArray norm() {
        return norm;
    }

    NDArray head() {
        return head;
    }

    /** How many lists of arrays a sequence carries on besides the states of the blocks. */
    int lists() {
        return isOn() ? InContextState.lists(blocks.size()) : 0;
    }

    /**
     * Leads a batch through the last blocks. Nothing is added to the gradients of the parameters.
     *
     * @param x [B,T,D] what enters the first of them
     * @param keepSpans for a backward pass
     */
    Result read(TokenBatch batch, Inputs inputs, NDArray x, boolean keepSpans) {
        boolean reset = model.documents() == ModelConfig.Documents.RESET;
        long[][] positions = batch.sequences().stream()
                .map(row -> reset
                        ? row.positions()
                        : LongStream.range(0, batch.tokens()).toArray())
                .toArray(long[][]::new);
        InContextState nothing = InContextState.none(this, x);
        InContextReading reading =
                new InContextReading(torch, this, inputs, positions, x, nothing, nothing.mixers(), keepSpans);
        return new Result(reading.read(), reading.spans());
    }

    /**
     * Leads the next tokens of sequences through the last blocks.
     *
     * @param before states of these blocks, then {@link InContextState#lists}; nothing before the first token
     * @param seen tokens before, of each sequence
     * @param inputs of the next tokens
     * @param x [B,T,D] what enters the first of these blocks
     * @param next receives the same after the tokens
     * @return [B,T,D] of the last block
     */
    NDArray advance(List<NDList> before, long seen, Inputs inputs, NDArray x, List<NDList> next) {
        InContextState state = before.isEmpty()
                ? InContextState.none(this, x)
                : InContextState.of(before.subList(blocks.size(), before.size()));
        List<NDList> mixers = before.isEmpty() ? state.mixers() : before.subList(0, blocks.size());
        NDArray ids = InContextState.joined(state.ids(), inputs.ids());
        long windowStart = seen - state.openTokens();
        long[] positions = LongStream.range(windowStart, seen + inputs.tokens()).toArray();
        long[][] ofAll = new long[(int) ids.getShape().get(0)][];
        Arrays.fill(ofAll, positions);
        InContextReading reading = new InContextReading(
                torch,
                this,
                Inputs.following(x.getManager(), model, ids, windowStart),
                ofAll,
                InContextState.joined(state.rows(), x),
                state,
                mixers,
                false);
        NDArray output = reading.read();
        next.addAll(reading.mixers());
        next.addAll(reading.after().lists());
        return output;
    }
}
