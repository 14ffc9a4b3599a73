package org.hopespark.conf;

/**
 * One level of the continuum memory system: everything that is updated with the same period C^(l) (Nested Learning,
 * section 3.2 and Eq. 71).
 *
 * @param index l, counted from 1; 1 is the fastest
 * @param periodSteps C^(l) in optimizer steps
 * @param phaseSteps how many steps earlier than at multiples of C^(l) its boundaries lie; not 0 only for a part of a
 *     level whose blocks take turns
 * @param learningRateFactor what the run's learning rate is multiplied with at this level's boundaries
 * @param wire number format in which its gradient travels
 * @param delaySteps how many steps after a boundary the level is updated
 * @param reduction what it makes of the steps of its window
 */
public record Level(
        int index,
        long periodSteps,
        long phaseSteps,
        double learningRateFactor,
        WireFormat wire,
        long delaySteps,
        Reduction reduction) {
    public Level {
        Checks checks = new Checks();
        checks.that(index >= 1, "a level's index counts from 1, got " + index);
        checks.that(
                phaseSteps >= 0 && phaseSteps < Math.max(1, periodSteps),
                "the phase of level " + index + " must be >= 0 and below C^(" + index + ") = " + periodSteps + ", got "
                        + phaseSteps);
        check(checks, periodSteps, learningRateFactor, wire, delaySteps, reduction);
        checks.done();
    }

    /** What must hold of the settings of any level. */
    static void check(
            Checks checks,
            long periodSteps,
            double learningRateFactor,
            WireFormat wire,
            long delaySteps,
            Reduction reduction) {
        checks.that(periodSteps >= 1, "period-steps must be >= 1, got " + periodSteps);
        checks.that(learningRateFactor >= 0, "learning-rate-factor must be >= 0, got " + learningRateFactor);
        checks.that(
                delaySteps >= 0 && delaySteps < Math.max(1, periodSteps),
                "delay-steps must be >= 0 and below period-steps " + periodSteps + ", got " + delaySteps);
        checks.that(
                delaySteps <= 0 || wire == WireFormat.FLOAT32,
                "delay-steps " + delaySteps + " and " + wire.title() + ": choose one approximation for a level");
        checks.that(
                delaySteps <= 0 || reduction != Reduction.SUM_OF_UPDATES,
                "delay-steps " + delaySteps + " and reduction sum-of-updates, which is exchanged at every step and has"
                        + " nothing to wait for");
    }

    /** A level that is updated as a whole, at its boundaries, exactly. */
    public Level(int index, long periodSteps, double learningRateFactor) {
        this(index, periodSteps, 0, learningRateFactor, WireFormat.FLOAT32, 0, Reduction.MEAN);
    }

    /** Whether {@code step}, counted from 1, is the last one of a window of this level. */
    public boolean closesWindowAt(long step) {
        return (step + phaseSteps) % periodSteps == 0;
    }

    /**
     * Whether the level's parameters change at the boundary {@code step}: no level with C > 1 moves before warm-up has
     * ended.
     */
    public boolean isDueAt(long step, long warmupSteps) {
        return closesWindowAt(step) && (periodSteps == 1 || step >= warmupSteps);
    }

    /** Whether every step goes through the optimizer by itself, so that all workers need its gradient. */
    public boolean isOptimizedEveryStep() {
        return reduction == Reduction.SUM_OF_UPDATES;
    }

    /**
     * How many steps the window has that closes at {@code step} or, where none does, closed last: C^(l), but for the
     * first window of a level that is early by a phase. Before the first, all steps so far.
     */
    public long windowSteps(long step) {
        long boundary = step - (step + phaseSteps) % periodSteps;
        return Math.min(periodSteps, boundary > 0 ? boundary : step);
    }

    /** What the level multiplies the sum of the gradients with that its window at {@code step} holds. */
    public double gradientFactor(long step) {
        return reduction == Reduction.MEAN ? 1.0 / windowSteps(step) : 1;
    }

    /** Whether N workers learn something else at this level than one worker would, but for rounding. */
    public boolean isApproximate() {
        return wire != WireFormat.FLOAT32 || delaySteps > 0;
    }

    @Override
    public String toString() {
        return "L" + index + ", C=" + periodSteps + (phaseSteps > 0 ? ", phase " + phaseSteps : "")
                + (reduction == Reduction.MEAN ? "" : ", " + reduction.title())
                + (wire == WireFormat.FLOAT32 ? "" : ", " + wire.title())
                + (delaySteps > 0 ? ", delayed by " + delaySteps : "");
    }
}
