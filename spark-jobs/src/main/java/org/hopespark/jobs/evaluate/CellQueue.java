package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The cells of a sweep that wait. Those of one checkpoint come together, so that executors keep it loaded; of them the
 * longest comes first, so that executors end together. How long a task takes is known from other checkpoints; before
 * that, it is judged by the bytes that it reads.
 */
final class CellQueue {
    private final List<PlannedCell> waiting;
    private final ToLongFunction<String> bytesOfTask;
    private final Map<String, Double> secondsOfTask = new HashMap<>();
    private final Map<String, Integer> unfinished = new HashMap<>();
    private double secondsDone;
    private int done;

    /** A queue of cells, checkpoint by checkpoint. */
    CellQueue(List<PlannedCell> cells, ToLongFunction<String> bytesOfTask) {
        waiting = new ArrayList<>(cells);
        this.bytesOfTask = bytesOfTask;
        cells.forEach(planned -> unfinished.merge(planned.cell().task(), 1, Integer::sum));
    }

    /** Takes the next one; to be called as often as there are cells. */
    synchronized PlannedCell take() {
        String checkpoint = waiting.get(0).cell().checkpoint();
        PlannedCell next = waiting.stream()
                .filter(planned -> planned.cell().checkpoint().equals(checkpoint))
                .max(Comparator.comparingDouble(this::seconds).thenComparingLong(this::bytes))
                .orElseThrow();
        waiting.remove(next);
        return next;
    }

    /** What is not known is taken for the longest. */
    private double seconds(PlannedCell planned) {
        return secondsOfTask.getOrDefault(planned.cell().task(), Double.POSITIVE_INFINITY);
    }

    private long bytes(PlannedCell planned) {
        return bytesOfTask.applyAsLong(planned.cell().task());
    }

    /**
     * A cell that was taken has ended.
     *
     * @param seconds that it took; 0 if it has failed
     */
    synchronized void ended(PlannedCell planned, double seconds) {
        String task = planned.cell().task();
        unfinished.merge(task, -1, Integer::sum);
        if (seconds > 0) {
            secondsOfTask.merge(task, seconds, Math::max);
            secondsDone += seconds;
            done++;
        }
    }

    /**
     * Seconds until all cells have ended, at the pace so far.
     *
     * @param elapsed seconds since the first one was taken
     * @return 0 if none has ended well
     */
    synchronized double left(double elapsed) {
        if (done == 0) {
            return 0;
        }
        double mean = secondsDone / done;
        double open = unfinished.entrySet().stream()
                .mapToDouble(task -> task.getValue() * secondsOfTask.getOrDefault(task.getKey(), mean))
                .sum();
        return open * elapsed / secondsDone;
    }
}
