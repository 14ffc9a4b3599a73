package org.hopespark.conf;

/**
 * How a level's parameters follow from the gradient of its window. Learning rate, weight decay and clipping are those
 * of {@code training}, and so are the settings of AdamW.
 *
 * @param name {@code adamw} (Loshchilov and Hutter 2019), {@code sgd} with momentum (heavy ball) or
 *     {@code preconditioned-momentum} (Nested Learning, section 4.3); or, for the matrices with weight decay but the
 *     embedding, and {@code adamw} for all else, {@code muon} (Jordan et al. 2024), {@code soap} (Vyas et al. 2024),
 *     {@code m3}, {@code delta-momentum} or {@code deep-momentum} (Nested Learning, Algorithm 1 and section 4.3)
 * @param momentum of all but {@code adamw}: what an update leaves of the gradients before it; second moments decay as
 *     those of {@code adamw}
 * @param adamwLearningRateFactor multiplies the level's learning rate for what an optimizer of matrices leaves to
 *     {@code adamw}: the usual rates of {@code muon} are 0.02 and 3e-4, a factor of 0.015
 * @param refreshEveryUpdates of {@code soap}: updates of the level from one eigenbasis to the next; of {@code m3}: f,
 *     those from one slow momentum to the next
 * @param slowMomentum of {@code m3}: what f updates leave of the gradients before them in the slow momentum
 * @param slowFactor of {@code m3}: alpha, the weight of the slow momentum; that of the other one is 1
 */
public record OptimizerConfig(
        Name name,
        double momentum,
        double adamwLearningRateFactor,
        int refreshEveryUpdates,
        double slowMomentum,
        double slowFactor) {
    private static final double MOMENTUM = 0.95;
    private static final double ADAMW_LEARNING_RATE_FACTOR = 1;
    private static final int REFRESH_EVERY_UPDATES = 10;
    private static final double SLOW_MOMENTUM = 0.9;
    private static final double SLOW_FACTOR = 1;

    static final OptimizerConfig DEFAULT = new OptimizerConfig(
            Name.ADAMW, MOMENTUM, ADAMW_LEARNING_RATE_FACTOR, REFRESH_EVERY_UPDATES, SLOW_MOMENTUM, SLOW_FACTOR);

    /** Which rule it is. */
    public enum Name {
        ADAMW,
        SGD,
        MUON,
        SOAP,
        M3,
        PRECONDITIONED_MOMENTUM,
        DELTA_MOMENTUM,
        DEEP_MOMENTUM;

        private boolean isForMatrices() {
            return switch (this) {
                case ADAMW, SGD, PRECONDITIONED_MOMENTUM -> false;
                case MUON, SOAP, M3, DELTA_MOMENTUM, DEEP_MOMENTUM -> true;
            };
        }

        /** As settings and messages have it. */
        public String title() {
            return RecordBinder.kebab(name());
        }
    }

    public OptimizerConfig {
        Checks checks = new Checks();
        checks.that(momentum >= 0 && momentum < 1, "momentum must lie in 0..1, 1 excluded, got " + momentum);
        checks.that(
                adamwLearningRateFactor >= 0,
                "adamw-learning-rate-factor must be >= 0, got " + adamwLearningRateFactor);
        checks.that(refreshEveryUpdates >= 1, "refresh-every-updates must be >= 1, got " + refreshEveryUpdates);
        checks.that(
                slowMomentum >= 0 && slowMomentum < 1,
                "slow-momentum must lie in 0..1, 1 excluded, got " + slowMomentum);
        checks.that(slowFactor >= 0, "slow-factor must be >= 0, got " + slowFactor);
        checkUse(checks, name, "momentum " + momentum, name != Name.ADAMW || momentum == MOMENTUM);
        checkUse(
                checks,
                name,
                "adamw-learning-rate-factor " + adamwLearningRateFactor,
                name.isForMatrices() || adamwLearningRateFactor == ADAMW_LEARNING_RATE_FACTOR);
        checkUse(
                checks,
                name,
                "refresh-every-updates " + refreshEveryUpdates,
                name == Name.SOAP || name == Name.M3 || refreshEveryUpdates == REFRESH_EVERY_UPDATES);
        checkUse(checks, name, "slow-momentum " + slowMomentum, name == Name.M3 || slowMomentum == SLOW_MOMENTUM);
        checkUse(checks, name, "slow-factor " + slowFactor, name == Name.M3 || slowFactor == SLOW_FACTOR);
        checks.done();
    }

    /** A setting that the rule does not have is left as it is. */
    private static void checkUse(Checks checks, Name name, String setting, boolean isUsedOrDefault) {
        checks.that(isUsedOrDefault, setting + " is no setting of " + name.title());
    }
}
