package org.hopespark.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.hopespark.conf.TrainingConfig;

/** AdamW (Loshchilov and Hutter 2019, Algorithm 2), with the decay multiplied by the learning rate. */
final class AdamW implements Optimizer {
    private static final String FIRST_MOMENT = "first-moment";
    private static final String SECOND_MOMENT = "second-moment";

    private final double learningRateFactor;

    AdamW(double learningRateFactor) {
        this.learningRateFactor = learningRateFactor;
    }

    @Override
    public List<String> slots() {
        return List.of(FIRST_MOMENT, SECOND_MOMENT);
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
    public double learningRateFactor() {
        return learningRateFactor;
    }

    @Override
    public void update(Torch torch, List<Piece> pieces, Update update) {
        TrainingConfig training = update.training();
        call(torch, "adamw", pieces, manager -> {
            // the kernel reads a count that was already advanced
            NDList more = Optimizer.named(
                    "count", pieces, piece -> manager.create(new float[] {(float) update.count()}, new Shape()));
            more.add(manager.create(new double[] {
                update.learningRate(), update.weightDecay(), training.beta1(), training.beta2(), training.epsilon()
            }));
            return more;
        });
    }
}
