package org.hopespark.model;

/** The gradient is not finite: training on would spoil the parameters. All workers see the same and stop together. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DivergedException(String message) {
        super(message);
    }
}
