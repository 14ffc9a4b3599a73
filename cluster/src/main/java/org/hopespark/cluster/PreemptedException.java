package org.hopespark.cluster;

/**
 * The cluster takes this worker's executor away, and the worker has ended in order: its state is saved, or need not be.
 * Another attempt follows, and no failure is counted.
 */
public final class PreemptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PreemptedException(String message) {
        super(message);
    }
}
