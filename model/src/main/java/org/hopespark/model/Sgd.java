package org.hopespark.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.List;

/**
 * Gradient descent with momentum (heavy ball, Polyak 1964) and decoupled weight decay (SGDW, Loshchilov and Hutter
 * 2019, Algorithm 1): m = momentum m + g; p = (1 - lr decay) p - lr m.
 */
final class Sgd implements Optimizer {
    private static final String MOMENTUM = "momentum";

    private final Torch torch;
    private final double momentum;

    Sgd(Torch torch, double momentum) {
        this.torch = torch;
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
    public void update(List<Piece> pieces, Update update) {
        try (NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList arguments = new NDList();
            arguments.addAll(Optimizer.named("p", pieces, Piece::target));
            arguments.addAll(Optimizer.named("g", pieces, Piece::gradient));
            arguments.addAll(Optimizer.named("m", pieces, piece -> piece.slot(MOMENTUM)));
            arguments.add(manager.create(new double[] {update.learningRate(), update.weightDecay(), momentum}));
            torch.call("sgd", arguments);
        }
    }
}
