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
        if (everySteps < 1) {
            throw new IllegalArgumentException("every-steps must be >= 1, got " + everySteps);
        }
        if (keep < 0) {
            throw new IllegalArgumentException("keep must be >= 0, got " + keep);
        }
        if (permanentEverySteps < 0 || permanentEverySteps % everySteps != 0) {
            throw new IllegalArgumentException("permanent-every-steps must be a multiple of every-steps = " + everySteps
                    + ", or 0 for none, got " + permanentEverySteps);
        }
    }

    /** Whether a run of {@code steps} steps saves after {@code step}. */
    public boolean isDueAt(long step, long steps) {
        return step % everySteps == 0 || step == steps;
    }
}
