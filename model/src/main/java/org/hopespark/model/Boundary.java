package org.hopespark.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.model.BoundarySync.Pending;
import org.hopespark.model.BoundarySync.Publication;

/**
 * What happens to the levels that are due at one step: their gradients are exchanged, bucket by bucket and as early as
 * backward allows, then their parameters are updated, and published where each worker updates only its slices. Delayed
 * levels arrive with an exchange that began earlier. A level that is optimized at every step takes part in every one,
 * and is published where its parameters change.
 *
 * <p>The order of all exchanges follows from the step, whatever is ready first. The result does not depend on how early
 * they begin.
 */
final class Boundary {
    private final Levels levels;
    private final BoundarySync sync;
    private final long step;
    private final List<DelayedExchange> arrivals;
    private final List<Level> updated;
    private final List<Due> buckets = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private long exposedNanos;

    private record Due(Level level, Bucket bucket) {}

    /**
     * A boundary.
     *
     * @param exchanged the levels that are exchanged and optimized at this step, fastest first; perhaps none
     * @param arrivals those that are updated at this step and were exchanged before
     */
    Boundary(Levels levels, BoundarySync sync, long step, List<Level> exchanged, List<DelayedExchange> arrivals) {
        this.levels = levels;
        this.sync = sync;
        this.step = step;
        this.arrivals = arrivals;
        updated = Stream.concat(exchanged.stream(), arrivals.stream().map(DelayedExchange::level))
                .sorted(Comparator.comparingInt(Level::index).thenComparingLong(Level::phaseSteps))
                .toList();
        for (Level level : exchanged) {
            levels.state(level).layout().buckets().forEach(bucket -> buckets.add(new Due(level, bucket)));
        }
        buckets.sort(Comparator.comparingInt((Due d) -> d.bucket.group())
                .thenComparingInt(d -> d.level.index())
                .thenComparingLong(d -> d.bucket.from()));
    }

    /** Backward has done with a group of parameters: whatever is ready begins its way to the other workers. */
    void gradientReady(int group) {
        while (pending.size() < buckets.size()
                && buckets.get(pending.size()).bucket.group() <= group) {
            Due next = buckets.get(pending.size());
            BoundarySync.Part part = levels.state(next.level).window(next.bucket, step);
            pending.add(levels.share().isSharded() ? sync.reduce(part) : sync.sum(part));
        }
    }

    /** Exchanges what has not begun yet, waits for all, and updates. */
    List<StepReport.LevelReport> exchangeAndUpdate(TrainingConfig training, AtRest atRest) {
        updated.forEach(levels::addInitialStateGradient);
        Map<Level, Exchange> costs = new HashMap<>();
        exposed(() -> awaitGradients(costs));
        // late, when all has lain there through forward, backward and the exchange; but before slices of others arrive
        levels.touchedBy(updated).forEach(level -> atRest.requireUnchanged(level, step));
        GradientNorm norm = levels.gradientNorm();
        List<double[]> squares = dueStates().map(norm::squares).toList();
        List<Level> moved = updated.stream()
                .filter(level -> !level.isOptimizedEveryStep() || level.isDueAt(step, training.warmupSteps()))
                .toList();
        List<Due> published = levels.share().isSharded() ? bucketsOf(moved) : List.of();
        // everyone asks for the slices of the others before anyone sends: nothing arrives that nobody waits for
        List<Publication> publications = published.stream()
                .map(each -> sync.gather(levels.state(each.level).published(each.bucket, step)))
                .toList();
        if (levels.share().isSharded() && !updated.isEmpty()) {
            exposed(() -> shareSquares(squares));
        }
        Map<Level, Double> norms = new LinkedHashMap<>();
        // all of them, before any is updated
        for (int i = 0; i < updated.size(); i++) {
            Level level = updated.get(i);
            norms.put(level, norm.of(levels.state(level), step, squares.get(i), level.gradientFactor(step)));
        }
        norms.forEach((level, of) -> levels.update(level, step, training, of));
        exposed(() -> publish(moved, published, publications, costs));
        updated.forEach(levels::resetToInitial);
        return updated.stream()
                .map(level -> new StepReport.LevelReport(
                        level, costs.getOrDefault(level, Exchange.NONE), norms.getOrDefault(level, 0.0)))
                .toList();
    }

    private Stream<LevelState> dueStates() {
        return updated.stream().map(levels::state);
    }

    /** How long the worker did nothing but wait for others. */
    long exposedNanos() {
        return exposedNanos;
    }

    private void exposed(Runnable exchange) {
        long begin = System.nanoTime();
        exchange.run();
        exposedNanos += System.nanoTime() - begin;
    }

    private void awaitGradients(Map<Level, Exchange> costs) {
        gradientReady(Integer.MAX_VALUE);
        for (int i = 0; i < buckets.size(); i++) {
            Due each = buckets.get(i);
            costs.merge(each.level, pending.get(i).await(), Exchange::plus);
            levels.gradient(each.level).exchanged(each.bucket);
        }
        for (DelayedExchange arrival : arrivals) {
            costs.put(arrival.level(), arrival.finish(levels));
        }
    }

    /** Those that are exchanged at this step, then those of the levels that arrive. */
    private List<Due> bucketsOf(List<Level> moved) {
        List<Due> result = new ArrayList<>(
                buckets.stream().filter(each -> moved.contains(each.level)).toList());
        for (DelayedExchange arrival : arrivals) {
            levels.state(arrival.level())
                    .layout()
                    .buckets()
                    .forEach(bucket -> result.add(new Due(arrival.level(), bucket)));
        }
        return result;
    }

    /** The owners' parts of the sums of squares, put together on every worker. */
    private void shareSquares(List<double[]> squares) {
        List<LevelState> due = dueStates().toList();
        List<double[]> all = sync.share(step, levels.gradientNorm().ownSquares(due, squares));
        levels.gradientNorm().takeSquares(due, squares, all);
    }

    private void publish(
            List<Level> moved, List<Due> published, List<Publication> publications, Map<Level, Exchange> costs) {
        if (publications.isEmpty()) {
            return;
        }
        moved.forEach(level -> levels.state(level).pullUpdated());
        List<Pending> sent = publications.stream().map(Publication::publish).toList();
        for (int i = 0; i < sent.size(); i++) {
            costs.merge(published.get(i).level, sent.get(i).await(), Exchange::plus);
        }
        moved.forEach(level -> levels.state(level).parameters().push());
    }
}
