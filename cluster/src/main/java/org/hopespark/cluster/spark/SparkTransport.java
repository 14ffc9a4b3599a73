package org.hopespark.cluster.spark;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NettyManagedBuffer;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.Tag;
import org.hopespark.cluster.Transport;
import org.hopespark.model.FlatBuffer;

/**
 * The data plane on Spark's own network layer, with the application's secret and encryption when they are switched on
 * ({@code spark.authenticate}, {@code spark.network.crypto.enabled}). Tuned by {@code spark.hope.io.*}, the keys that
 * {@code spark.shuffle.io.*} has for the shuffle.
 *
 * <p>Every worker pushes over one connection of its own to each other worker. The bytes of a message go from the
 * sender's buffer to the socket and from the socket to the receiver's buffer.
 */
final class SparkTransport implements Transport {
    private static final String MODULE = "hope";
    /** Enough to fill a link; what is spent here is missing in the mathematics. */
    private static final String THREADS = "2";
    /** A worker that does not answer for so long is not there: it listened before it told its address. */
    private static final String CONNECT_TIMEOUT = "10s";

    private final Generation generation;
    private final int rank;
    private final int ranks;
    private final String host;
    private final Inbox inbox;
    private final TransportServer server;
    private final TransportClientFactory clients;
    private final Map<Integer, TransportClient> connections = new HashMap<>();
    private final Map<TransportClient, Integer> rankOf = new ConcurrentHashMap<>();
    private volatile List<Member> members = List.of();
    private volatile Consumer<RuntimeException> beforeFailing = cause -> {};
    private boolean closed;

    /** Starts to listen on this executor's host at a free port. */
    SparkTransport(SparkEnv env, Generation generation, int rank, int ranks) {
        this.generation = generation;
        this.rank = rank;
        this.ranks = ranks;
        this.host = env.blockManager().blockManagerId().host();
        this.inbox = new Inbox(rank, ranks);
        TransportConf conf = conf(env.conf());
        TransportContext context = new TransportContext(conf, new Receiver());
        if (env.conf().getBoolean("spark.authenticate", false)) {
            String application = env.conf().getAppId();
            clients = context.createClientFactory(
                    List.of(new AuthClientBootstrap(conf, application, env.securityManager())));
            server = context.createServer(host, 0, List.of(new AuthServerBootstrap(conf, env.securityManager())));
        } else {
            clients = context.createClientFactory();
            server = context.createServer(host, 0, List.of());
        }
    }

    private static TransportConf conf(SparkConf conf) {
        Map<String, String> settings = new HashMap<>(ScalaApi.settings(conf));
        settings.putIfAbsent("spark." + MODULE + ".io.serverThreads", THREADS);
        settings.putIfAbsent("spark." + MODULE + ".io.clientThreads", THREADS);
        settings.putIfAbsent("spark." + MODULE + ".io.connectionCreationTimeout", CONNECT_TIMEOUT);
        return new TransportConf(MODULE, new MapConfigProvider(settings));
    }

    /** Who is to know of a failure here before the other workers notice. */
    void beforeFailing(Consumer<RuntimeException> listener) {
        beforeFailing = listener;
    }

    /** Where the others reach this worker. */
    Member member() {
        return new Member(host, server.getPort());
    }

    /** Learns where the others are; nothing can be sent before. */
    void join(List<Member> all) {
        if (all.size() != ranks) {
            throw new IllegalArgumentException(ranks + " workers expected, got " + all);
        }
        members = List.copyOf(all);
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int ranks() {
        return ranks;
    }

    @Override
    public long generation() {
        return generation.number();
    }

    @Override
    public String address(int other) {
        return members.get(other).toString();
    }

    @Override
    public CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            TransportClient connection = connection(to);
            ByteBuffer[] slices =
                    payload.slices().stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
            connection.uploadStream(
                    new NioManagedBuffer(new Header(generation, rank, tag, payload.bytes()).encode()),
                    new NettyManagedBuffer(Unpooled.wrappedBuffer(slices)),
                    new Acknowledgement(done));
        } catch (IOException unreachable) {
            done.completeExceptionally(unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(new CancellationException("interrupted while connecting to rank " + to));
        }
        return done;
    }

    private record Acknowledgement(CompletableFuture<Void> done) implements RpcResponseCallback {
        @Override
        public void onSuccess(ByteBuffer response) {
            done.complete(null);
        }

        @Override
        public void onFailure(Throwable cause) {
            done.completeExceptionally(cause);
        }
    }

    /** One connection a worker for the life of a generation: what broke stays broken. */
    private synchronized TransportClient connection(int to) throws IOException, InterruptedException {
        if (closed) {
            throw new IOException("this worker has closed its transport");
        }
        TransportClient connection = connections.get(to);
        if (connection == null) {
            Member member = members.get(to);
            connection = clients.createUnmanagedClient(member.host(), member.port());
            rankOf.put(connection, to);
            connections.put(to, connection);
        }
        return connection;
    }

    @Override
    public CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target) {
        return inbox.receive(from, tag, target);
    }

    @Override
    public Optional<Tag> lastHeard(int other) {
        return inbox.lastHeard(other);
    }

    @Override
    public void fail(RuntimeException cause) {
        beforeFailing.accept(cause);
        close(cause.toString());
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
        private final StreamManager nothingToFetch = new OneForOneStreamManager();

        @Override
        public StreamCallbackWithID receiveStream(
                TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            Header header = Header.decode(message);
            if (!header.generation().equals(generation)) {
                throw new IllegalStateException(
                        "rank " + header.from() + " sends for " + header.generation() + ", but here is " + generation);
            }
            if (header.from() < 0 || header.from() >= ranks) {
                throw new IllegalStateException("rank " + header.from() + " sends to one of " + ranks + " workers");
            }
            rankOf.put(client, header.from());
            return new Stream(inbox.arrive(header.from(), header.tag(), header.bytes()), header);
        }

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            callback.onFailure(new UnsupportedOperationException("workers push streams"));
        }

        @Override
        public void channelInactive(TransportClient client) {
            Integer gone = rankOf.remove(client);
            if (gone != null) {
                inbox.lost(gone, new IOException("the connection with rank " + gone + " broke"));
            }
        }

        @Override
        public StreamManager getStreamManager() {
            return nothingToFetch;
        }
    }

    private record Stream(Inbox.Arrival arrival, Header header) implements StreamCallbackWithID {
        @Override
        public String getID() {
            return header.toString();
        }

        @Override
        public void onData(String id, ByteBuffer bytes) {
            arrival.write(bytes);
        }

        @Override
        public void onComplete(String id) {
            arrival.complete();
        }

        @Override
        public void onFailure(String id, Throwable cause) {
            arrival.fail(cause);
        }
    }
}
