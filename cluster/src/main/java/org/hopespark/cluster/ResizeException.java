package org.hopespark.cluster;

/** The workers have ended in order, after a checkpoint, so that the next attempt starts with more of them. */
public final class ResizeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ResizeException(String message) {
        super(message);
    }
}
