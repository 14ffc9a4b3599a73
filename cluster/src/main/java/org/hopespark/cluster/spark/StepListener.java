package org.hopespark.cluster.spark;

/** Gets the workers' reports on the driver: one call at a time, those of one rank in their order. */
@FunctionalInterface
public interface StepListener {

    /**
     * A worker has reported.
     *
     * @param json what it gave to {@link WorkerContext#report}
     */
    void reported(int rank, String json);
}
