package org.hopespark.cluster.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.SparkEnv;
import org.hopespark.cluster.Collective;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;

/**
 * How fast two workers add up their vectors over this JVM's loopback, beside bare sockets that move the same bytes:
 * with two workers, each sends the vector's length and receives as much. The best of several rounds that take turns.
 */
public final class TransportBenchmark {
    private static final List<Integer> SIZES_MIB = List.of(1, 16, 64);
    private static final int WARM_UP_ROUNDS = 20;
    private static final int ROUNDS = 11;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private TransportBenchmark() {}

    /**
     * One number.
     *
     * @param name what was measured
     * @param value in {@code unit}
     * @param unit such as GB/s
     */
    public record Row(String name, double value, String unit) {}

    /** Measures, in a JVM with a running Spark context, with that context's security settings. */
    public static List<Row> run() throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Generation generation = new Generation(UUID.randomUUID(), 1);
        try (SparkTransport first = new SparkTransport(SparkEnv.get(), generation, 0, 2);
                SparkTransport second = new SparkTransport(SparkEnv.get(), generation, 1, 2);
                SocketPair sockets = SocketPair.open()) {
            List<Member> members = List.of(first.member(), second.member());
            first.join(members);
            second.join(members);
            List<Collective> ranks = List.of(new Collective(first, TIMEOUT), new Collective(second, TIMEOUT));
            List<Row> rows = new ArrayList<>();
            for (int mib : SIZES_MIB) {
                rows.addAll(measure(mib, ranks, sockets, threads));
            }
            return rows;
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<Row> measure(int mib, List<Collective> ranks, SocketPair sockets, ExecutorService threads)
            throws InterruptedException {
        int bytes = mib << 20;
        List<Callable<Long>> allReduce = new ArrayList<>();
        for (Collective rank : ranks) {
            FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, bytes / Float.BYTES);
            allReduce.add(() -> rank.sum(1, 1, values).bytesSent());
        }
        List<Callable<Long>> exchange = sockets.exchange(bytes);
        long allReduceNanos = Long.MAX_VALUE;
        long exchangeNanos = Long.MAX_VALUE;
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            long nanos = time(threads, allReduce);
            long rawNanos = time(threads, exchange);
            if (round >= 0) {
                allReduceNanos = Math.min(allReduceNanos, nanos);
                exchangeNanos = Math.min(exchangeNanos, rawNanos);
            }
        }
        return List.of(
                new Row("all-reduce of " + mib + " MiB, 2 ranks", (double) bytes / allReduceNanos, "GB/s"),
                new Row("bare sockets, " + mib + " MiB each way", (double) bytes / exchangeNanos, "GB/s"),
                new Row("all-reduce of " + mib + " MiB / bare sockets", (double) exchangeNanos / allReduceNanos, "x"));
    }

    private static long time(ExecutorService threads, List<Callable<Long>> work) throws InterruptedException {
        long start = System.nanoTime();
        for (Future<Long> done : threads.invokeAll(work)) {
            try {
                done.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("the measurement failed", e.getCause());
            }
        }
        return System.nanoTime() - start;
    }

    /** Two ends of one TCP connection over loopback. */
    private record SocketPair(SocketChannel left, SocketChannel right) implements AutoCloseable {
        static SocketPair open() throws IOException {
            try (ServerSocketChannel server =
                    ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
                SocketChannel left = SocketChannel.open(server.getLocalAddress());
                return new SocketPair(left, server.accept());
            }
        }

        /** Both ends send and receive at the same time. */
        List<Callable<Long>> exchange(int bytes) {
            return List.of(send(left, bytes), send(right, bytes), receive(left, bytes), receive(right, bytes));
        }

        private static Callable<Long> send(SocketChannel end, int bytes) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            return () -> {
                buffer.clear();
                while (buffer.hasRemaining()) {
                    end.write(buffer);
                }
                return (long) bytes;
            };
        }

        private static Callable<Long> receive(SocketChannel end, int bytes) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            return () -> {
                buffer.clear();
                while (buffer.hasRemaining() && end.read(buffer) >= 0) {
                    // until all is there
                }
                return (long) bytes;
            };
        }

        @Override
        public void close() throws IOException {
            left.close();
            right.close();
        }
    }
}
