package org.hopespark.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hopespark.conf.OptimizerConfig;
import org.hopespark.conf.TrainingConfig;

/**
 * How parameters of a level follow from the gradient of its window. To add one: implement this, name it in
 * {@link OptimizerConfig}, and choose it in {@link #of}.
 *
 * <p>An optimizer keeps no arrays of its own. Its state are named slots, as large as the parameters; they are shared
 * out among the workers and saved as {@code level-N.optimizer} with tensors {@code SLOT.PARAMETER}. Clipping, the
 * reduction of the window and the weight decay of summed updates are not its business ({@link LevelUpdate}).
 */
interface Optimizer {

    /** What no two workers share. */
    enum Ownership {
        /** Any slice of the level's vector: each element is updated by itself. */
        SLICE,
        /** A whole matrix. */
        MATRIX
    }

    /**
     * A part of a level that this worker updates at once: a slice [n], or a matrix [rows, columns].
     *
     * @param range its place in the level's vector
     * @param first its place in the slots, which hold no more than what this worker updates
     * @param decays whether weight decay applies
     * @param parameters views of the level's parameters
     * @param target what the optimizer moves: the parameters, or the sum of their updates
     * @param gradient of the window, reduced and clipped
     * @param slots views of the state by slot
     */
    record Piece(
            Bucket.Range range,
            long first,
            boolean decays,
            NDArray parameters,
            NDArray target,
            NDArray gradient,
            Map<String, NDArray> slots) {
        public Piece {
            slots = Map.copyOf(slots);
        }

        NDArray slot(String name) {
            NDArray slot = slots.get(name);
            if (slot == null) {
                throw new IllegalArgumentException("no slot " + name + " among " + slots.keySet());
            }
            return slot;
        }
    }

    /**
     * What an update is made with.
     *
     * @param learningRate of this update
     * @param weightDecay decoupled, per unit of learning rate; 0 for pieces that do not decay
     * @param count updates of the level so far, this one included
     * @param training settings of the run
     */
    record Update(double learningRate, double weightDecay, double count, TrainingConfig training) {}

    /** Names of the slots, as checkpoints have them. */
    List<String> slots();

    /** What has one owner each. */
    Ownership ownership();

    /** Whether it updates a parameter; that of the first optimizer of a level that does counts. */
    boolean takes(ParameterSpec spec);

    /** What the level's learning rate is multiplied with. */
    default double learningRateFactor() {
        return 1;
    }

    /** Moves the targets of pieces that all decay, or all do not. */
    void update(List<Piece> pieces, Update update);

    /**
     * Calls a script that takes one list each of the targets, the gradients and every slot, in the order of
     * {@link #slots}.
     *
     * @param more what it takes besides
     */
    default void call(Torch torch, String script, List<Piece> pieces, Function<NDManager, NDList> more) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList arguments = named("target", pieces, Piece::target);
            arguments.addAll(named("gradient", pieces, Piece::gradient));
            for (String slot : slots()) {
                // names of lists have no hyphens
                arguments.addAll(named(slot.replace('-', '_'), pieces, piece -> piece.slot(slot)));
            }
            arguments.addAll(more.apply(manager));
            torch.call(script, arguments);
        }
    }

    /** One array of each piece, as a list that a script takes. */
    static NDList named(String name, List<Piece> pieces, Function<Piece, NDArray> array) {
        return Torch.named(name, pieces.stream().map(array).toList());
    }

    /** Numbers that are kept for each of a parameter, in as many slots. */
    static int slotsOf(OptimizerConfig config, ParameterSpec spec, ParameterSpec embedding) {
        return switch (config.name()) {
            case ADAMW -> 2;
            case SGD -> 1;
            case MUON -> Muon.isMatrix(spec, embedding) ? 1 : 2;
        };
    }

    /** The optimizers of a level: each parameter belongs to the first that takes it. */
    static List<Optimizer> of(OptimizerConfig config, Torch torch, ParameterSpec embedding) {
        return switch (config.name()) {
            case ADAMW -> List.of(new AdamW(torch, 1));
            case SGD -> List.of(new Sgd(torch, config.momentum()));
            case MUON ->
                List.of(
                        new Muon(torch, config.momentum(), embedding),
                        new AdamW(torch, config.adamwLearningRateFactor()));
        };
    }
}
