package org.hopespark.cluster;

/** The workers have ended in order, after a checkpoint, so that the next attempt starts with more of them. */
public final class RegroupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RegroupException(String message) {
        super(message);
    }
}
