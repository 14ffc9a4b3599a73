package org.hopespark.cluster.spark;

/** An attempt ended before its work was done; the message has the first cause. Another attempt may succeed. */
public final class AttemptFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AttemptFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
