package org.hopespark.model;

import java.util.List;
import org.hopespark.conf.Level;

/**
 * The exchange of a delayed level, from its boundary to the step that it is updated at (the delay of Streaming DiLoCo,
 * Douillard et al. 2025, section 2.2, for the sum of a window).
 *
 * @param level that is on its way
 * @param step of the boundary
 * @param pending its buckets
 */
record DelayedExchange(Level level, long step, List<BoundarySync.Pending> pending) {

    /** Sets the level's sum aside, and begins to exchange it while the next window is open. */
    static DelayedExchange start(Levels levels, BoundarySync sync, Level level, long step) {
        LevelState state = levels.state(level);
        state.swapWindows();
        return new DelayedExchange(
                level,
                step,
                state.layout().buckets().stream()
                        .map(bucket -> state.delayed(bucket, step))
                        .map(levels.share().isSharded() ? sync::reduce : sync::sum)
                        .toList());
    }

    boolean arrivesAt(long now) {
        return now == step + level.delaySteps();
    }

    /** Waits for it; the sum is the level's gradient afterwards. */
    Exchange finish(Levels levels) {
        Exchange cost = pending.stream().map(BoundarySync.Pending::await).reduce(Exchange.NONE, Exchange::plus);
        levels.state(level).swapWindows();
        return cost;
    }
}
