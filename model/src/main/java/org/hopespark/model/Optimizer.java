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
 * <p>An optimizer keeps no arrays of its own. Its state are named slots of each parameter; they are shared out among
 * the workers and saved as {@code level-N.optimizer} with tensors {@code SLOT.PARAMETER}. Clipping, the reduction of
 * the window and the weight decay of summed updates are not its business ({@link LevelUpdate}).
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
     * @param decays whether weight decay applies
     * @param parameters views of the level's parameters
     * @param target what the optimizer moves: the parameters, or the sum of their updates
     * @param gradient of the window, reduced and clipped
     * @param slots views of the state by slot
     */
    record Piece(
            Bucket.Range range,
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

    /**
     * Shape of a parameter's slot: that of the parameter, unless the optimizer owns whole matrices and wants another
     * one; an axis of length 0 for no slot.
     */
    default List<Long> slotShape(String slot, List<Long> parameter) {
        return parameter;
    }

    /** What has one owner each. */
    Ownership ownership();

    /** Whether it updates a parameter; that of the first optimizer of a level that does counts. */
    boolean takes(ParameterSpec spec);

    /** What the level's learning rate is multiplied with. */
    default double learningRateFactor() {
        return 1;
    }

    /** Moves the targets of pieces that all decay, or all do not. */
    void update(Torch torch, List<Piece> pieces, Update update);

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

    /** Whether a parameter is a matrix inside the network; rows of the embedding and the head belong to one id each. */
    static boolean isMatrix(ParameterSpec spec) {
        return spec.decays() && spec.shape().size() == 2 && !spec.hasRowsOfIds();
    }

    /** The optimizer of a parameter: the first that takes it. */
    static Optimizer of(ParameterSpec spec, List<Optimizer> optimizers) {
        return optimizers.stream()
                .filter(optimizer -> optimizer.takes(spec))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no optimizer takes " + spec.name()));
    }

    /** Numbers that all slots of a parameter hold together. */
    default long slotElements(ParameterSpec spec) {
        return slots().stream()
                .map(slot -> slotShape(slot, spec.shape()))
                .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /** The optimizers of a level: each parameter belongs to the first that takes it. */
    static List<Optimizer> of(OptimizerConfig config) {
        Optimizer first = switch (config.name()) {
            case ADAMW -> new AdamW(1);
            case SGD -> new Sgd(config.momentum());
            case MUON -> new Muon(config.momentum());
            case SOAP -> new Soap(config.momentum(), config.refreshEveryUpdates());
            case M3 -> new M3(config);
            case PRECONDITIONED_MOMENTUM -> new PreconditionedMomentum(config.momentum());
            case DELTA_MOMENTUM -> new DeltaMomentum(config.momentum());
            case DEEP_MOMENTUM -> new DeepMomentum(config.momentum());
        };
        return first.ownership() == Ownership.SLICE
                ? List.of(first)
                : List.of(first, new AdamW(config.adamwLearningRateFactor()));
    }
}
