package org.hopespark.model;

import org.hopespark.conf.Level;

/** The gradient of one level, summed over the steps of its open window. */
public final class LevelGradient {
    private final LevelState state;

    LevelGradient(LevelState state) {
        this.state = state;
    }

    /** Whose gradient this is. */
    public Level level() {
        return state.level();
    }

    /** Length of the flat vector, padding between tensors included. */
    public long elements() {
        return state.gradient().buffer().elements();
    }

    /** Replaces this worker's sum by the sum over all workers. */
    public Exchange sumOver(BoundarySync sync, long step) {
        state.gradient().pull();
        Exchange exchange = sync.sum(step, level(), state.gradient().buffer());
        state.gradient().push();
        return exchange;
    }

    /** Sets the sum to zero. */
    public void clear() {
        state.gradient().buffer().clear();
        state.gradient().push();
    }
}
