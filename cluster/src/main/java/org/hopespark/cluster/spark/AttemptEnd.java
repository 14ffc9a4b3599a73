package org.hopespark.cluster.spark;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * How an attempt ended before its work was done.
 *
 * @param kind decides what it costs
 * @param generation number of the attempt
 * @param cause what went wrong first
 * @param host where, empty if unknown
 * @param noticedNanos {@link System#nanoTime} when the driver first knew
 */
public record AttemptEnd(Kind kind, long generation, String cause, String host, long noticedNanos) {

    /** Kinds of ends. */
    public enum Kind {
        /** A worker, its executor or a connection broke: counts against {@code cluster.max-failures}. */
        FAILURE,
        /** The cluster has taken an executor away: counts against {@code cluster.max-preemptions}. */
        PREEMPTION,
        /** Ended to continue with more workers: costs nothing. */
        RESIZE,
        /** Ended by the user, after a checkpoint. */
        STOP;

        /** As metrics and messages have it. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Reads {@link #word}; a resize is a regroup in metrics of older runs. */
        @JsonCreator
        static Kind of(String word) {
            return word.equals("regroup") ? RESIZE : valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
