package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Momentum of preconditioned gradients (Nested Learning, section 4.3): m = alpha m + eta P g, with the inverse root of
 * AdamW's second moment as P, element by element. Where AdamW divides its momentum, this one keeps gradients as they
 * were divided when they came.
 *
 * <p>The rate of writing, eta, is 1 - alpha: an update is about as large as AdamW's, and its learning rates apply.
 */
final class PreconditionedMomentum implements Optimizer {
    private static final String MOMENTUM = "momentum";
    private static final String SECOND_MOMENT = "second-moment";

    private final double momentum;

    PreconditionedMomentum(double momentum) {
        this.momentum = momentum;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM, SECOND_MOMENT);
    }

    @Override
    public Ownership ownership() {
        return Ownership.SLICE;
    }

    @Override
    public boolean takes(ParameterSpec spec) {
        return true;
    }

    @Override
    public void update(Torch torch, List<Piece> pieces, Update update) {
        call(
                torch,
                "preconditioned_momentum",
                pieces,
                manager -> new NDList(manager.create(settings(update, momentum))));
    }

    /** Learning rate, weight decay, momentum, beta2, correction of the second moment's bias, epsilon. */
    static double[] settings(Update update, double momentum) {
        double beta2 = update.training().beta2();
        return new double[] {
            update.learningRate(),
            update.weightDecay(),
            momentum,
            beta2,
            1 - Math.pow(beta2, update.count()),
            update.training().epsilon()
        };
    }
}
