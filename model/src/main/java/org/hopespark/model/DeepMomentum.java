package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Deep momentum gradient descent, DMGD (Nested Learning, section 4.3): the momentum of a matrix is an MLP that learns
 * from its gradients, W = W + m(u), m = alpha m - eta grad <m(u), u>; for matrices that decay, but the embedding and
 * the head.
 *
 * <p>m(u) = tanh(u up) down acts on the n vectors along the matrix' longer side, each as long as its shorter side d; up
 * starts at the identity and down at 0, and alpha pulls them back there. Both layers learn at the rate 1 - alpha from
 * the mean over the vectors. The memory is read after it was written.
 *
 * <p>What the paper leaves open is chosen so that nothing can grow without bound. u is the gradient with a root mean
 * square of 1, tanh is bounded, and the update is scaled to a root mean square of 0.2, about AdamW's, so that its
 * learning rates apply. The paper's example of an inner objective is <m(u), 1>, which would teach every element of a
 * vector the same; the gradient itself takes the place of 1. Does not commute with slicing: a matrix has one owner.
 */
final class DeepMomentum implements Optimizer {
    /** How far the first layer is from the identity. */
    private static final String UP = "memory-up";

    private static final String DOWN = "memory-down";

    private final double momentum;

    DeepMomentum(double momentum) {
        this.momentum = momentum;
    }

    @Override
    public List<String> slots() {
        return List.of(UP, DOWN);
    }

    @Override
    public List<Long> slotShape(String slot, List<Long> parameter) {
        long shorter = Math.min(parameter.get(0), parameter.get(1));
        return List.of(shorter, shorter);
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
                "deep_momentum",
                pieces,
                manager -> new NDList(
                        manager.create(new double[] {update.learningRate(), update.weightDecay(), momentum})));
    }
}
