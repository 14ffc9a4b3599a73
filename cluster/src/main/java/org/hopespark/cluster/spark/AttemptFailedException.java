package org.hopespark.cluster.spark;

import org.jspecify.annotations.Nullable;

/** An attempt ended before its work was done; the message has the first cause. Another attempt may succeed. */
public final class AttemptFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient AttemptEnd end;

    public AttemptFailedException(String message, AttemptEnd end, @Nullable Throwable cause) {
        super(message, cause);
        this.end = end;
    }

    /** How the attempt, or the last of several, ended. */
    public AttemptEnd end() {
        return end;
    }
}
