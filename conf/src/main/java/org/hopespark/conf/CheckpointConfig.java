package org.hopespark.conf;

/**
 * When checkpoints are written and how many are kept.
 *
 * @param everySteps a checkpoint after every so many steps, and after the last; a checkpoint inside a window folds the
 *     workers' open accumulators into one, so that another interval gives other bits
 * @param keep newest checkpoints that stay; 0 keeps all
 * @param permanentEverySteps checkpoints of multiples of this step stay besides; 0 for none
 */
public record CheckpointConfig(long everySteps, int keep, long permanentEverySteps) {
    static final CheckpointConfig DEFAULT = new CheckpointConfig(100, 3, 0);

    public CheckpointConfig {
        Checks checks = new Checks();
        checks.that(everySteps >= 1, "every-steps must be >= 1, got " + everySteps);
        checks.that(keep >= 0, "keep must be >= 0, got " + keep);
        checks.that(
                permanentEverySteps >= 0 && (everySteps < 1 || permanentEverySteps % everySteps == 0),
                "permanent-every-steps must be a multiple of every-steps = " + everySteps + ", or 0 for none, got "
                        + permanentEverySteps);
        checks.done();
    }

    /** Whether a run of {@code steps} steps saves after {@code step}. */
    public boolean isDueAt(long step, long steps) {
        return step % everySteps == 0 || step == steps;
    }
}
