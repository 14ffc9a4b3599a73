package org.hopespark.cluster.nio;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
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
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.Tag;
import org.hopespark.model.FlatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The data plane on plain TCP sockets: no secret, no encryption, no more copies than the sockets make.
 *
 * <p>Every worker pushes over one connection of its own to each other worker, which begins with a {@link Sender} and
 * goes on only if that is welcome. One thread serves the connections that come in, another one those that go out.
 */
public final class NioTransport extends NetworkTransport {
    /** A worker that does not answer for so long is not there: it listened before it told its address. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final Member member;
    private final Loop receiving;
    private final Loop sending;
    private final Map<Integer, Outgoing> connections = new ConcurrentHashMap<>();
    private final Set<SocketChannel> connecting = ConcurrentHashMap.newKeySet();
    private volatile @Nullable CancellationException closed;

    private NioTransport(Sender self, Member member, ServerSocketChannel server) throws IOException {
        super(self);
        this.member = member;
        this.receiving = new Loop("hope-receiver-" + self.rank());
        this.sending = new Loop("hope-sender-" + self.rank());
        receiving.add(server, SelectionKey.OP_ACCEPT, new Door(server));
    }

    /**
     * Starts to listen at a free port.
     *
     * @param host name or address of this machine, as the other workers know it
     */
    public static NioTransport listen(String host, Sender self) {
        try {
            ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(host, 0));
            server.configureBlocking(false);
            return new NioTransport(self, new Member(host, server.socket().getLocalPort()), server);
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
        Member there = member(to);
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open();
            connecting.add(channel);
            refuseWhenClosed();
            options(channel);
            int timeout = Math.toIntExact(CONNECT_TIMEOUT.toMillis());
            channel.socket().connect(new InetSocketAddress(there.host(), there.port()), timeout);
            introduce(channel, timeout);
            Outgoing connection = new Outgoing(channel, sending, cause -> lost(to, cause));
            connecting.remove(channel);
            refuseWhenClosed();
            return connection;
        } catch (ClosedByInterruptException interrupted) {
            throw new CancellationException("interrupted while connecting to rank " + to);
        } catch (IOException e) {
            close(channel);
            refuseWhenClosed();
            throw new UncheckedIOException(new IOException("rank " + to + " (" + there + "): " + e.getMessage(), e));
        }
    }

    private void introduce(SocketChannel channel, int timeout) throws IOException {
        ByteBuffer hello = ByteBuffer.allocate(Sender.BYTES);
        self.encode(hello);
        channel.write(hello.flip());
        channel.socket().setSoTimeout(timeout);
        String answer = new DataInputStream(channel.socket().getInputStream()).readUTF();
        if (!answer.equals(Incoming.WELCOME)) {
            throw new IOException("refused: " + answer);
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
        // tells of machines that vanish between steps
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

    private static void close(@Nullable SocketChannel channel) {
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
        private final Set<Integer> seen = new HashSet<>();

        Door(ServerSocketChannel server) {
            this.server = server;
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            SocketChannel channel = server.accept();
            if (channel != null) {
                letIn(channel);
            }
        }

        private void letIn(SocketChannel channel) {
            try {
                options(channel);
                channel.configureBlocking(false);
                receiving.add(channel, SelectionKey.OP_READ, new Incoming(channel, this));
            } catch (IOException gone) {
                NioTransport.close(channel);
            }
        }

        @Override
        public Optional<String> admit(Sender sender) {
            return self.objectionTo(sender)
                    .or(() -> seen.add(sender.rank())
                            ? Optional.empty()
                            : Optional.of("rank " + sender.rank() + " has had its connection"));
        }

        @Override
        public Inbox.Arrival arrive(Sender sender, Header header) {
            return inbox.arrive(sender.rank(), header);
        }

        @Override
        public void lost(Sender sender, Throwable cause) {
            NioTransport.this.lost(sender.rank(), cause);
        }

        @Override
        public void broke(Throwable cause) {
            close("no more connections can be accepted: " + cause);
        }
    }
}
