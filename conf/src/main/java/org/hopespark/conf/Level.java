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
 */
public record Level(int index, long periodSteps, long phaseSteps, double learningRateFactor) {
    public Level {
        if (index < 1) {
            throw new IllegalArgumentException("a level's index counts from 1, got " + index);
        }
        if (periodSteps < 1) {
            throw new IllegalArgumentException("C^(" + index + ") must be >= 1 step, got " + periodSteps);
        }
        if (phaseSteps < 0 || phaseSteps >= periodSteps) {
            throw new IllegalArgumentException("the phase of level " + index + " must be >= 0 and below C^(" + index
                    + ") = " + periodSteps + ", got " + phaseSteps);
        }
        if (!(learningRateFactor >= 0)) {
            throw new IllegalArgumentException(
                    "learning-rate-factor of level " + index + " must be >= 0, got " + learningRateFactor);
        }
    }

    /** A level that is updated as a whole. */
    public Level(int index, long periodSteps, double learningRateFactor) {
        this(index, periodSteps, 0, learningRateFactor);
    }

    /** Whether {@code step}, counted from 1, closes a window of this level. */
    public boolean isDueAt(long step) {
        return (step + phaseSteps) % periodSteps == 0;
    }

    @Override
    public String toString() {
        return "L" + index + ", C=" + periodSteps + (phaseSteps > 0 ? ", phase " + phaseSteps : "");
    }
}
