package org.hopespark.model;

import org.hopespark.conf.Level;

/**
 * How the training loop meets the other workers. Every worker issues the same calls in the same order, which follows
 * from the step alone.
 */
public interface BoundarySync {

    /** This worker's number, 0 to {@code workers() - 1}. */
    int rank();

    /** N. */
    int workers();

    /**
     * Opens a step on all workers together: adds up the target tokens of the global batch and compares the replicas.
     *
     * @param step from 1
     * @param tokens target tokens in this worker's part of the batch
     * @param digests fingerprint of every level's parameters, fastest level first
     * @return target tokens of the global batch
     * @throws ReplicaMismatchException when the workers' parameters differ
     */
    long open(long step, long tokens, long[] digests);

    /**
     * Replaces {@code values} on every worker by their sum over all workers, added in rank order.
     *
     * @return what it cost
     */
    Exchange sum(long step, Level level, FlatBuffer values);

    /** One worker on its own: sums are what they are. */
    static BoundarySync alone() {
        return new BoundarySync() {
            @Override
            public int rank() {
                return 0;
            }

            @Override
            public int workers() {
                return 1;
            }

            @Override
            public long open(long step, long tokens, long[] digests) {
                return tokens;
            }

            @Override
            public Exchange sum(long step, Level level, FlatBuffer values) {
                return Exchange.NONE;
            }
        };
    }
}
