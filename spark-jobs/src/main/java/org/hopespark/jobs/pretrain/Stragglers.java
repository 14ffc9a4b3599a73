package org.hopespark.jobs.pretrain;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.hopespark.jobs.run.RunEvent;

/**
 * Finds out, on the driver, who keeps the other workers of an attempt waiting, before a wait reaches its timeout: the
 * others report that they wait, it does not.
 */
final class Stragglers {
    private static final double PATIENCE_STEPS = 3;
    private static final double PATIENCE_SECONDS = 10;
    private static final int USUAL = 9;

    private final long attempt;
    private final int workers;
    private final double longestPatience;
    private final Map<Integer, String> hosts = new HashMap<>();
    private final TreeSet<Integer> waiting = new TreeSet<>();
    private final Deque<Double> stepSeconds = new ArrayDeque<>();
    private long toldStep = -1;

    /** @param timeout when a wait fails; a straggler is reported at half of it at the latest */
    Stragglers(long attempt, int workers, Duration timeout) {
        this.attempt = attempt;
        this.workers = workers;
        this.longestPatience = timeout.toMillis() * 1e-3 / 2;
    }

    /** A worker begins. */
    void seated(int rank, String host) {
        hosts.put(rank, host);
    }

    /** A worker has finished a step. */
    void finished(int rank, double seconds) {
        waiting.remove(rank);
        stepSeconds.add(seconds);
        if (stepSeconds.size() > USUAL) {
            stepSeconds.remove();
        }
    }

    /**
     * A worker has waited for others for some time.
     *
     * @return the event, once for a step, when that is long
     */
    Optional<RunEvent.Straggler> waiting(int rank, long step, double seconds) {
        waiting.add(rank);
        if (step == toldStep || seconds < patience()) {
            return Optional.empty();
        }
        List<Integer> missing = new ArrayList<>();
        for (int other = 0; other < workers; other++) {
            if (!waiting.contains(other)) {
                missing.add(other);
            }
        }
        if (missing.isEmpty()) {
            return Optional.empty(); // all are there: the exchange itself takes long
        }
        toldStep = step;
        return Optional.of(straggler(step, seconds, missing));
    }

    private double patience() {
        double usual = stepSeconds.stream()
                .sorted()
                .skip(stepSeconds.size() / 2)
                .findFirst()
                .orElse(0.0);
        return Math.min(longestPatience, Math.max(PATIENCE_SECONDS, PATIENCE_STEPS * usual));
    }

    private RunEvent.Straggler straggler(long step, double seconds, List<Integer> missing) {
        String cause = String.format(
                Locale.ROOT,
                "%s %s not arrived at step %d; ranks %s wait, for %.1f s so far",
                String.join(", ", missing.stream().map(this::named).toList()),
                missing.size() == 1 ? "has" : "have",
                step,
                waiting,
                seconds);
        return new RunEvent.Straggler(step, seconds, cause, missing, attempt);
    }

    private String named(int rank) {
        String host = hosts.get(rank);
        return "rank " + rank + (host == null ? "" : " (" + host + ")");
    }
}
