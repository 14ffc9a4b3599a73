package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;

/**
 * Gradient descent with momentum (heavy ball, Polyak 1964) and decoupled weight decay (SGDW, Loshchilov and Hutter
 * 2019, Algorithm 1): m = momentum m + g; p = (1 - lr decay) p - lr m.
 */
final class Sgd implements Optimizer {
    private static final String MOMENTUM = "momentum";

    private final double momentum;

    Sgd(double momentum) {
        this.momentum = momentum;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM);
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
                "sgd",
                pieces,
                manager -> new NDList(
                        manager.create(new double[] {update.learningRate(), update.weightDecay(), momentum})));
    }
}
