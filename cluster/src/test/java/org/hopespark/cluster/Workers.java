package org.hopespark.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** N workers, each on a thread of its own, that do the same. */
public final class Workers {
    public static final Duration TIMEOUT = Duration.ofSeconds(20);

    private Workers() {}

    /** What one worker does. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Collective collective) throws Exception;
    }

    /** What became of one worker: a result or an error. */
    public record Outcome<T>(List<T> results, List<Throwable> errors) {
        public T result() {
            if (!errors.isEmpty()) {
                throw new AssertionError("worker failed", errors.get(0));
            }
            return results.get(0);
        }

        public Throwable error() {
            return errors.isEmpty() ? new AssertionError("worker succeeded with " + results.get(0)) : errors.get(0);
        }
    }

    /** Runs all and closes their transports. */
    public static <T> List<Outcome<T>> run(List<Transport> transports, Duration timeout, Work<T> work) {
        return run(transports, timeout, Integer.MAX_VALUE, work);
    }

    /** Runs all, in a ring above a number of workers, and closes their transports. */
    static <T> List<Outcome<T>> run(List<Transport> transports, Duration timeout, int ringAbove, Work<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(transports.size());
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Transport transport : transports) {
                futures.add(threads.submit(() -> work.on(new Collective(transport, timeout, ringAbove))));
            }
            List<Outcome<T>> outcomes = new ArrayList<>();
            for (Future<T> future : futures) {
                outcomes.add(outcome(future));
            }
            return outcomes;
        } finally {
            threads.shutdownNow();
            transports.forEach(Transport::close);
        }
    }

    private static <T> Outcome<T> outcome(Future<T> future) {
        try {
            return new Outcome<>(List.of(future.get()), List.of());
        } catch (ExecutionException failed) {
            return new Outcome<>(List.of(), List.of(failed.getCause()));
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
