package org.hopespark.model;

/**
 * One worker's share of the state that all workers hold together.
 *
 * @param rank 0 to {@code ranks - 1}
 * @param ranks N
 * @param optimizer whether the optimizer's state is part of what is shared out
 */
public record ShardSpec(int rank, int ranks, Optimizer optimizer) {
    /** All of it. */
    public static final ShardSpec WHOLE = new ShardSpec(0, 1, Optimizer.REPLICATED);

    /** Who holds the optimizer's moments, and updates. */
    public enum Optimizer {
        /** Every worker holds all moments and updates all parameters. */
        REPLICATED,
        /** The owner of a slice holds its moments, updates it and publishes it (ZeRO-1, Rajbhandari et al. 2020). */
        SHARDED
    }

    public ShardSpec {
        if (rank < 0 || rank >= ranks) {
            throw new IllegalArgumentException("rank " + rank + " of " + ranks);
        }
    }

    boolean isSharded() {
        return optimizer == Optimizer.SHARDED && ranks > 1;
    }
}
