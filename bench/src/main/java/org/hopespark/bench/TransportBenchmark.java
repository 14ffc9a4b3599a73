package org.hopespark.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.nio.NioTransport;
import org.hopespark.cluster.spark.SparkNetwork;
import org.hopespark.cluster.spark.SparkNetwork.Secret;
import org.hopespark.cluster.spark.SparkTransport;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;

/**
 * How fast two workers add up their vectors over this JVM's loopback, on each transport, beside bare sockets that move
 * the same bytes: with two workers, each sends the vector's length and receives as much. The best of several rounds, in
 * which all take turns.
 */
public final class TransportBenchmark {
    /** What {@code hope bench} measures. */
    public static final List<Integer> SIZES_MIB = List.of(1, 16, 64, 256);

    /** What is to be moved before it counts: code that is not compiled yet hides a slow network, and a fast one. */
    private static final int WARM_UP_MIB = 256;

    private static final String SOCKETS = "bare sockets";
    private static final int MEASURED_MIB = 256;
    private static final int MIN_ROUNDS = 7;
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final SparkNetwork CLEAR = new SparkNetwork("127.0.0.1", Map.of(), Optional.empty());
    private static final SparkNetwork ENCRYPTED = new SparkNetwork(
            "127.0.0.1",
            Map.of("spark.authenticate", "true", "spark.network.crypto.enabled", "true"),
            Optional.of(new Secret("benchmark", new OneKey())));

    private TransportBenchmark() {}

    /**
     * One number.
     *
     * @param name what was measured
     * @param value in {@code unit}
     * @param unit such as GB/s
     */
    public record Row(String name, double value, String unit) {}

    /**
     * How fast one transport is.
     *
     * @param transport its name; the bare sockets come first
     * @param mib length of the vector
     * @param gigabytesPerSecond of the vector
     * @param ofSockets the same, of what the bare sockets do
     */
    public record Rate(String transport, int mib, double gigabytesPerSecond, double ofSockets) {}

    /**
     * Measures.
     *
     * @param sizesMib lengths of the vectors
     */
    public static List<Row> run(List<Integer> sizesMib) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Rate rate : rates(sizesMib)) {
            String what = (rate.transport.equals(SOCKETS) ? "exchange of " : "all-reduce of ") + rate.mib
                    + " MiB, 2 ranks, " + rate.transport;
            rows.add(new Row(what, rate.gigabytesPerSecond, "GB/s"));
            rows.add(new Row(what + " / " + SOCKETS, rate.ofSockets, "x"));
        }
        return rows;
    }

    /**
     * Measures.
     *
     * @param sizesMib lengths of the vectors
     */
    public static List<Rate> rates(List<Integer> sizesMib) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        int longest = Collections.max(sizesMib) << 20;
        List<FlatBuffer> vectors = List.of(
                FlatBuffer.allocate(ElementType.FLOAT32, longest / Float.BYTES),
                FlatBuffer.allocate(ElementType.FLOAT32, longest / Float.BYTES));
        try (SocketPair sockets = SocketPair.open();
                Pair nio = Pair.of((self, key) -> NioTransport.listen("127.0.0.1", self, key));
                Pair clear = Pair.of((self, key) -> new SparkTransport(CLEAR, self, key));
                Pair encrypted = Pair.of((self, key) -> new SparkTransport(ENCRYPTED, self, key))) {
            List<Rate> rates = new ArrayList<>();
            for (int mib : sizesMib) {
                long elements = ((long) mib << 20) / Float.BYTES;
                FlatBuffer left = vectors.get(0).range(0, elements);
                FlatBuffer right = vectors.get(1).range(0, elements);
                Map<String, List<Callable<Long>>> work = new LinkedHashMap<>();
                work.put(SOCKETS, sockets.exchange(left, right));
                work.put("nio", nio.sum(left, right));
                work.put("spark", clear.sum(left, right));
                work.put("spark, AES-CTR", encrypted.sum(left, right));
                rates.addAll(measure(mib, work, threads));
            }
            return rates;
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<Rate> measure(int mib, Map<String, List<Callable<Long>>> work, ExecutorService threads)
            throws InterruptedException {
        Map<String, Long> best = new LinkedHashMap<>();
        int rounds = Math.max(MIN_ROUNDS, MEASURED_MIB / mib);
        for (int round = -WARM_UP_MIB / mib; round < rounds; round++) {
            for (Map.Entry<String, List<Callable<Long>>> entry : work.entrySet()) {
                long nanos = time(threads, entry.getValue());
                if (round >= 0) {
                    best.merge(entry.getKey(), nanos, Math::min);
                }
            }
        }
        double bytes = (double) mib * (1 << 20);
        long bare = best.values().iterator().next();
        List<Rate> rates = new ArrayList<>();
        best.forEach((name, nanos) -> rates.add(new Rate(name, mib, bytes / nanos, (double) bare / nanos)));
        return rates;
    }

    /** A secret that everyone knows. */
    private static final class OneKey implements SecretKeyHolder {
        @Override
        public String getSaslUser(String application) {
            return "worker";
        }

        @Override
        public String getSecretKey(String application) {
            return "for measuring only";
        }
    }

    /** Two workers. */
    private record Pair(NetworkTransport first, NetworkTransport second, Collective left, Collective right)
            implements AutoCloseable {
        static Pair of(BiFunction<Sender, GenerationKey, NetworkTransport> listen) {
            GenerationKey key = GenerationKey.random();
            Generation generation = new Generation(UUID.randomUUID(), 1);
            NetworkTransport first = listen.apply(new Sender(generation, 2, 0), key);
            NetworkTransport second = listen.apply(new Sender(generation, 2, 1), key);
            List<Member> members = List.of(first.member(), second.member());
            first.join(members);
            second.join(members);
            return new Pair(first, second, new Collective(first, TIMEOUT), new Collective(second, TIMEOUT));
        }

        List<Callable<Long>> sum(FlatBuffer ours, FlatBuffer theirs) {
            return List.of(
                    () -> left.sum(1, 1, ours).bytesSent(),
                    () -> right.sum(1, 1, theirs).bytesSent());
        }

        @Override
        public void close() {
            first.close();
            second.close();
        }
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

        /** Both ends send and receive at the same time, as a sum does from and into one vector. */
        List<Callable<Long>> exchange(FlatBuffer ours, FlatBuffer theirs) {
            ByteBuffer mine = ours.slices().get(0);
            ByteBuffer other = theirs.slices().get(0);
            return List.of(
                    () -> send(left, mine.duplicate()),
                    () -> send(right, other.duplicate()),
                    () -> receive(left, mine.duplicate()),
                    () -> receive(right, other.duplicate()));
        }

        private static long send(SocketChannel end, ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                end.write(bytes);
            }
            return bytes.capacity();
        }

        private static long receive(SocketChannel end, ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining() && end.read(bytes) >= 0) {
                // until all is there
            }
            return bytes.capacity();
        }

        @Override
        public void close() throws IOException {
            left.close();
            right.close();
        }
    }
}
