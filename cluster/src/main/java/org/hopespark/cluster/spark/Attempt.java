package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.cluster.WorkerLostException;
import org.hopespark.cluster.spark.Message.Answer;
import org.hopespark.cluster.spark.Message.DriverCommands;
import org.hopespark.cluster.spark.Message.Failure;
import org.hopespark.conf.UserException;
import org.jspecify.annotations.Nullable;

/** What the driver knows of one generation: who is there, what they report, what went wrong first. */
final class Attempt {
    private static final Logger LOG = LogManager.getLogger(Attempt.class);
    private static final Duration REPORTS_TOLD = Duration.ofSeconds(30);
    private static final int NOBODY = -1;

    /** The first failure; {@code rank} is the one to blame. */
    private record First(int rank, Optional<Failure> failure, String text, long noticedNanos) {
        boolean isA(Class<? extends Throwable> kind) {
            return failure.filter(why -> why.isA(kind)).isPresent();
        }
    }

    private final Generation generation;
    private final GenerationKey key = GenerationKey.random();
    private final int workers;
    private final Requirements requirements;
    private final StepListener listener;
    private final Map<Integer, Registration> registered = new TreeMap<>();
    private final Map<Integer, Long> clocksAhead = new TreeMap<>();
    private final Set<Integer> preempted = new HashSet<>();
    private final Map<String, LostExecutor> lost = new HashMap<>();
    // listeners write files; the threads that call us are shared by all plugins
    private final ExecutorService reports = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "hope-step-reports");
        thread.setDaemon(true);
        return thread;
    });
    private boolean resize;
    private boolean stopped;
    private @Nullable First first;

    Attempt(Generation generation, int workers, Requirements requirements, StepListener listener) {
        this.generation = generation;
        this.workers = workers;
        this.requirements = requirements;
        this.listener = listener;
    }

    GenerationKey key() {
        return key;
    }

    Generation generation() {
        return generation;
    }

    int workers() {
        return workers;
    }

    synchronized Answer register(int rank, Registration worker) {
        Registration known = registered.putIfAbsent(rank, worker);
        clocksAhead.putIfAbsent(rank, worker.clockMillis() - System.currentTimeMillis());
        if (known != null && !known.equals(worker)) {
            return Answer.refused("rank " + rank + " is already at " + known.member() + ", not at " + worker.member());
        }
        List<Integer> missing = new ArrayList<>();
        for (int other = 0; other < workers; other++) {
            if (!registered.containsKey(other)) {
                missing.add(other);
            }
        }
        if (missing.isEmpty() && unfit().isPresent()) {
            failed(rank, Failure.of(unfit().get()));
            return Answer.refused(String.valueOf(unfit().get().getMessage()));
        }
        List<Member> members =
                registered.values().stream().map(Registration::member).toList();
        return new Answer(missing.isEmpty() ? members : List.of(), missing, "");
    }

    /** All workers that are not what the driver wants, reported at once. */
    private Optional<UserException> unfit() {
        List<String> problems = new ArrayList<>();
        registered.forEach((rank, worker) -> problems.addAll(requirements.missed(place(rank), worker)));
        return problems.isEmpty()
                ? Optional.empty()
                : Optional.of(UserException.of("the workers do not fit together", problems));
    }

    /** Whether any worker has been heard of. */
    synchronized boolean hasBegun() {
        return !registered.isEmpty();
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
        String text = place(rank) + ": " + why.type() + ": " + why.message();
        if (first == null) {
            int blamed = why.missing().isEmpty() ? rank : why.missing().get(0);
            first = new First(blamed, Optional.of(why), text, System.nanoTime());
        } else {
            LOG.log(stopped ? Level.DEBUG : Level.WARN, "{}, after the first failure: {}", generation, text);
        }
    }

    private String place(int rank) {
        Registration worker = registered.get(rank);
        return "rank " + rank + (worker == null ? "" : " (" + worker.member() + ")");
    }

    /** The driver ends the attempt. */
    synchronized void cancelled(String why) {
        if (first == null) {
            first = new First(NOBODY, Optional.empty(), why, System.nanoTime());
        }
    }

    /** The cluster is taking a worker's executor away. */
    synchronized void preempted(int rank) {
        if (preempted.add(rank)) {
            LOG.warn("{}: {} is preempted", generation, place(rank));
        }
    }

    /** Spark has reported that an executor has gone. */
    synchronized void lost(LostExecutor executor) {
        lost.put(executor.id(), executor);
    }

    /** There is room for more workers. */
    synchronized void resize() {
        resize = true;
    }

    /** The user wants the workers to save and end. */
    synchronized void stop() {
        stopped = true;
    }

    synchronized DriverCommands commands(int rank) {
        return new DriverCommands(stopped || preempted.contains(rank), resize);
    }

    /** Spark's ids of the workers' executors, by rank. */
    synchronized Map<Integer, String> executors() {
        Map<Integer, String> executors = new TreeMap<>();
        registered.forEach((rank, worker) -> executors.put(rank, worker.executor()));
        return executors;
    }

    /** Who has come, by rank. */
    synchronized Map<Integer, Registration> registered() {
        return new TreeMap<>(registered);
    }

    /** By how many milliseconds the clock of a worker was ahead of the driver's, less what its message took. */
    synchronized long clockAheadMillis(int rank) {
        return clocksAhead.getOrDefault(rank, 0L);
    }

    /** Whether a worker has ended early or the driver has ended the attempt. */
    synchronized boolean hasFailed() {
        return first != null;
    }

    /** Whether that is so long ago. */
    synchronized boolean hasFailedFor(Duration time) {
        return first != null && System.nanoTime() - first.noticedNanos() > time.toNanos();
    }

    /** Whether the first failure is of a kind. */
    synchronized boolean failedWith(Class<? extends Throwable> kind) {
        return first != null && first.isA(kind);
    }

    /** Whether a worker has seen another one go, and Spark has not reported yet what became of its executor. */
    synchronized boolean awaitsLoss() {
        if (stopped
                || first == null
                || !(first.isA(WorkerLostException.class) || first.isA(PreemptedException.class))) {
            return false;
        }
        Registration blamed = registered.get(first.rank());
        return blamed != null && !lost.containsKey(blamed.executor());
    }

    /** How the attempt ended, from its first failure and from what Spark says. */
    synchronized AttemptEnd end(Exception e) {
        Optional<LostExecutor> named = LostExecutor.in(e.toString());
        named.ifPresent(executor -> lost.putIfAbsent(executor.id(), executor));
        int rank = first != null ? first.rank() : named.map(this::rankOn).orElse(NOBODY);
        Optional<Registration> worker = Optional.ofNullable(registered.get(rank));
        Optional<LostExecutor> gone =
                worker.map(w -> lost.get(w.executor())).or(() -> first == null ? named : Optional.empty());
        List<String> causes = new ArrayList<>();
        if (first != null) {
            causes.add(first.text());
        }
        gone.ifPresent(executor -> causes.add((rank == NOBODY ? "" : place(rank) + ", ") + "executor " + executor.id()
                + " lost: " + executor.explained()));
        if (causes.isEmpty()) {
            e.toString().lines().limit(2).forEach(causes::add);
        }
        return new AttemptEnd(
                kind(rank, gone),
                generation.number(),
                String.join("; ", causes),
                worker.map(w -> w.member().host()).orElse(""),
                first != null ? first.noticedNanos() : System.nanoTime());
    }

    private AttemptEnd.Kind kind(int rank, Optional<LostExecutor> gone) {
        if (failedWith(ResizeException.class)) {
            return AttemptEnd.Kind.RESIZE;
        }
        if (stopped && failedWith(PreemptedException.class)) {
            return AttemptEnd.Kind.STOP;
        }
        if (gone.filter(LostExecutor::isOutOfMemory).isPresent()) {
            // the worker took the signal for a preemption; it would be killed again, and again
            return AttemptEnd.Kind.FAILURE;
        }
        return failedWith(PreemptedException.class)
                        || preempted.contains(rank)
                        || gone.filter(LostExecutor::isPreempted).isPresent()
                ? AttemptEnd.Kind.PREEMPTION
                : AttemptEnd.Kind.FAILURE;
    }

    private int rankOn(LostExecutor executor) {
        return registered.entrySet().stream()
                .filter(worker -> worker.getValue().executor().equals(executor.id()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(NOBODY);
    }

    /** Waits until the listener has had all reports; the last one may publish a large checkpoint. */
    void end() {
        reports.shutdown();
        try {
            while (!reports.awaitTermination(REPORTS_TOLD.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("{}: still taking the workers' last reports, and publishing their checkpoint", generation);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reports.shutdownNow();
        }
    }
}
