package org.hopespark.conf;

/**
 * How a level's parameters follow from the gradient of its window. Learning rate, weight decay and clipping are those
 * of {@code training}, and so are the settings of AdamW.
 *
 * @param name {@code adamw} (Loshchilov and Hutter 2019), {@code sgd} with momentum (heavy ball), or {@code muon}
 *     (Jordan et al. 2024) for the matrices with weight decay but the embedding, and {@code adamw} for all else
 * @param momentum of {@code sgd} and {@code muon}: what an update leaves of the gradients before it
 * @param adamwLearningRateFactor multiplies the level's learning rate for what {@code muon} leaves to {@code adamw}:
 *     the usual rates are 0.02 and 3e-4, a factor of 0.015
 */
public record OptimizerConfig(Name name, double momentum, double adamwLearningRateFactor) {
    static final OptimizerConfig DEFAULT = new OptimizerConfig(Name.ADAMW, 0.95, 1.0);

    /** Which rule it is. */
    public enum Name {
        ADAMW,
        SGD,
        MUON
    }

    public OptimizerConfig {
        Checks checks = new Checks();
        checks.that(momentum >= 0 && momentum < 1, "momentum must lie in 0..1, 1 excluded, got " + momentum);
        checks.that(
                adamwLearningRateFactor >= 0,
                "adamw-learning-rate-factor must be >= 0, got " + adamwLearningRateFactor);
        checks.done();
    }
}
