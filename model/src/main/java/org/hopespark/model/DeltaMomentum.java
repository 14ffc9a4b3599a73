package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Delta momentum (Nested Learning, section 4.3): momentum that erases what it holds in the direction of a gradient
 * before it writes, m = (alpha - u u') m + eta P g; for matrices that decay, but the embedding and the head. P and eta
 * are those of {@link PreconditionedMomentum}.
 *
 * <p>The paper's matrices are [outputs, inputs] and m is multiplied from the right; ours are [inputs, outputs]. It
 * erases with gradients themselves, which diverges where they are longer than the root of 1 + alpha. Here u is the
 * gradient over its Frobenius norm: no eigenvalue of alpha - u u' leaves alpha - 1..alpha. Does not commute with
 * slicing: a matrix has one owner.
 */
final class DeltaMomentum implements Optimizer {
    private static final String MOMENTUM = "momentum";
    private static final String SECOND_MOMENT = "second-moment";

    private final double momentum;

    DeltaMomentum(double momentum) {
        this.momentum = momentum;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM, SECOND_MOMENT);
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
        call(
                torch,
                "delta_momentum",
                pieces,
                manager -> new NDList(manager.create(PreconditionedMomentum.settings(update, momentum))));
    }
}
