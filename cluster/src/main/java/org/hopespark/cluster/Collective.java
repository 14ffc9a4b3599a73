package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.QuantizedVector;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.Slices;
import org.jspecify.annotations.Nullable;

/**
 * Operations that all workers begin in one order, each from one thread.
 *
 * <p>A sum is a reduce-scatter followed by an all-gather: every rank owns one slice of the vector, gets that slice from
 * everyone, adds in rank order, and sends the result to everyone. Each worker sends 2(N-1)/N of the vector, which is
 * the least an all-reduce can do, and the result depends on N alone, not on who was first. Where there are many ranks
 * the slices go round in a ring instead: fewer connections at once, more steps, another fixed order of addition. Values
 * that are rounded for the wire never do: they would be rounded at every rank.
 *
 * <p>Operations go on in the background, so that a caller can compute meanwhile. Chunks of an operation, and of the
 * ones behind it, travel while the owner of an earlier one still waits for its parts.
 *
 * <p>An operation that fails closes the transport: half an exchange cannot be repeated, and no late message may reach a
 * buffer that the caller has back.
 */
public final class Collective {
    static final int CHUNK_BYTES = 1 << 20;

    /** Chunks of slices that travel while the owner waits for an earlier one. */
    static final int CHUNKS_IN_FLIGHT = 4;

    private final Transport transport;
    private final int rank;
    private final int ranks;
    private final Duration timeout;
    private final int ringAbove;
    private final ByteBuffer[][] staging;
    private final ThreadPoolExecutor background;
    private final Deque<Operation> waiting = new ArrayDeque<>();
    private long operations;

    /**
     * A collective over one transport.
     *
     * @param timeout longest wait for other workers within one chunk's exchange
     * @param ringAbove most ranks that exchange directly
     */
    public Collective(Transport transport, Duration timeout, int ringAbove) {
        this.transport = transport;
        this.rank = transport.rank();
        this.ranks = transport.ranks();
        this.timeout = timeout;
        this.ringAbove = ringAbove;
        this.staging = new ByteBuffer[CHUNKS_IN_FLIGHT][0];
        background = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "hope-exchange-" + rank);
            thread.setDaemon(true);
            return thread;
        });
        background.allowCoreThreadTimeOut(true);
    }

    /** A collective that never forms a ring. */
    public Collective(Transport transport, Duration timeout) {
        this(transport, timeout, Integer.MAX_VALUE);
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
        List<ByteBuffer> all = new ArrayList<>();
        for (int other = 0; other < ranks; other++) {
            all.add(ByteBuffer.allocateDirect(values.length * Long.BYTES).order(ByteOrder.nativeOrder()));
        }
        all.get(rank).asLongBuffer().put(values);
        Tag tag = new Tag(operations++, 0, 0, Phase.OPENING, 0);
        List<Pending> received = new ArrayList<>();
        List<Pending> sent = new ArrayList<>();
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
        return startSum(step, level, values, Slices.of(values.elements(), ranks))
                .await();
    }

    /** Begins a {@link #sum}. */
    public Operation startSum(long step, int level, FlatBuffer values, Slices slices) {
        return start(new Operation(step, level, values, Optional.empty(), slices, true));
    }

    /** Begins a sum of which every rank gets its own slice; the rest of its values stays as it is. */
    public Operation startReduce(long step, int level, FlatBuffer values, Slices slices) {
        return start(new Operation(step, level, values, Optional.empty(), slices, false));
    }

    /** The same as {@link #startSum(long, int, FlatBuffer, Slices)}, but what travels is rounded. */
    public Operation startSum(long step, int level, QuantizedVector values, Slices slices) {
        return start(new Operation(step, level, values.values(), Optional.of(values), slices, true));
    }

    /** The same as {@link #startReduce(long, int, FlatBuffer, Slices)}, but what travels is rounded. */
    public Operation startReduce(long step, int level, QuantizedVector values, Slices slices) {
        return start(new Operation(step, level, values.values(), Optional.of(values), slices, false));
    }

    private Operation start(Operation operation) {
        synchronized (waiting) {
            waiting.add(operation);
        }
        background.execute(this::exchange);
        return operation;
    }

    /**
     * Asks for the slices of all other ranks. To be called on all ranks before any of them sends: what nobody waits for
     * is not taken.
     */
    public Gather startGather(long step, int level, FlatBuffer values, Slices slices) {
        return new Gather(new Operation(step, level, values, Optional.empty(), slices, true));
    }

    /** An all-gather that waits for this rank's slice. */
    public final class Gather {
        private final Operation operation;

        private Gather(Operation operation) {
            this.operation = operation;
            for (long chunk = 0; chunk < operation.chunks; chunk++) {
                for (int k = 1; k < ranks; k++) {
                    int owner = (rank - k + ranks) % ranks;
                    int from = operation.ring ? (rank - 1 + ranks) % ranks : owner;
                    operation.receive(
                            from, owner, chunk, Phase.ALL_GATHER, operation.part(owner, chunk), operation.gathered);
                }
            }
        }

        /** Sends this rank's slice to all others. */
        public Operation send() {
            operation.begin = System.nanoTime();
            if (operation.ring) {
                background.execute(() -> operation.attempt(operation::passOnAll));
            } else {
                for (long chunk = 0; chunk < operation.chunks; chunk++) {
                    operation.publish(chunk);
                }
                operation.started.complete(null);
            }
            return operation;
        }
    }

    /** Works on what waits, in its order, until nothing does. */
    private void exchange() {
        Deque<Runnable> inFlight = new ArrayDeque<>();
        long slots = 0;
        Operation operation;
        while ((operation = next()) != null || !inFlight.isEmpty()) {
            if (operation == null) {
                inFlight.remove().run();
            } else if (operation.ring) {
                // a ring's chunks take the places of those in flight
                while (!inFlight.isEmpty()) {
                    inFlight.remove().run();
                }
                operation.attempt(operation::goRound);
            } else {
                operation.begin = System.nanoTime();
                Operation current = operation;
                for (long chunk = 0; chunk < current.chunks; chunk++) {
                    if (inFlight.size() == CHUNKS_IN_FLIGHT) {
                        inFlight.remove().run();
                    }
                    long each = chunk;
                    int slot = (int) (slots++ % CHUNKS_IN_FLIGHT);
                    List<Pending> parts = new ArrayList<>();
                    current.attempt(() -> current.scatter(each, slot, parts));
                    inFlight.add(() -> current.attempt(() -> current.reduce(each, slot, parts)));
                }
                inFlight.add(() -> current.started.complete(null));
                if (inFlight.size() > CHUNKS_IN_FLIGHT) {
                    inFlight.remove().run();
                }
            }
        }
    }

    private @Nullable Operation next() {
        synchronized (waiting) {
            return waiting.poll();
        }
    }

    /** One exchange under way. */
    public final class Operation {
        private final long operation = operations++;
        private final long step;
        private final int level;
        private final FlatBuffer values;
        private final Optional<QuantizedVector> compressed;
        private final Slices slices;
        private final boolean gathers;
        private final boolean ring;
        private final long chunkElements;
        private final long chunks;
        private final List<Pending> gathered = new ArrayList<>();
        private final List<Pending> sent = new ArrayList<>();
        /** All messages are on their way or there. */
        private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();

        private long begin;
        private long bytesSent;
        private long bytesReceived;

        @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
        Operation(
                long step,
                int level,
                FlatBuffer values,
                Optional<QuantizedVector> compressed,
                Slices slices,
                boolean gathers) {
            if (slices.elements() != values.elements() || slices.ranks() != ranks) {
                throw new IllegalArgumentException(slices + " do not fit " + values.elements() + " elements");
            }
            this.step = step;
            this.level = level;
            this.values = values;
            this.compressed = compressed;
            this.slices = slices;
            this.gathers = gathers;
            this.ring = ranks > ringAbove && compressed.isEmpty();
            // a ring has a chunk of every slice in flight at once
            int most = CHUNK_BYTES / values.type().bytes();
            chunkElements = ring ? Math.max(1, Math.min(most, (long) CHUNKS_IN_FLIGHT * most / ranks)) : most;
            long longest = IntStream.range(0, ranks)
                    .mapToLong(r -> slices.to(r) - slices.from(r))
                    .max()
                    .orElse(0);
            chunks = ranks == 1 ? 0 : (longest + chunkElements - 1) / chunkElements;
        }

        /** Returns when it is done: the values are the caller's again. */
        public Exchange await() {
            try {
                started.get();
            } catch (InterruptedException interrupted) {
                throw interrupted(step, Phase.REDUCE_SCATTER);
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException("the exchange of step " + step + " failed", failed.getCause());
            }
            Collective.this.await(gathered, step, level, Phase.ALL_GATHER);
            Collective.this.await(sent, step, level, Phase.CONFIRMATION);
            if (gathers) {
                compressed.ifPresent(this::decode);
            }
            return chunks == 0 ? Exchange.NONE : new Exchange(bytesSent, bytesReceived, begin, System.nanoTime());
        }

        private void decode(QuantizedVector arrived) {
            for (int k = 1; k < ranks; k++) {
                int owner = (rank + k) % ranks;
                arrived.decode(slices.from(owner), slices.to(owner));
            }
        }

        /** The first error of an operation is its result. */
        void attempt(Runnable action) {
            if (!started.isCompletedExceptionally()) {
                try {
                    action.run();
                } catch (Throwable failed) {
                    // an Error, too: the caller waits for an end, whatever it is
                    started.completeExceptionally(failed);
                }
            }
        }

        /**
         * Sends a chunk of every slice to its owner, and asks for everything that comes back for it.
         *
         * <p>The owner's sum overwrites the chunk that is on its way to the owner; that is safe, because the sum cannot
         * exist before the owner has all of it.
         */
        void scatter(long chunk, int slot, List<Pending> parts) {
            for (int k = 1; k < ranks; k++) {
                int from = (rank - k + ranks) % ranks;
                int to = (rank + k) % ranks;
                receive(from, rank, chunk, Phase.REDUCE_SCATTER, staged(slot, from, part(rank, chunk)), parts);
                if (gathers) {
                    receive(to, to, chunk, Phase.ALL_GATHER, part(to, chunk), gathered);
                }
                compressed.ifPresent(values -> values.encode(from(to, chunk), from(to, chunk + 1)));
                push(to, to, chunk, Phase.REDUCE_SCATTER);
            }
        }

        /** Adds a chunk of this rank's slice and, where the sum is for all, sends it to everyone. */
        void reduce(long chunk, int slot, List<Pending> received) {
            Collective.this.await(received, step, level, Phase.REDUCE_SCATTER);
            FlatBuffer mine = part(rank, chunk);
            List<FlatBuffer> parts = new ArrayList<>();
            for (int other = 0; other < ranks; other++) {
                parts.add(other == rank ? mine : staged(slot, other, mine));
            }
            if (compressed.isPresent()) {
                compressed.get().add(parts, rank, from(rank, chunk), from(rank, chunk + 1));
            } else {
                RankOrderSum.add(parts, mine);
            }
            if (gathers) {
                publish(chunk);
            }
        }

        void publish(long chunk) {
            for (int k = 1; k < ranks; k++) {
                push((rank + k) % ranks, rank, chunk, Phase.ALL_GATHER);
            }
        }

        /** The whole operation in a ring, chunk by chunk: parts are added on their way round, sums passed on. */
        void goRound() {
            begin = System.nanoTime();
            int left = (rank - 1 + ranks) % ranks;
            int right = (rank + 1) % ranks;
            for (long chunk = 0; chunk < chunks; chunk++) {
                if (gathers) {
                    for (int k = 1; k < ranks; k++) {
                        int owner = (rank - k + ranks) % ranks;
                        receive(left, owner, chunk, Phase.ALL_GATHER, part(owner, chunk), gathered);
                    }
                }
                for (int k = 1; k < ranks; k++) {
                    int outgoing = (rank - k + ranks) % ranks;
                    int incoming = (rank - k - 1 + 2 * ranks) % ranks;
                    FlatBuffer mine = part(incoming, chunk);
                    FlatBuffer staged = staged(0, left, mine);
                    List<Pending> received = new ArrayList<>();
                    receive(left, incoming, chunk, Phase.REDUCE_SCATTER, staged, received);
                    push(right, outgoing, chunk, Phase.REDUCE_SCATTER);
                    Collective.this.await(received, step, level, Phase.REDUCE_SCATTER);
                    RankOrderSum.add(List.of(staged, mine), mine);
                }
                if (gathers) {
                    passOn(chunk);
                }
            }
            started.complete(null);
        }

        void passOnAll() {
            for (long chunk = 0; chunk < chunks; chunk++) {
                passOn(chunk);
            }
            started.complete(null);
        }

        /** Sends this rank's sum to the right, then whatever comes from the left. */
        private void passOn(long chunk) {
            int first = gatheredBefore(chunk);
            for (int k = 0; k < ranks - 1; k++) {
                int owner = (rank - k + ranks) % ranks;
                if (k > 0 && length(owner, chunk) > 0) {
                    Collective.this.await(List.of(gathered.get(first++)), step, level, Phase.ALL_GATHER);
                }
                push((rank + 1) % ranks, owner, chunk, Phase.ALL_GATHER);
            }
        }

        /** How many messages of earlier chunks are gathered. */
        private int gatheredBefore(long chunk) {
            int count = 0;
            for (int owner = 0; owner < ranks; owner++) {
                if (owner != rank) {
                    long elements = slices.to(owner) - slices.from(owner);
                    count += (int) Math.min(chunk, (elements + chunkElements - 1) / chunkElements);
                }
            }
            return count;
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
            return new Tag(operation, step, level, phase, from(owner, chunk));
        }

        /** What travels of a chunk. */
        private FlatBuffer part(int owner, long chunk) {
            long from = from(owner, chunk);
            long to = from(owner, chunk + 1);
            return compressed.map(values -> values.codes(from, to)).orElseGet(() -> values.range(from, to));
        }

        private long from(int owner, long chunk) {
            return Math.min(slices.from(owner) + chunk * chunkElements, slices.to(owner));
        }

        private long length(int owner, long chunk) {
            return from(owner, chunk + 1) - from(owner, chunk);
        }

        /** Where another rank's part waits to be added, as long as this rank's. */
        private FlatBuffer staged(int slot, int from, FlatBuffer mine) {
            if (staging[slot].length == 0) {
                staging[slot] = new ByteBuffer[ranks];
            }
            ByteBuffer buffer = staging[slot][from];
            if (buffer == null) {
                buffer = ByteBuffer.allocateDirect(CHUNK_BYTES);
                staging[slot][from] = buffer;
            }
            return new FlatBuffer(mine.type(), List.of(buffer.slice(0, Math.toIntExact(mine.bytes()))));
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

    private CancellationException interrupted(long step, Phase phase) {
        Thread.currentThread().interrupt();
        transport.close("the waiting thread was interrupted");
        return new CancellationException("interrupted in step " + step + ", " + phase);
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
