package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;
import org.hopespark.conf.TrainingConfig;

/**
 * SOAP (Vyas et al. 2024, Algorithm 3): Adam in the eigenbases of Shampoo's preconditioners, the decaying means of G G'
 * and G' G; for matrices that decay, but the embedding and the head.
 *
 * <p>The first update only fills the preconditioners and decomposes them. Afterwards a basis changes at every so many
 * updates, by one step of power iteration and a QR decomposition, after it has served the update. The decay of the
 * preconditioners is that of the second moment. Bias is corrected as if the first update had not been. A side of more
 * than 10,000 has no basis: it stays as it is.
 *
 * <p>A matrix [m, n] keeps 2 (m n + m m + n n) numbers. Does not commute with slicing: a matrix has one owner.
 */
final class Soap implements Optimizer {
    private static final String MOMENTUM = "momentum";
    private static final String SECOND_MOMENT = "second-moment";
    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    private static final String LEFT_BASIS = "left-basis";
    private static final String RIGHT_BASIS = "right-basis";

    /** As in the authors' code: a decomposition costs the cube of it. */
    private static final long LONGEST_SIDE = 10_000;

    private final double momentum;
    private final int refreshEveryUpdates;

    Soap(double momentum, int refreshEveryUpdates) {
        this.momentum = momentum;
        this.refreshEveryUpdates = refreshEveryUpdates;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM, SECOND_MOMENT, LEFT, RIGHT, LEFT_BASIS, RIGHT_BASIS);
    }

    @Override
    public List<Long> slotShape(String slot, List<Long> parameter) {
        return switch (slot) {
            case LEFT, LEFT_BASIS -> square(parameter.get(0));
            case RIGHT, RIGHT_BASIS -> square(parameter.get(1));
            default -> parameter;
        };
    }

    private static List<Long> square(long side) {
        return side > LONGEST_SIDE ? List.of(0L, 0L) : List.of(side, side);
    }

    @Override
    public Ownership ownership() {
        return Ownership.MATRIX;
    }

    @Override
    public boolean takes(ParameterSpec spec) {
        return Optimizer.isMatrix(spec);
    }

    @Override
    public void update(Torch torch, List<Piece> pieces, Update update) {
        TrainingConfig training = update.training();
        double count = update.count() - 1;
        double rate = update.learningRate()
                * Math.sqrt(1 - Math.pow(training.beta2(), count))
                / (1 - Math.pow(momentum, count));
        boolean refreshes = count % refreshEveryUpdates == 0;
        call(
                torch,
                count == 0 ? "soap_start" : "soap",
                pieces,
                manager -> new NDList(manager.create(new double[] {
                    rate,
                    update.learningRate() * update.weightDecay(),
                    momentum,
                    training.beta2(),
                    training.epsilon(),
                    refreshes ? 1 : 0
                })));
    }
}
