package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.ReplicaMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * Operations that all workers call together, in one order. Not for use by several threads.
 *
 * <p>A sum is a direct reduce-scatter followed by an all-gather: every rank owns one slice of the vector, gets that
 * slice from everyone, adds in rank order, and sends the result to everyone. Each worker sends 2(N-1)/N of the vector,
 * which is the least an all-reduce can do, and the result depends on N alone, not on who was first.
 *
 * <p>An operation that fails closes the transport: half an exchange cannot be repeated, and no late message may reach a
 * buffer that the caller has back.
 */
public final class Collective {
    static final int CHUNK_BYTES = 1 << 20;

    /** Chunks of a slice that travel while the owner waits for an earlier one. */
    static final int CHUNKS_IN_FLIGHT = 4;

    private final Transport transport;
    private final int rank;
    private final int ranks;
    private final Duration timeout;
    private final ByteBuffer[][] staging;
    private long operations;

    /**
     * A collective over one transport.
     *
     * @param timeout longest wait for other workers within one chunk's exchange
     */
    public Collective(Transport transport, Duration timeout) {
        this.transport = transport;
        this.rank = transport.rank();
        this.ranks = transport.ranks();
        this.timeout = timeout;
        this.staging = new ByteBuffer[CHUNKS_IN_FLIGHT][0];
    }

    /** The transport below. */
    public Transport transport() {
        return transport;
    }

    /**
     * Everyone's numbers, by rank.
     *
     * @param step for error messages only: whether the workers are at one step is among the things to find out
     * @param values equally many on all workers, at least one
     */
    public long[][] allGather(long step, long[] values) {
        Tag tag = new Tag(operations++, 0, 0, Phase.OPENING, 0);
        List<ByteBuffer> all = new ArrayList<>();
        List<Pending> received = new ArrayList<>();
        List<Pending> sent = new ArrayList<>();
        for (int other = 0; other < ranks; other++) {
            all.add(ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.nativeOrder()));
        }
        all.get(rank).asLongBuffer().put(values);
        for (int k = 1; k < ranks; k++) {
            int from = (rank - k + ranks) % ranks;
            int to = (rank + k) % ranks;
            received.add(new Pending(from, transport.receive(from, tag, raw(all.get(from)))));
            sent.add(new Pending(to, transport.push(to, tag, raw(all.get(rank)))));
        }
        await(received, step, 0, Phase.OPENING);
        await(sent, step, 0, Phase.CONFIRMATION);
        long[][] result = new long[ranks][values.length];
        for (int other = 0; other < ranks; other++) {
            all.get(other).asLongBuffer().get(result[other]);
        }
        return result;
    }

    /** Eight-byte elements that are only moved, so that their kind does not matter. */
    private static FlatBuffer raw(ByteBuffer longs) {
        return new FlatBuffer(ElementType.FLOAT64, List.of(longs));
    }

    /**
     * Replaces {@code values} by their sum over all workers, added in rank order.
     *
     * @param level index of the level that the values belong to
     * @return what it cost
     */
    public Exchange sum(long step, int level, FlatBuffer values) {
        long start = System.nanoTime();
        Sum sum = new Sum(operations++, step, level, values);
        long chunks = sum.slices.chunks();
        for (long chunk = 0; chunk < chunks + CHUNKS_IN_FLIGHT; chunk++) {
            if (chunk >= CHUNKS_IN_FLIGHT) {
                sum.reduce(chunk - CHUNKS_IN_FLIGHT);
            }
            if (chunk < chunks) {
                sum.scatter(chunk);
            }
        }
        await(sum.gathered, step, level, Phase.ALL_GATHER);
        await(sum.sent, step, level, Phase.CONFIRMATION);
        return new Exchange(sum.bytesSent, sum.bytesReceived, System.nanoTime() - start);
    }

    /** One sum on its way. */
    private final class Sum {
        private final long operation;
        private final long step;
        private final int level;
        private final FlatBuffer values;
        private final Slices slices;
        private final List<List<Pending>> scattered = new ArrayList<>();
        private final List<Pending> gathered = new ArrayList<>();
        private final List<Pending> sent = new ArrayList<>();
        private long bytesSent;
        private long bytesReceived;

        Sum(long operation, long step, int level, FlatBuffer values) {
            this.operation = operation;
            this.step = step;
            this.level = level;
            this.values = values;
            this.slices = new Slices(
                    values.elements(), ranks, CHUNK_BYTES / values.type().bytes());
            for (int i = 0; i < CHUNKS_IN_FLIGHT; i++) {
                scattered.add(new ArrayList<>());
            }
        }

        /**
         * Sends a chunk of every slice to its owner, and asks for everything that comes back for it.
         *
         * <p>The owner's sum overwrites the chunk that is on its way to the owner; that is safe, because the sum cannot
         * exist before the owner has all of it.
         */
        void scatter(long chunk) {
            List<Pending> parts = scattered.get((int) (chunk % CHUNKS_IN_FLIGHT));
            parts.clear();
            for (int k = 1; k < ranks; k++) {
                int from = (rank - k + ranks) % ranks;
                int to = (rank + k) % ranks;
                receive(from, rank, chunk, Phase.REDUCE_SCATTER, staged(from, chunk), parts);
                receive(to, to, chunk, Phase.ALL_GATHER, part(to, chunk), gathered);
                push(to, to, chunk, Phase.REDUCE_SCATTER);
            }
        }

        /** Adds a chunk of this rank's slice and sends it to everyone. */
        void reduce(long chunk) {
            await(scattered.get((int) (chunk % CHUNKS_IN_FLIGHT)), step, level, Phase.REDUCE_SCATTER);
            FlatBuffer mine = part(rank, chunk);
            List<FlatBuffer> parts = new ArrayList<>();
            for (int other = 0; other < ranks; other++) {
                parts.add(other == rank ? mine : staged(other, chunk));
            }
            RankOrderSum.add(parts, mine);
            for (int k = 1; k < ranks; k++) {
                push((rank + k) % ranks, rank, chunk, Phase.ALL_GATHER);
            }
        }

        private void receive(int from, int owner, long chunk, Phase phase, FlatBuffer target, List<Pending> pending) {
            if (target.bytes() > 0) {
                pending.add(new Pending(from, transport.receive(from, tag(owner, chunk, phase), target)));
                bytesReceived += target.bytes();
            }
        }

        private void push(int to, int owner, long chunk, Phase phase) {
            FlatBuffer payload = part(owner, chunk);
            if (payload.bytes() > 0) {
                sent.add(new Pending(to, transport.push(to, tag(owner, chunk, phase), payload)));
                bytesSent += payload.bytes();
            }
        }

        private Tag tag(int owner, long chunk, Phase phase) {
            return new Tag(operation, step, level, phase, slices.from(owner, chunk));
        }

        private FlatBuffer part(int owner, long chunk) {
            return values.range(slices.from(owner, chunk), slices.to(owner, chunk));
        }

        /** Where another rank's part of a chunk of this rank's slice waits to be added. */
        private FlatBuffer staged(int from, long chunk) {
            int slot = (int) (chunk % CHUNKS_IN_FLIGHT);
            if (staging[slot].length == 0) {
                staging[slot] = new ByteBuffer[ranks];
                for (int other = 0; other < ranks; other++) {
                    staging[slot][other] = ByteBuffer.allocateDirect(other == rank ? 0 : CHUNK_BYTES);
                }
            }
            long elements = slices.to(rank, chunk) - slices.from(rank, chunk);
            int bytes = Math.toIntExact(elements * values.type().bytes());
            return new FlatBuffer(values.type(), List.of(staging[slot][from].slice(0, bytes)));
        }
    }

    /** A message that another rank has to send or to take. */
    private record Pending(int rank, CompletableFuture<Void> done) {}

    private void await(List<Pending> pending, long step, int level, Phase phase) {
        CompletableFuture<?>[] futures = pending.stream().map(Pending::done).toArray(CompletableFuture<?>[]::new);
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
            Thread.currentThread().interrupt();
            transport.close("the waiting thread was interrupted");
            throw new CancellationException("interrupted in step " + step + ", " + phase);
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

    private RuntimeException failure(List<Pending> pending, String where, @Nullable Throwable cause) {
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
                + phase + " at rank " + rank;
    }

    private static List<Integer> ranks(List<Pending> pending, Predicate<CompletableFuture<?>> condition) {
        return pending.stream()
                .filter(message -> condition.test(message.done))
                .map(Pending::rank)
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
