package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.hopespark.model.ElementType;
import org.hopespark.model.Exchange;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.QuantizedVector;
import org.hopespark.model.Slices;
import org.jspecify.annotations.Nullable;

/**
 * Operations that all workers begin in one order, each from one thread.
 *
 * <p>A sum is a reduce-scatter followed by an all-gather: every rank owns one slice of the vector, gets that slice from
 * everyone, adds, and sends the result to everyone. Each worker sends 2(N-1)/N of the vector, which is the least an
 * all-reduce can do, and the result depends on N alone, not on who was first. Slices travel directly
 * ({@link DirectExchange}) or, where there are many ranks, in a ring ({@link RingExchange}); values that are rounded
 * for the wire always directly.
 *
 * <p>Operations run in the background, so that a caller can compute meanwhile.
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
    private final MessageWaiter waiter;
    private final int ringAbove;
    private final DirectExchange direct;
    private final SliceExchange ring;
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
        this.waiter = new MessageWaiter(transport, timeout);
        this.ringAbove = ringAbove;
        background = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "hope-exchange-" + rank);
            thread.setDaemon(true);
            return thread;
        });
        background.allowCoreThreadTimeOut(true);
        StagingBuffers staging = new StagingBuffers(ranks);
        direct = new DirectExchange(rank, ranks, staging);
        ring = new RingExchange(rank, ranks, staging, background);
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
        List<PendingMessage> received = new ArrayList<>();
        List<PendingMessage> sent = new ArrayList<>();
        for (int k = 1; k < ranks; k++) {
            int from = (rank - k + ranks) % ranks;
            int to = (rank + k) % ranks;
            received.add(new PendingMessage(from, transport.receive(from, tag, raw(all.get(from)))));
            sent.add(new PendingMessage(to, transport.push(to, tag, raw(all.get(rank)))));
        }
        waiter.await(received, step, 0, Phase.OPENING);
        waiter.await(sent, step, 0, Phase.CONFIRMATION);
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
        return start(operation(step, level, values, Optional.empty(), slices, true));
    }

    /** Begins a sum of which every rank gets its own slice; the rest of its values stays as it is. */
    public Operation startReduce(long step, int level, FlatBuffer values, Slices slices) {
        return start(operation(step, level, values, Optional.empty(), slices, false));
    }

    /** The same as {@link #startSum(long, int, FlatBuffer, Slices)}, but what travels is rounded. */
    public Operation startSum(long step, int level, QuantizedVector values, Slices slices) {
        return start(operation(step, level, values.values(), Optional.of(values), slices, true));
    }

    /** The same as {@link #startReduce(long, int, FlatBuffer, Slices)}, but what travels is rounded. */
    public Operation startReduce(long step, int level, QuantizedVector values, Slices slices) {
        return start(operation(step, level, values.values(), Optional.of(values), slices, false));
    }

    @SuppressWarnings("OptionalUsedAsFieldOrParameterType")
    private Operation operation(
            long step,
            int level,
            FlatBuffer values,
            Optional<QuantizedVector> compressed,
            Slices slices,
            boolean gathers) {
        if (slices.elements() != values.elements() || slices.ranks() != ranks) {
            throw new IllegalArgumentException(slices + " do not fit " + values.elements() + " elements");
        }
        SliceExchange exchange = ranks > ringAbove && compressed.isEmpty() ? ring : direct;
        long chunkElements = exchange.chunkElements(values.type());
        return new Operation(
                step, level, new SlicedVector(values, compressed, slices, chunkElements), exchange, gathers);
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
        return new Gather(operation(step, level, values, Optional.empty(), slices, true));
    }

    /** An all-gather that waits for this rank's slice. */
    public final class Gather {
        private final Operation operation;

        private Gather(Operation operation) {
            this.operation = operation;
            for (long chunk = 0; chunk < operation.vector.chunks(); chunk++) {
                for (int k = 1; k < ranks; k++) {
                    operation.receiveFinished((rank - k + ranks) % ranks, chunk);
                }
            }
        }

        /** Sends this rank's slice to all others. */
        public Operation send() {
            operation.begin = System.nanoTime();
            operation.exchange.publish(operation);
            return operation;
        }
    }

    /** Works on what waits, in its order, until nothing does. */
    private void exchange() {
        Operation operation;
        while ((operation = next()) != null || direct.finishOldest()) {
            if (operation != null) {
                if (operation.exchange == ring) {
                    // a ring's chunks take the places of those in flight
                    direct.finishAll();
                }
                operation.begin = System.nanoTime();
                operation.exchange.reduce(operation);
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
        private final SlicedVector vector;
        private final SliceExchange exchange;
        private final boolean gathers;
        private final List<PendingMessage> gathered = new ArrayList<>();
        private final List<PendingMessage> sent = new ArrayList<>();
        /** All messages are on their way or there. */
        private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();

        private long begin;
        private long bytesSent;
        private long bytesReceived;

        private Operation(long step, int level, SlicedVector vector, SliceExchange exchange, boolean gathers) {
            this.step = step;
            this.level = level;
            this.vector = vector;
            this.exchange = exchange;
            this.gathers = gathers;
        }

        /** Returns when it is done: the values are the caller's again. */
        public Exchange await() {
            try {
                started.get();
            } catch (InterruptedException interrupted) {
                throw waiter.interrupted(step, Phase.REDUCE_SCATTER);
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof RuntimeException cause
                        ? cause
                        : new IllegalStateException("the exchange of step " + step + " failed", failed.getCause());
            }
            await(gathered, Phase.ALL_GATHER);
            await(sent, Phase.CONFIRMATION);
            if (gathers) {
                vector.decode(rank);
            }
            return vector.chunks() == 0
                    ? Exchange.NONE
                    : new Exchange(bytesSent, bytesReceived, begin, System.nanoTime());
        }

        /** What is exchanged. */
        SlicedVector vector() {
            return vector;
        }

        /** Whether all ranks get all slices, not just their own. */
        boolean gathers() {
            return gathers;
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

        /** All messages have been sent and asked for. */
        void complete() {
            started.complete(null);
        }

        /** Asks for a chunk of a rank's finished slice. */
        void receiveFinished(int owner, long chunk) {
            receive(exchange.sourceOf(owner), owner, chunk, Phase.ALL_GATHER, vector.part(owner, chunk), gathered);
        }

        /** Waits for one of the messages that {@link #receiveFinished} has asked for, in that order. */
        void awaitFinished(int message) {
            await(List.of(gathered.get(message)), Phase.ALL_GATHER);
        }

        /** Asks for a chunk, unless it is empty. */
        void receive(int from, int owner, long chunk, Phase phase, FlatBuffer target, List<PendingMessage> pending) {
            if (target.bytes() > 0) {
                pending.add(new PendingMessage(from, transport.receive(from, tag(owner, chunk, phase), target)));
                bytesReceived += target.bytes();
            }
        }

        /** Sends a chunk, unless it is empty. */
        void push(int to, int owner, long chunk, Phase phase) {
            FlatBuffer payload = vector.part(owner, chunk);
            if (payload.bytes() > 0) {
                sent.add(new PendingMessage(to, transport.push(to, tag(owner, chunk, phase), payload)));
                bytesSent += payload.bytes();
            }
        }

        void await(List<PendingMessage> pending, Phase phase) {
            waiter.await(pending, step, level, phase);
        }

        private Tag tag(int owner, long chunk, Phase phase) {
            return new Tag(operation, step, level, phase, vector.from(owner, chunk));
        }
    }
}
