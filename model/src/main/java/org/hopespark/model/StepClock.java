package org.hopespark.model;

/** Where the time of one step goes, from its construction on. */
final class StepClock {
    private final long start = System.nanoTime();
    private long loaded;
    private long opening;
    private long opened;

    /** The batch is there. */
    void loaded() {
        loaded = System.nanoTime();
    }

    /** The worker begins to wait for the others. */
    void opening() {
        opening = System.nanoTime();
    }

    /** The workers have agreed. */
    void opened() {
        opened = System.nanoTime();
    }

    /** Waiting for the batch. */
    double dataSeconds() {
        return seconds(loaded - start);
    }

    /**
     * Waiting for other workers and nothing else.
     *
     * @param boundaryNanos of which at the boundary
     */
    double exposedSeconds(long boundaryNanos) {
        return seconds(opened - opening + boundaryNanos);
    }

    /** The step so far. */
    double seconds() {
        return seconds(System.nanoTime() - start);
    }

    static double seconds(long nanos) {
        return nanos * 1e-9;
    }
}
