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

    static DelayedExchange begin(Network network, BoundarySync sync, Level level, long step) {
        return new DelayedExchange(
                level, step, network.setAside(level, step, network.share().isSharded() ? sync::reduce : sync::sum));
    }

    boolean arrivesAt(long now) {
        return now == step + level.delaySteps();
    }

    /** Waits for it; the sum is the level's gradient afterwards. */
    Exchange arrive(Network network) {
        Exchange cost = pending.stream().map(BoundarySync.Pending::await).reduce(Exchange.NONE, Exchange::plus);
        network.takeBack(level);
        return cost;
    }
}
