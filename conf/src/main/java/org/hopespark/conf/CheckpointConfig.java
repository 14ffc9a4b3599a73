package org.hopespark.conf;

/**
 * When checkpoints are written and how many are kept.
 *
 * @param everySteps a checkpoint after every so many steps, and after the last; part of the run's identity, because a
 *     checkpoint inside a window folds the workers' open accumulators into one
 * @param keep newest checkpoints that stay; 0 keeps all
 */
public record CheckpointConfig(long everySteps, int keep) {
    static final CheckpointConfig DEFAULT = new CheckpointConfig(100, 3);

    public CheckpointConfig {
        if (everySteps < 1) {
            throw new IllegalArgumentException("every-steps must be >= 1, got " + everySteps);
        }
        if (keep < 0) {
            throw new IllegalArgumentException("keep must be >= 0, got " + keep);
        }
    }

    /** Whether a run of {@code steps} steps saves after {@code step}. */
    public boolean isDueAt(long step, long steps) {
        return step % everySteps == 0 || step == steps;
    }
}
