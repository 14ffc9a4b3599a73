package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Muon (Jordan et al. 2024): the update of a matrix is its momentum, looked ahead (Nesterov) and made nearly orthogonal
 * by five Newton-Schulz steps; for matrices that decay, but the embedding and the head.
 *
 * <p>The update is multiplied by sqrt(max(1, outputs / inputs)). Jordan's matrices are [outputs, inputs], which makes
 * that max(1, rows / columns); ours are [inputs, outputs], so that it is max(1, columns / rows). A matrix that several
 * projections share, such as query-key-value, is made orthogonal as a whole. Does not commute with slicing: a matrix
 * has one owner.
 */
final class Muon implements Optimizer {
    private static final String MOMENTUM = "momentum";

    private final double momentum;

    Muon(double momentum) {
        this.momentum = momentum;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM);
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
                "muon",
                pieces,
                manager -> new NDList(
                        manager.create(new double[] {update.learningRate(), update.weightDecay(), momentum})));
    }
}
