package org.hopespark.cluster.nio;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
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
 * The data plane on plain TCP sockets: no encryption, no more copies than the sockets make.
 *
 * <p>Every worker pushes over one connection of its own to each other worker, which begins with a {@link Handshake}.
 * Once all others are connected, nobody listens any more. One thread serves the connections that come in, another one
 * those that go out.
 */
public final class NioTransport extends NetworkTransport {
    /** A worker that does not answer for so long is not there: it listened before it announced its address. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** Where strangers push, a worker may be pushed out before it has spoken: it comes again. */
    private static final Duration PUSHED_OUT = Duration.ofMillis(50);
    /** Connections that the kernel keeps until they are accepted. */
    private static final int BACKLOG = 1024;

    private final Member member;
    private final Loop receiving;
    private final Loop sending;
    private final Map<Integer, Outgoing> connections = new ConcurrentHashMap<>();
    private final Set<SocketChannel> connecting = ConcurrentHashMap.newKeySet();
    private volatile @Nullable CancellationException closed;

    private NioTransport(Sender self, GenerationKey key, Member member, ServerSocketChannel server) throws IOException {
        super(self, key);
        this.member = member;
        this.receiving = new Loop("hope-receiver-" + self.rank());
        this.sending = new Loop("hope-sender-" + self.rank());
        receiving.add(server, SelectionKey.OP_ACCEPT, new Door(server));
    }

    /**
     * Starts to listen at a free port.
     *
     * @param host name or address of this machine, as the other workers know it
     * @param key of the generation
     */
    public static NioTransport listen(String host, Sender self, GenerationKey key) {
        try {
            ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(host, 0), BACKLOG);
            server.configureBlocking(false);
            return new NioTransport(self, key, new Member(host, server.socket().getLocalPort()), server);
        } catch (IOException e) {
            throw new UncheckedIOException("rank " + self.rank() + " cannot listen on " + host, e);
        }
    }

    @Override
    public Member member() {
        return member;
    }

    @Override
    public CompletableFuture<Void> push(int to, Tag tag, FlatBuffer payload) {
        CancellationException end = closed;
        if (end != null) {
            return CompletableFuture.failedFuture(end);
        }
        try {
            // one for the life of a generation: what broke stays broken
            Outgoing connection = connections.computeIfAbsent(to, this::connect);
            end = closed;
            if (end != null) {
                connection.broke(end);
            }
            return connection.push(Header.of(tag, payload), payload);
        } catch (CancellationException interrupted) {
            return CompletableFuture.failedFuture(interrupted);
        } catch (UncheckedIOException unreachable) {
            return CompletableFuture.failedFuture(unreachable.getCause());
        }
    }

    private Outgoing connect(int to) {
        long start = System.nanoTime();
        Optional<Outgoing> connection = tryToConnect(to, false);
        while (connection.isEmpty()) {
            LockSupport.parkNanos(PUSHED_OUT.toNanos());
            connection = tryToConnect(to, System.nanoTime() - start > CONNECT_TIMEOUT.toNanos());
        }
        return connection.get();
    }

    /**
     * Connects, unless the connection was closed before anyone had spoken.
     *
     * @param last whether that is an error, too
     */
    private Optional<Outgoing> tryToConnect(int to, boolean last) {
        Member there = member(to);
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            connecting.add(channel);
            refuseWhenClosed();
            options(channel);
            int timeout = Math.toIntExact(CONNECT_TIMEOUT.toMillis());
            channel.socket().connect(new InetSocketAddress(there.host(), there.port()), timeout);
            if (!introduce(channel, to, timeout)) {
                if (last) {
                    throw new IOException("closed the connection before anyone had spoken");
                }
                connecting.remove(channel);
                close(channel);
                return Optional.empty();
            }
            Outgoing connection = new Outgoing(
                    // what the other side has said before is heard first: it may be why
                    channel, sending, cause -> receiving.execute(() -> lost(to, cause)));
            connecting.remove(channel);
            refuseWhenClosed();
            return Optional.of(connection);
        } catch (ClosedByInterruptException interrupted) {
            throw new CancellationException("interrupted while connecting to rank " + to);
        } catch (IOException e) {
            close(channel);
            refuseWhenClosed();
            throw new UncheckedIOException(new IOException("rank " + to + " (" + there + "): " + e.getMessage(), e));
        }
    }

    /** Returns whether both sides have proved who they are; not so where the other one closes without a word. */
    private boolean introduce(SocketChannel channel, int to, int timeout) throws IOException {
        channel.socket().setSoTimeout(timeout);
        InputStream in = channel.socket().getInputStream();
        try {
            byte[] nonce = in.readNBytes(Handshake.NONCE_BYTES);
            if (nonce.length < Handshake.NONCE_BYTES) {
                return false;
            }
            Handshake.Hello hello = handshake.hello(to, nonce);
            channel.write(hello.bytes());
            byte[] answer = in.readNBytes(Handshake.PROOF_BYTES);
            if (answer.length == 0) {
                return false;
            }
            hello.requireProof(answer);
            return true;
        } catch (RefusedException | ClosedByInterruptException | SocketTimeoutException end) {
            throw end;
        } catch (IOException reset) {
            return false;
        }
    }

    private void refuseWhenClosed() {
        CancellationException end = closed;
        if (end != null) {
            throw end;
        }
    }

    private static void options(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        // detects machines that vanish between steps
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    }

    /**
     * One direction that breaks is a worker lost. What this worker has pushed is left to its own connection: a worker
     * that ends well confirms first, and the two directions have no common order.
     */
    private void lost(int rank, Throwable cause) {
        inbox.lost(rank, new IOException("the connection with rank " + rank + " broke: " + cause.getMessage(), cause));
    }

    @Override
    public void close(String reason) {
        inbox.close(reason);
        synchronized (this) {
            if (closed == null) {
                CancellationException end = new CancellationException(reason);
                closed = end;
                connecting.forEach(NioTransport::close);
                connections.values().forEach(connection -> connection.broke(end));
                receiving.end();
                sending.end();
            }
        }
    }

    private static void close(@Nullable Channel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException unheard) {
            // it is of no use any more, closed or not
        }
    }

    /** Lets the other workers in, each once. All calls come from the receiving thread. */
    private final class Door implements Loop.Handler, Incoming.Host {
        private final ServerSocketChannel server;
        private final Strangers<Incoming> strangers = new Strangers<>(ranks());
        private final Set<Integer> seen = new HashSet<>();
        private @Nullable SelectionKey key;
        private boolean paused;

        Door(ServerSocketChannel server) {
            this.server = server;
        }

        @Override
        public void ready(SelectionKey ready) throws IOException {
            key = ready;
            SocketChannel channel = server.accept();
            if (channel != null) {
                letIn(channel);
            }
        }

        @Override
        public void tick() {
            if (paused) {
                paused = false;
                requireNonNull(key).interestOps(SelectionKey.OP_ACCEPT);
            }
        }

        private void letIn(SocketChannel channel) {
            try {
                SocketAddress from = channel.getRemoteAddress();
                options(channel);
                channel.configureBlocking(false);
                Incoming stranger = new Incoming(channel, this, handshake.nonce());
                receiving.add(channel, SelectionKey.OP_READ, stranger);
                strangers.add(stranger, from).ifPresent(oldest -> oldest.dismiss("too many do not say who they are"));
                stranger.begin();
            } catch (IOException gone) {
                NioTransport.close(channel);
            }
        }

        @Override
        public Handshake.Accepted admit(Incoming stranger, byte[] nonce, ByteBuffer hello) throws RefusedException {
            Handshake.Accepted accepted = handshake.accept(nonce, hello);
            if (!seen.add(accepted.rank())) {
                throw new RefusedException("rank " + accepted.rank() + " has had its connection");
            }
            strangers.remove(stranger);
            if (seen.size() == ranks() - 1) {
                // all are in
                NioTransport.close(server);
            }
            return accepted;
        }

        @Override
        public void refused(Incoming stranger, Object from, String why) {
            strangers.remove(stranger);
            strangers.refused(from, why);
        }

        @Override
        public Inbox.Arrival arrive(int from, Header header) {
            return inbox.arrive(from, header);
        }

        @Override
        public void lost(int from, Throwable cause) {
            NioTransport.this.lost(from, cause);
        }

        @Override
        public void broke(Throwable cause) {
            if (server.isOpen()) {
                // no descriptors, or no memory: that passes, and the worker that knocks waits
                paused = true;
                requireNonNull(key).interestOps(0);
                strangers.refused(member, "it cannot be accepted now: " + cause);
            }
        }
    }
}
