package org.hopespark.cluster;

import org.hopespark.model.ElementType;

/**
 * How the slices of a vector travel between the ranks, and in which order the parts of a slice are added. Both are
 * functions of the number of ranks alone.
 */
interface SliceExchange {

    /** Most elements of a slice that one message carries. */
    long chunkElements(ElementType type);

    /**
     * Adds everyone's parts of this rank's slice and, where the operation gathers, sends the sum to all. Called in the
     * background; the first error is the result of the operation.
     */
    void reduce(Collective.Operation operation);

    /** Sends this rank's slice, which is finished, to all others; does not wait for them. */
    void publish(Collective.Operation operation);

    /** The rank whose messages carry the finished slice of {@code owner}. */
    int sourceOf(int owner);
}
