package org.hopespark.conf;

/**
 * The outer optimisation: an optimizer for every level at its boundaries, and a learning rate that warms up and decays.
 *
 * @param steps optimizer steps of the run
 * @param batchSequences sequences of the global batch; never depends on the number of workers
 * @param microBatchSequences sequences that a worker puts through the network at once
 * @param learningRate peak learning rate
 * @param schedule of the learning rate after its warm-up: {@code cosine} and {@code linear} decay from then on,
 *     {@code warmup-stable-decay} (Hu et al. 2024) stays at the peak and decays at the end, so that a run can be made
 *     longer from any checkpoint before that, {@code constant} never decays
 * @param finalLearningRateFactor learning rate at the last step, as a fraction of the peak; 1 is constant
 * @param decayShare of {@code warmup-stable-decay}: the share of all steps, the last ones, in which the rate decays
 *     linearly
 * @param warmupSteps steps of linear warm-up from 0; levels with a period above 1 are not updated before its last one
 * @param weightDecay decoupled weight decay of matrices
 * @param beta1 decay of AdamW's first moment
 * @param beta2 decay of AdamW's second moment
 * @param epsilon added to the root of the second moment
 * @param clipNorm largest gradient norm of a level, taken on its reduced mean; 0 for no limit
 * @param recomputeEveryChunks backward recomputes a block from its input, this many chunks at a time, so that memory
 *     hardly grows with the context; 0 keeps what the forward pass made, which is a third faster
 * @param statisticsEverySteps how often the inner learning and the drift of the levels are looked at; 0 for never
 * @param stateCheckEverySteps how often a worker compares its parameters, moments and windows with their checksums, to
 *     notice memory that changes by itself; levels of longer periods at each of their boundaries; 0 for never
 */
public record TrainingConfig(
        long steps,
        int batchSequences,
        int microBatchSequences,
        double learningRate,
        Schedule schedule,
        double finalLearningRateFactor,
        double decayShare,
        long warmupSteps,
        double weightDecay,
        double beta1,
        double beta2,
        double epsilon,
        double clipNorm,
        int recomputeEveryChunks,
        long statisticsEverySteps,
        long stateCheckEverySteps) {
    private static final double FINAL_LEARNING_RATE_FACTOR = 0.1;
    private static final double DECAY_SHARE = 0.2;

    public static final TrainingConfig DEFAULT = new TrainingConfig(
            1000,
            16,
            4,
            1e-3,
            Schedule.COSINE,
            FINAL_LEARNING_RATE_FACTOR,
            DECAY_SHARE,
            100,
            0.1,
            0.9,
            0.95,
            1e-8,
            1.0,
            0,
            50,
            1);

    /** How the learning rate decays. */
    public enum Schedule {
        COSINE,
        LINEAR,
        WARMUP_STABLE_DECAY,
        CONSTANT
    }

    public TrainingConfig {
        Checks checks = new Checks();
        checks.that(steps >= 1, "steps must be >= 1, got " + steps);
        checks.that(batchSequences >= 1, "batch-sequences must be >= 1, got " + batchSequences);
        checks.that(microBatchSequences >= 1, "micro-batch-sequences must be >= 1, got " + microBatchSequences);
        checks.that(learningRate > 0, "learning-rate must be > 0, got " + learningRate);
        checks.that(
                finalLearningRateFactor >= 0 && finalLearningRateFactor <= 1,
                "final-learning-rate-factor must lie in 0..1, got " + finalLearningRateFactor);
        checks.that(
                schedule != Schedule.CONSTANT
                        || finalLearningRateFactor == FINAL_LEARNING_RATE_FACTOR
                        || finalLearningRateFactor == 1,
                "final-learning-rate-factor " + finalLearningRateFactor + " is no setting of schedule: constant");
        checks.that(decayShare > 0 && decayShare <= 1, "decay-share must lie in 0..1, 0 excluded, got " + decayShare);
        checks.that(
                schedule == Schedule.WARMUP_STABLE_DECAY || decayShare == DECAY_SHARE,
                "decay-share " + decayShare + " is a setting of schedule: warmup-stable-decay only");
        checks.that(warmupSteps >= 0, "warmup-steps must be >= 0, got " + warmupSteps);
        checks.that(weightDecay >= 0, "weight-decay must be >= 0, got " + weightDecay);
        checks.that(
                beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
                "beta1 and beta2 must lie in 0..1, got " + beta1 + ", " + beta2);
        checks.that(epsilon > 0, "epsilon must be > 0, got " + epsilon);
        checks.that(clipNorm >= 0, "clip-norm must be >= 0, got " + clipNorm);
        checks.that(recomputeEveryChunks >= 0, "recompute-every-chunks must be >= 0, got " + recomputeEveryChunks);
        checks.that(stateCheckEverySteps >= 0, "state-check-every-steps must be >= 0, got " + stateCheckEverySteps);
        checks.that(statisticsEverySteps >= 0, "statistics-every-steps must be >= 0, got " + statisticsEverySteps);
        checks.done();
    }

    /** The learning rate at {@code step} (from 1): linear warm-up, then what the schedule makes of the peak. */
    public double learningRateAt(long step) {
        if (step <= warmupSteps) {
            return learningRate * step / warmupSteps;
        }
        return learningRate * (finalLearningRateFactor + (1 - finalLearningRateFactor) * undecayed(step));
    }

    /** From 1 at the end of the warm-up to 0 at the last step. */
    private double undecayed(long step) {
        return switch (schedule) {
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * progress(step, warmupSteps)));
            case LINEAR -> 1 - progress(step, warmupSteps);
            case WARMUP_STABLE_DECAY -> 1 - progress(step, Math.max(warmupSteps, Math.round(steps * (1 - decayShare))));
            case CONSTANT -> 1;
        };
    }

    /** The share of the steps from {@code first} on that are done, 0 before it. */
    private double progress(long step, long first) {
        return Math.max(0, Math.min(1.0, (double) (step - first) / Math.max(1, steps - first)));
    }
}
