package org.hopespark.model;

import java.util.Collection;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelSchedule;

/**
 * Fingerprints of this worker's parameters, which the workers compare at every step: all must have the same. They are
 * computed when a level was updated, and once more before a change that nobody made could spread.
 */
final class ReplicaCheck {
    private final Levels levels;
    private final LevelSchedule schedule;
    private final AtRest atRest;
    private final long[] digests;

    ReplicaCheck(Levels levels, LevelSchedule schedule, AtRest atRest) {
        this.levels = levels;
        this.schedule = schedule;
        this.atRest = atRest;
        digests = new long[schedule.levels().size()];
    }

    /** Levels are left as they are until they are updated again. */
    void leave(Collection<Level> touched, long step) {
        touched.forEach(level -> digests[schedule.levels().indexOf(level)] = atRest.leave(level, step));
    }

    /**
     * The fingerprints before a step.
     *
     * <p>Parameters that nobody updates may change nevertheless, where memory fails. The owner of a slice would hand
     * the change on to all, and a checkpoint would keep it: before either, those that are not covered by their own
     * checksums are computed again. Those of a level that is due at every step were computed a moment ago.
     *
     * @param saves whether the state is saved after the step
     */
    long[] digestsAt(long step, boolean saves) {
        for (int i = 0; i < digests.length; i++) {
            Level level = schedule.levels().get(i);
            if (!atRest.covers(level)
                    && level.periodSteps() > 1
                    && (saves || schedule.isDueAt(level, step - level.delaySteps()))) {
                digests[i] = levels.digest(level);
            }
        }
        return digests();
    }

    /** One fingerprint a level, whatever the number of its parts. */
    long[] digests() {
        long[] result = new long[schedule.count()];
        for (int i = 0; i < digests.length; i++) {
            int level = schedule.levels().get(i).index() - 1;
            result[level] = 31 * result[level] + digests[i];
        }
        return result;
    }
}
