package org.hopespark.model;

import java.util.List;
import java.util.Optional;
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
     * Opens a step on all workers together: adds up the target tokens of the global batch, compares the replicas, and
     * agrees whether the run continues.
     *
     * @param step from 1
     * @param tokens target tokens in this worker's part of the batch
     * @param stopRequest what this worker would have happen after the step
     * @param digests fingerprint of every level's parameters, fastest level first
     * @throws ReplicaMismatchException when the workers' parameters differ
     */
    Agreement open(long step, long tokens, StopRequest stopRequest, long[] digests);

    /**
     * What the workers agree on.
     *
     * @param tokens target tokens of the global batch
     * @param stopRequest the strongest that any worker has
     */
    record Agreement(long tokens, StopRequest stopRequest) {}

    /** What should happen after a step, the weakest first. */
    enum StopRequest {
        CONTINUE,
        /** Save and stop, so that another number of workers can resume. */
        RESIZE,
        /** Save and stop, because a worker is about to be taken away. */
        PREEMPTED
    }

    /**
     * A part of a level's vector that is exchanged at once.
     *
     * @param step of the boundary
     * @param level whose vector it is
     * @param values live elements
     * @param slices who owns which of them
     * @param compressed the same values, where they are rounded for the wire
     */
    record Part(long step, Level level, FlatBuffer values, Slices slices, Optional<QuantizedVector> compressed) {

        /** Values that travel as they are. */
        public Part(long step, Level level, FlatBuffer values, Slices slices) {
            this(step, level, values, slices, Optional.empty());
        }
    }

    /** Something under way; {@code part}'s values belong to it until it is done. */
    @FunctionalInterface
    interface Pending {

        /** Returns when it is done. */
        Exchange await();
    }

    /** A {@link #gather} that waits for this worker's slice. */
    @FunctionalInterface
    interface Publication {

        /** Sends this worker's slice. */
        Pending publish();
    }

    /** Begins to replace the values on every worker by their sum over all workers, added in rank order. */
    Pending sum(Part part);

    /** The same, but only the owner of a slice gets its sum; the rest of the values stays as it is. */
    Pending reduce(Part part);

    /**
     * Begins to take the slices of their owners, whenever they come; this worker's own slice stays its own until it is
     * published. All workers call this before any of them publishes.
     */
    Publication gather(Part part);

    /** Everyone's numbers, by rank; equally many on all workers. */
    List<double[]> share(long step, double[] values);

    /** Hands everything on to another one; for those who watch or change some of it. */
    interface Forwarding extends BoundarySync {

        /** The other one. */
        BoundarySync sync();

        @Override
        default int rank() {
            return sync().rank();
        }

        @Override
        default int workers() {
            return sync().workers();
        }

        @Override
        default Agreement open(long step, long tokens, StopRequest stopRequest, long[] digests) {
            return sync().open(step, tokens, stopRequest, digests);
        }

        @Override
        default Pending sum(Part part) {
            return sync().sum(part);
        }

        @Override
        default Pending reduce(Part part) {
            return sync().reduce(part);
        }

        @Override
        default Publication gather(Part part) {
            return sync().gather(part);
        }

        @Override
        default List<double[]> share(long step, double[] values) {
            return sync().share(step, values);
        }
    }

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
            public Agreement open(long step, long tokens, StopRequest stopRequest, long[] digests) {
                return new Agreement(tokens, stopRequest);
            }

            @Override
            public Pending sum(Part part) {
                return () -> Exchange.NONE;
            }

            @Override
            public Pending reduce(Part part) {
                return () -> Exchange.NONE;
            }

            @Override
            public Publication gather(Part part) {
                return () -> () -> Exchange.NONE;
            }

            @Override
            public List<double[]> share(long step, double[] values) {
                return List.of(values);
            }
        };
    }
}
