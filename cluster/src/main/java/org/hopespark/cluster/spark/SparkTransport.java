package org.hopespark.cluster.spark;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NettyManagedBuffer;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.hopespark.cluster.DamagedMessageException;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Tag;
import org.hopespark.model.FlatBuffer;

/**
 * The data plane on Spark's own network layer, with the application's secret and encryption when they are switched on
 * ({@code spark.authenticate}, {@code spark.network.crypto.enabled}, {@code spark.ssl.rpc.enabled}). Tuned by
 * {@code spark.hope.io.*}, the keys that {@code spark.shuffle.io.*} has for the shuffle.
 *
 * <p>Every worker pushes over one connection of its own to each other worker. The bytes of a message go from the
 * sender's buffer to the socket and from the socket to the receiver's buffer.
 */
final class SparkTransport extends NetworkTransport {
    private final String host;
    private final TransportServer server;
    private final TransportClientFactory clients;
    private final Map<Integer, TransportClient> connections = new HashMap<>();
    private final Map<TransportClient, Integer> rankOf = new ConcurrentHashMap<>();
    private boolean closed;

    /** Starts to listen at a free port. */
    SparkTransport(SparkNetwork network, Sender self) {
        super(self);
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
                    new Acknowledgement(done));
        } catch (IOException | RuntimeException unreachable) {
            // where the secrets differ, Spark throws what is not checked
            done.completeExceptionally(unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(new CancellationException("interrupted while connecting to rank " + to));
        }
        return done;
    }

    /** Every message says who sends it: Spark's streams have no place for an introduction. */
    private ByteBuffer opening(Header header) {
        ByteBuffer out = ByteBuffer.allocate(Sender.BYTES + Header.BYTES);
        self.encode(out);
        header.encode(out);
        return out.flip();
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
            Member member = member(to);
            connection = clients.createUnmanagedClient(member.host(), member.port());
            rankOf.put(connection, to);
            connections.put(to, connection);
        }
        return connection;
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
        private final Set<Integer> seen = ConcurrentHashMap.newKeySet();

        @Override
        public StreamCallbackWithID receiveStream(
                TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            if (message.remaining() != Sender.BYTES + Header.BYTES) {
                throw new IllegalArgumentException("not a message of a worker: " + message.remaining() + " bytes");
            }
            Sender sender = Sender.decode(message);
            self.objectionTo(sender).ifPresent(objection -> {
                throw new IllegalStateException(objection);
            });
            admit(client, sender.rank());
            try {
                Header header = Header.decode(message);
                return new Stream(client, inbox.arrive(sender.rank(), header), header);
            } catch (DamagedMessageException damaged) {
                lost(client, damaged);
                throw new IllegalStateException(damaged);
            }
        }

        private void admit(TransportClient client, int from) {
            Integer known = rankOf.putIfAbsent(client, from);
            boolean second = known == null ? !seen.add(from) : known != from;
            if (second) {
                rankOf.remove(client);
                throw new IllegalStateException("rank " + from + " has had its connection");
            }
        }

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            callback.onFailure(new UnsupportedOperationException("workers push streams"));
        }

        @Override
        public void channelInactive(TransportClient client) {
            lost(client, new IOException("it was closed"));
        }

        @Override
        public StreamManager getStreamManager() {
            return nothingToFetch;
        }
    }

    /** One direction that breaks is a worker lost. */
    private void lost(TransportClient client, IOException cause) {
        Integer gone = rankOf.remove(client);
        if (gone != null) {
            inbox.lost(
                    gone, new IOException("the connection with rank " + gone + " broke: " + cause.getMessage(), cause));
        }
        client.getChannel().close();
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
