package org.hopespark.model;

/** The loss or a gradient is not finite: training on would spoil the parameters. All workers stop at the same step. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }

    public DivergedException(String message, Throwable cause) {
        super(message, cause);
    }
}
