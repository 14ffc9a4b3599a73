package org.hopespark.conf;

/**
 * Evaluation on held-out rows while a run trains. The workers share the rows, so that all wait equally short.
 *
 * @param everySteps after every so many steps, and after the last; 0 for never
 * @param rows held-out rows, the first ones; 0 for all
 * @param warnAbove a loss of so many nats above the best one is warned of
 */
public record EvaluationConfig(long everySteps, int rows, double warnAbove) {
    static final EvaluationConfig DEFAULT = new EvaluationConfig(0, 64, 0.1);

    public EvaluationConfig {
        if (everySteps < 0) {
            throw new IllegalArgumentException("every-steps must be >= 0 (0: never), got " + everySteps);
        }
        if (rows < 0) {
            throw new IllegalArgumentException("rows must be >= 0 (0: all), got " + rows);
        }
        if (!(warnAbove > 0)) {
            throw new IllegalArgumentException("warn-above must be > 0 nats, got " + warnAbove);
        }
    }

    /** Whether a run of {@code steps} steps evaluates after {@code step}. */
    public boolean isDueAt(long step, long steps) {
        return everySteps > 0 && (step % everySteps == 0 || step == steps);
    }
}
