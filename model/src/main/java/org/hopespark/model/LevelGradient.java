package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
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

    /** A live view, refreshed; {@link #changed} must follow what is written to it. */
    public FlatBuffer values() {
        state.gradient().pull();
        return state.gradient().buffer();
    }

    /** To be called after {@link #values} were written. */
    public void changed() {
        state.gradient().push();
    }

    /** A bucket has been exchanged. */
    void exchanged(Bucket bucket) {
        state.gradient().push(bucket.from(), bucket.to());
    }

    /**
     * Moves the open windows of all workers to the owners of their slices, so that a checkpoint holds them once and any
     * number of workers can resume from it. They travel as they are, whatever the level's number format on the wire.
     */
    void fold(BoundarySync sync, long step) {
        List<BoundarySync.Pending> pending = new ArrayList<>();
        for (Bucket bucket : state.layout().buckets()) {
            state.gradient().pull(bucket.from(), bucket.to());
            pending.add(sync.reduce(new BoundarySync.Part(
                    step, level(), state.gradient().buffer().range(bucket.from(), bucket.to()), bucket.slices())));
        }
        pending.forEach(BoundarySync.Pending::await);
        for (Bucket bucket : state.layout().buckets()) {
            Bucket.Range own = state.layout().owned(bucket);
            state.gradient().buffer().range(bucket.from(), own.from()).clear();
            state.gradient().buffer().range(own.to(), bucket.to()).clear();
        }
        state.gradient().push();
    }

    /** Sets the sum to zero. */
    public void clear() {
        state.gradient().buffer().clear();
        state.gradient().push();
    }
}
