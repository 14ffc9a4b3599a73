package org.hopespark.model;

import ai.djl.ndarray.NDList;
import java.util.List;
import org.hopespark.conf.OptimizerConfig;
import org.hopespark.conf.TrainingConfig;

/**
 * Multi-scale Momentum Muon (Nested Learning, Algorithm 1): the update of a matrix is the sum of two momenta, each made
 * nearly orthogonal by five Newton-Schulz steps, over the root of a second moment; for matrices that decay, but the
 * embedding. The slow momentum takes the mean gradient of every f updates of the level and counts from then on.
 *
 * <p>The paper prints sums that grow without bound; here all three are exponential moving averages. Division by the
 * second moment leaves an update as large as gradients are small, so it is scaled to a root mean square of 0.2, which
 * is about AdamW's: its learning rates and weight decay apply (Liu et al. 2025, arXiv 2502.16982). Neither momentum
 * needs a correction of bias, because Newton-Schulz takes their size away.
 */
final class M3 implements Optimizer {
    private static final String MOMENTUM = "momentum";
    private static final String SECOND_MOMENT = "second-moment";
    /** With what the open f updates have added so far. */
    private static final String SLOW_MOMENTUM = "slow-momentum";
    /** The slow momentum as it was after the last whole f updates, made orthogonal. */
    private static final String SLOW_UPDATE = "slow-update";

    private final OptimizerConfig config;

    M3(OptimizerConfig config) {
        this.config = config;
    }

    @Override
    public List<String> slots() {
        return List.of(MOMENTUM, SECOND_MOMENT, SLOW_MOMENTUM, SLOW_UPDATE);
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
        int every = config.refreshEveryUpdates();
        boolean isFirst = (update.count() - 1) % every == 0;
        boolean isLast = update.count() % every == 0;
        call(
                torch,
                "m3",
                pieces,
                manager -> new NDList(manager.create(new double[] {
                    update.learningRate(),
                    update.weightDecay(),
                    config.momentum(),
                    training.beta2(),
                    1 - Math.pow(training.beta2(), update.count()),
                    training.epsilon(),
                    config.slowFactor(),
                    isFirst ? config.slowMomentum() : 1,
                    (1 - config.slowMomentum()) / every,
                    isLast ? 1 : 0
                })));
    }
}
