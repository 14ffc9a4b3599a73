package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.Failure;
import org.jspecify.annotations.Nullable;

/** What the driver knows of one generation: who is there, what they report, what went wrong first. */
final class Attempt {
    private static final Logger LOG = LogManager.getLogger(Attempt.class);
    private static final Duration LAST_REPORTS_TIMEOUT = Duration.ofSeconds(30);

    private final Generation generation;
    private final int workers;
    private final StepListener listener;
    private final Map<Integer, Member> members = new TreeMap<>();
    // listeners write files; the threads that call us are shared by all plugins
    private final ExecutorService reports = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "hope-step-reports");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable String firstFailure;
    private @Nullable Failure failure;

    Attempt(Generation generation, int workers, StepListener listener) {
        this.generation = generation;
        this.workers = workers;
        this.listener = listener;
    }

    Generation generation() {
        return generation;
    }

    synchronized Answer register(int rank, Member member) {
        Member known = members.putIfAbsent(rank, member);
        if (known != null && !known.equals(member)) {
            return Answer.refused("rank " + rank + " is already at " + known + ", not at " + member);
        }
        List<Integer> missing = new ArrayList<>();
        for (int other = 0; other < workers; other++) {
            if (!members.containsKey(other)) {
                missing.add(other);
            }
        }
        return new Answer(missing.isEmpty() ? List.copyOf(members.values()) : List.of(), missing, "");
    }

    /** Whether any worker has been heard of. */
    synchronized boolean hasBegun() {
        return !members.isEmpty();
    }

    void reported(int rank, String json) {
        reports.execute(() -> {
            try {
                listener.reported(rank, json);
            } catch (RuntimeException e) {
                LOG.error("a step report of rank {} was not taken: {}", rank, json, e);
            }
        });
    }

    /** Keeps the first failure; later ones follow from it. */
    synchronized void failed(int rank, Failure why) {
        Member member = members.get(rank);
        String text =
                "rank " + rank + (member == null ? "" : " (" + member + ")") + ": " + why.type() + ": " + why.message();
        if (firstFailure == null) {
            failure = why;
            firstFailure = text;
        } else {
            LOG.warn("{}, after the first failure: {}", generation, text);
        }
    }

    /** The driver ends the attempt. */
    synchronized void cancelled(String why) {
        if (firstFailure == null) {
            firstFailure = why;
        }
    }

    /** The first failure, with its rank and place. */
    synchronized Optional<String> firstFailure() {
        return Optional.ofNullable(firstFailure);
    }

    /** Whether the first failure is of a kind. */
    synchronized boolean failedWith(Class<? extends Throwable> kind) {
        return failure != null && failure.isA(kind);
    }

    /** Waits until the listener has had all reports. */
    void end() {
        reports.shutdown();
        try {
            if (!reports.awaitTermination(LAST_REPORTS_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                LOG.error("{}: the last step reports were not taken within {}", generation, LAST_REPORTS_TIMEOUT);
                reports.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reports.shutdownNow();
        }
    }
}
