package org.hopespark.model;

/** How a checkpoint holds the gradients of levels that are between two boundaries. */
public enum Accumulators {
    /** Each slice once, at its owner, as the sum over all workers. */
    REDUCED,
    /**
     * Each worker's own sum. Needs N times the room, and changes nothing for workers of the same number that resume
     * from there: not even the order in which gradients are added.
     */
    LOCAL
}
