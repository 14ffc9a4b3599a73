package org.hopespark.cluster.spark;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.buffer.NettyManagedBuffer;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.hopespark.cluster.DamagedMessageException;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Handshake;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.RefusedException;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Strangers;
import org.hopespark.cluster.Tag;
import org.hopespark.model.FlatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The data plane on Spark's own network layer, with the application's secret and encryption when they are switched on
 * ({@code spark.authenticate}, {@code spark.network.crypto.enabled}, {@code spark.ssl.rpc.enabled}). Tuned by
 * {@code spark.hope.io.*}, the keys that {@code spark.shuffle.io.*} has for the shuffle.
 *
 * <p>Every worker pushes over one connection of its own to each other worker, which begins with a {@link Handshake} of
 * two remote calls. The bytes of a message go from the sender's buffer to the socket and from the socket to the
 * receiver's buffer.
 */
public final class SparkTransport extends NetworkTransport {
    /** A worker that does not answer for so long is not there: it listened before it announced its address. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration PUSHED_OUT = Duration.ofMillis(50);
    /** The acceptor cannot speak first. */
    private static final byte[] NONCE_PLEASE = {1};

    private final String host;
    private final TransportServer server;
    private final TransportClientFactory clients;
    private final Map<Integer, TransportClient> connections = new HashMap<>();
    private final Map<TransportClient, Integer> rankOf = new ConcurrentHashMap<>();
    private boolean closed;

    /** Starts to listen at a free port. */
    public SparkTransport(SparkNetwork network, Sender self, GenerationKey key) {
        super(self, key);
        this.host = network.host();
        TransportContext context = new TransportContext(network.conf(), new Receiver());
        this.clients = network.clients(context);
        this.server = network.server(context);
    }

    @Override
    public Member member() {
        return new Member(host, server.getPort());
    }

    @Override
    public CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            TransportClient connection = connection(to);
            ByteBuffer[] slices =
                    payload.slices().stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
            connection.uploadStream(
                    new NioManagedBuffer(opening(Header.of(tag, payload))),
                    new NettyManagedBuffer(Unpooled.wrappedBuffer(slices)),
                    answer(done, response -> null));
        } catch (IOException | RuntimeException unreachable) {
            // where the secrets differ, Spark throws what is not checked
            done.completeExceptionally(unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(new CancellationException("interrupted while connecting to rank " + to));
        }
        return done;
    }

    private static ByteBuffer opening(Header header) {
        ByteBuffer out = ByteBuffer.allocate(Header.BYTES);
        header.encode(out);
        return out.flip();
    }

    private static <T extends @Nullable Object> RpcResponseCallback answer(
            CompletableFuture<T> done, Function<ByteBuffer, T> read) {
        return new RpcResponseCallback() {
            @Override
            public void onSuccess(ByteBuffer response) {
                done.complete(read.apply(response));
            }

            @Override
            public void onFailure(Throwable cause) {
                done.completeExceptionally(cause);
            }
        };
    }

    /** One connection a worker for the life of a generation: what broke stays broken. */
    private synchronized TransportClient connection(int to) throws IOException, InterruptedException {
        if (closed) {
            throw new IOException("this worker has closed its transport");
        }
        TransportClient connection = connections.get(to);
        if (connection == null) {
            connection = connect(to);
            rankOf.put(connection, to);
            connections.put(to, connection);
        }
        return connection;
    }

    private TransportClient connect(int to) throws IOException, InterruptedException {
        Member there = member(to);
        long start = System.nanoTime();
        while (true) {
            TransportClient connection = clients.createUnmanagedClient(there.host(), there.port());
            try {
                Handshake.Hello hello = handshake.hello(to, ask(connection, ByteBuffer.wrap(NONCE_PLEASE)));
                hello.requireProof(ask(connection, hello.bytes()));
                return connection;
            } catch (RefusedException end) {
                connection.close();
                throw new IOException("rank " + to + " (" + there + "): " + end.getMessage(), end);
            } catch (ExecutionException | TimeoutException broken) {
                // where strangers push, a worker may be pushed out before it has spoken: it comes again
                connection.close();
                if (System.nanoTime() - start > CONNECT_TIMEOUT.toNanos()) {
                    throw new IOException("rank " + to + " (" + there + ") does not answer: " + broken, broken);
                }
                Thread.sleep(PUSHED_OUT.toMillis());
            }
        }
    }

    private static byte[] ask(TransportClient connection, ByteBuffer question)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<byte[]> done = new CompletableFuture<>();
        connection.sendRpc(question, answer(done, SparkTransport::bytes));
        return done.get(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public void close(String reason) {
        inbox.close(reason);
        synchronized (this) {
            if (!closed) {
                closed = true;
                connections.values().forEach(TransportClient::close);
                clients.close();
                server.close();
            }
        }
    }

    /** The other workers' messages, on Spark's network threads. */
    private final class Receiver extends RpcHandler {
        private final Strangers<TransportClient> strangers = new Strangers<>(ranks());
        private final Map<TransportClient, byte[]> nonces = new ConcurrentHashMap<>();
        private final Set<Integer> seen = ConcurrentHashMap.newKeySet();

        @Override
        public void channelActive(TransportClient client) {
            if (isIncoming(client)) {
                strangers
                        .add(client, client.getSocketAddress())
                        .ifPresent(oldest -> dismiss(oldest, "too many do not say who they are"));
                Future<?> unused = client.getChannel()
                        .eventLoop()
                        .schedule(
                                () -> {
                                    if (strangers.remove(client)) {
                                        dismiss(client, "it does not say who it is");
                                    }
                                },
                                Strangers.PATIENCE.toMillis(),
                                TimeUnit.MILLISECONDS);
            }
        }

        /** Those that this worker has opened itself are handled here, too. */
        private boolean isIncoming(TransportClient client) {
            return client.getChannel().parent() != null;
        }

        private void dismiss(TransportClient client, String why) {
            strangers.refused(client.getSocketAddress(), why);
            Future<?> unused = client.getChannel().close();
        }

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            if (message.remaining() == NONCE_PLEASE.length && !rankOf.containsKey(client)) {
                callback.onSuccess(ByteBuffer.wrap(nonces.computeIfAbsent(client, unused -> handshake.nonce())));
                return;
            }
            try {
                byte[] nonce = nonces.remove(client);
                if (nonce == null) {
                    throw new RefusedException("it says who it is before it was asked");
                }
                Handshake.Accepted accepted = handshake.accept(nonce, message);
                if (!seen.add(accepted.rank())) {
                    throw new RefusedException("rank " + accepted.rank() + " has had its connection");
                }
                strangers.remove(client);
                rankOf.put(client, accepted.rank());
                callback.onSuccess(accepted.proof());
            } catch (RefusedException refused) {
                callback.onSuccess(Handshake.refusal());
                dismiss(client, String.valueOf(refused.getMessage()));
            }
        }

        @Override
        public StreamCallbackWithID receiveStream(
                TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            Integer from = rankOf.get(client);
            if (from == null) {
                dismiss(client, "it sends before it has said who it is");
                throw new Refusal();
            }
            try {
                if (message.remaining() != Header.BYTES) {
                    throw new DamagedMessageException("not a message of a worker: " + message.remaining() + " bytes");
                }
                Header header = Header.decode(message);
                return new Stream(client, inbox.arrive(from, header), header);
            } catch (DamagedMessageException damaged) {
                lost(client, damaged);
                throw new IllegalStateException(damaged);
            }
        }

        @Override
        public void channelInactive(TransportClient client) {
            strangers.remove(client);
            nonces.remove(client);
            lost(client, new IOException("it was closed"));
        }

        @Override
        public StreamManager getStreamManager() {
            return new NothingToFetch();
        }
    }

    /** What a stranger hears instead of an error: Spark sends the text of errors, and where they were thrown. */
    @SuppressWarnings("OverrideThrowableToString") // without the name of the class
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Refusal() {
            super("refused", null, false, false);
        }

        @Override
        public String toString() {
            return "refused";
        }
    }

    private static final class NothingToFetch extends StreamManager {
        @Override
        public ManagedBuffer getChunk(long streamId, int chunkIndex) {
            throw new Refusal();
        }

        @Override
        public ManagedBuffer openStream(String streamId) {
            throw new Refusal();
        }
    }

    /** One direction that breaks is a worker lost. */
    private void lost(TransportClient client, IOException cause) {
        Integer gone = rankOf.remove(client);
        if (gone != null) {
            inbox.lost(
                    gone, new IOException("the connection with rank " + gone + " broke: " + cause.getMessage(), cause));
        }
        Future<?> unused = client.getChannel().close();
    }

    private final class Stream implements StreamCallbackWithID {
        private final TransportClient client;
        private final Inbox.Arrival arrival;
        private final Header header;

        Stream(TransportClient client, Inbox.Arrival arrival, Header header) {
            this.client = client;
            this.arrival = arrival;
            this.header = header;
        }

        @Override
        public String getID() {
            return header.toString();
        }

        @Override
        public void onData(String id, ByteBuffer bytes) {
            arrival.write(bytes);
        }

        @Override
        public void onComplete(String id) throws IOException {
            try {
                arrival.complete();
            } catch (DamagedMessageException damaged) {
                lost(client, damaged);
                throw damaged;
            }
        }

        @Override
        public void onFailure(String id, Throwable cause) {
            arrival.fail(cause);
        }
    }
}
