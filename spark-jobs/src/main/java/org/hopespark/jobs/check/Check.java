package org.hopespark.jobs.check;

import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param name what
 * @param text what was found; of a failure what is wrong, the figures, and the setting to change
 */
public record Check(String name, Status status, String text) {

    /** How it stands. */
    public enum Status {
        OK,
        /** A run may work, or may not. */
        WARNING,
        /** No run can work. */
        FAILED,
        /** Something else has to be put right before it can be looked at. */
        SKIPPED;

        /** As lists and JSON have it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Check ok(String name, String text) {
        return new Check(name, Status.OK, text);
    }

    static Check warning(String name, String text) {
        return new Check(name, Status.WARNING, text);
    }

    static Check failed(String name, String text) {
        return new Check(name, Status.FAILED, text);
    }

    static Check skipped(String name, String text) {
        return new Check(name, Status.SKIPPED, text);
    }

    public boolean isFailed() {
        return status == Status.FAILED;
    }
}
