package org.hopespark.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.hopespark.model.ReplicaMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for messages of other ranks. A wait that fails closes the transport, and its error names the ranks that are
 * missing.
 */
final class MessageWaiter {
    private final Transport transport;
    private final Duration timeout;

    /**
     * Waits on one transport.
     *
     * @param timeout longest wait
     */
    MessageWaiter(Transport transport, Duration timeout) {
        this.transport = transport;
        this.timeout = timeout;
    }

    /**
     * Returns when all messages are there.
     *
     * @param step for error messages, as are level and phase
     * @throws WorkerLostException when they are not in time, or another rank is gone
     * @throws CancellationException when the transport was closed or the thread interrupted
     */
    void await(List<PendingMessage> pending, long step, int level, Phase phase) {
        CompletableFuture<?>[] futures =
                pending.stream().map(PendingMessage::done).toArray(CompletableFuture<?>[]::new);
        CompletableFuture<@Nullable Void> all = CompletableFuture.allOf(futures);
        for (CompletableFuture<?> future : futures) {
            // the first failure ends the wait, whatever the others do
            CompletableFuture<?> unused = future.whenComplete((done, cause) -> {
                if (cause != null) {
                    all.completeExceptionally(cause);
                }
            });
        }
        try {
            all.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            throw interrupted(step, phase);
        } catch (CancellationException closed) {
            throw failure(pending, where(step, level, phase), closed);
        } catch (ExecutionException failed) {
            throw failure(pending, where(step, level, phase), failed.getCause());
        } catch (TimeoutException late) {
            List<Integer> missing = ranks(pending, done -> !done.isDone());
            throw lost(
                    where(step, level, phase) + ": " + timeout.toSeconds() + " s without an answer of "
                            + named(missing),
                    missing,
                    null);
        }
    }

    /** Closes the transport for a thread that was interrupted in its wait. */
    CancellationException interrupted(long step, Phase phase) {
        Thread.currentThread().interrupt();
        transport.close("the waiting thread was interrupted");
        return new CancellationException("interrupted in step " + step + ", " + phase);
    }

    private RuntimeException failure(List<PendingMessage> pending, String where, @Nullable Throwable cause) {
        if (cause instanceof CancellationException) {
            return new CancellationException(where + ": " + cause.getMessage());
        }
        if (cause instanceof ReplicaMismatchException mismatch) {
            transport.fail(mismatch);
            return mismatch;
        }
        List<Integer> missing = ranks(pending, CompletableFuture::isCompletedExceptionally);
        return lost(where + ": lost " + named(missing) + ": " + cause, missing, cause);
    }

    private WorkerLostException lost(String message, List<Integer> missing, @Nullable Throwable cause) {
        WorkerLostException lost = new WorkerLostException(message, missing, cause);
        transport.fail(lost);
        return lost;
    }

    private String where(long step, int level, Phase phase) {
        return "generation " + transport.generation() + ", step " + step + (level > 0 ? ", level " + level : "") + ", "
                + phase + " at rank " + transport.rank();
    }

    private static List<Integer> ranks(List<PendingMessage> pending, Predicate<CompletableFuture<?>> condition) {
        return pending.stream()
                .filter(message -> condition.test(message.done()))
                .map(PendingMessage::rank)
                .distinct()
                .sorted()
                .toList();
    }

    private String named(List<Integer> missing) {
        return missing.stream()
                .map(other -> "rank " + other + " (" + transport.address(other)
                        + transport
                                .lastHeard(other)
                                .map(tag -> ", last heard of in " + tag)
                                .orElse(", never heard of")
                        + ")")
                .collect(Collectors.joining(", "));
    }
}
