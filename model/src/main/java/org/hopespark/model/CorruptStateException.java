package org.hopespark.model;

/**
 * A worker's state is not what the worker has left there. The message names rank, step, level and tensor. Another
 * attempt, from the newest checkpoint, may succeed.
 */
public final class CorruptStateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptStateException(String message) {
        super(message);
    }
}
