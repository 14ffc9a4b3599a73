package org.hopespark.model;

/** Replicas that must be equal are not; the message names level, step and ranks. */
public final class ReplicaMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ReplicaMismatchException(String message) {
        super(message);
    }
}
