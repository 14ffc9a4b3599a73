package org.hopespark.cluster;

/** A checkpoint could not be written or read. Earlier checkpoints are as they were; a retry may succeed. */
public final class CheckpointFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CheckpointFailedException(String message) {
        super(message);
    }

    public CheckpointFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
