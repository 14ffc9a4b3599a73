package org.hopespark.cluster.nio;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.hopespark.cluster.DamagedMessageException;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.Sender;
import org.jspecify.annotations.Nullable;

/**
 * A connection over which another worker pushes to this one. It must say who it is before any of its bytes count; for
 * every message that has been taken, one byte goes back.
 */
final class Incoming implements Loop.Handler {
    /** What the other side hears when it may send; everything else is the reason why it may not. */
    static final String WELCOME = "welcome";
    /** What goes back for a message that has been taken. */
    static final byte TAKEN = 1;
    /** What goes back for one that cannot be; the last byte. */
    static final byte DAMAGED = 2;
    /** A worker says who it is at once. */
    private static final Duration INTRODUCTION_TIMEOUT = Duration.ofSeconds(10);
    /** Far more than a socket leaves unsent when the other side reads. */
    private static final int CONFIRMATIONS = 64;

    private final SocketChannel channel;
    private final Host host;
    private final long opened = System.nanoTime();
    private final ByteBuffer confirmations =
            ByteBuffer.allocateDirect(CONFIRMATIONS).limit(0);
    private ByteBuffer head = ByteBuffer.allocateDirect(Sender.BYTES);
    private @Nullable Sender sender;
    private Inbox.@Nullable Arrival arrival;
    private long remaining;

    /** Who takes the messages. */
    interface Host {

        /** Lets a worker in, or says why not. */
        Optional<String> admit(Sender sender);

        /** Announces a message. */
        Inbox.Arrival arrive(Sender sender, Header header);

        /** A worker that was let in will send nothing more. */
        void lost(Sender sender, Throwable cause);
    }

    Incoming(SocketChannel channel, Host host) {
        this.channel = channel;
        this.host = host;
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (key.isWritable()) {
            confirm(key);
        }
        try {
            for (boolean more = true; more && channel.isOpen() && key.isReadable(); ) {
                more = arrival == null ? readHead() : readPayload(key, arrival);
            }
        } catch (DamagedMessageException damaged) {
            // so that the sender, too, can name the cause; where there is no room for it, it sees the end only
            channel.write(ByteBuffer.wrap(new byte[] {DAMAGED}));
            throw damaged;
        }
    }

    /** Returns whether there may be more to read now. */
    private boolean readHead() throws IOException {
        if (channel.read(head) < 0) {
            throw new IOException("the connection was closed");
        }
        if (head.hasRemaining()) {
            return false;
        }
        head.flip();
        if (sender == null) {
            introduce(Sender.decode(head));
            head = ByteBuffer.allocateDirect(Header.BYTES);
        } else {
            Header header = Header.decode(head);
            head.clear();
            arrival = host.arrive(sender, header);
            remaining = header.bytes();
        }
        return true;
    }

    private void introduce(Sender stranger) throws IOException {
        Optional<String> refusal = host.admit(stranger);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        new DataOutputStream(answer).writeUTF(refusal.orElse(WELCOME));
        // a new connection has room for it
        channel.write(ByteBuffer.wrap(answer.toByteArray()));
        if (refusal.isPresent()) {
            channel.close();
        } else {
            sender = stranger;
        }
    }

    private boolean readPayload(SelectionKey key, Inbox.Arrival message) throws IOException {
        long count = message.read(channel, remaining);
        if (count < 0) {
            throw new IOException("the connection was closed within a message");
        }
        remaining -= count;
        if (remaining == 0) {
            arrival = null;
            message.complete();
            confirmations.compact().put(TAKEN).flip();
            confirm(key);
            // the other connections' turn
            return false;
        }
        return count > 0;
    }

    private void confirm(SelectionKey key) throws IOException {
        channel.write(confirmations);
        int wanted = confirmations.hasRemaining() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    @Override
    public void tick() throws IOException {
        if (sender == null && System.nanoTime() - opened > INTRODUCTION_TIMEOUT.toNanos()) {
            channel.close();
        }
    }

    @Override
    public void broke(Throwable cause) {
        try {
            channel.close();
        } catch (IOException unheard) {
            cause.addSuppressed(unheard);
        }
        if (arrival != null) {
            arrival.fail(cause);
        }
        if (sender != null) {
            host.lost(sender, cause);
        }
    }
}
