package org.hopespark.jobs.chaos;

import java.util.OptionalDouble;

/**
 * One fault and what followed.
 *
 * @param number from 1
 * @param kind what was done
 * @param rank to whom
 * @param step the last one that all workers had finished
 * @param detectSeconds until the driver knew that the attempt was over
 * @param resumeSeconds until all workers had finished a step again
 * @param stepsLost steps that were done again
 */
public record Fault(
        int number,
        Kind kind,
        int rank,
        long step,
        OptionalDouble detectSeconds,
        OptionalDouble resumeSeconds,
        long stepsLost) {

    /** What can happen to a process or to what it has written. */
    public enum Kind {
        /** SIGKILL at a moment that nobody has chosen. */
        KILL,
        /** SIGKILL while files of a checkpoint are there that is not published. */
        KILL_IN_SAVE,
        /** SIGTERM: the executor has the grace time to save. */
        TERMINATE,
        /** SIGTERM while files of a checkpoint are there that is not published. */
        TERMINATE_IN_SAVE,
        /** SIGSTOP for longer than the others wait. */
        HANG,
        /** A byte of the newest checkpoint is flipped, then SIGKILL. */
        CORRUPT,
        /** SIGKILL for all executors at once in a save, whose files are then empty. */
        POWER_LOSS,
        /** The same command is given a second time while the run trains. */
        SECOND_DRIVER;

        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
