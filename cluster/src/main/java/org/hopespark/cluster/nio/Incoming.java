package org.hopespark.cluster.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.hopespark.cluster.DamagedMessageException;
import org.hopespark.cluster.Handshake;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Inbox;
import org.hopespark.cluster.RefusedException;
import org.hopespark.cluster.Strangers;
import org.jspecify.annotations.Nullable;

/**
 * A connection over which another worker pushes to this one. It must prove who it is before any of its bytes count; for
 * every message that has been taken, one byte goes back.
 */
final class Incoming implements Loop.Handler {
    /** What goes back for a message that has been taken. */
    static final byte TAKEN = 1;
    /** What goes back for one that cannot be; the last byte. */
    static final byte DAMAGED = 2;
    /** Far more than a socket leaves unsent when the other side reads. */
    private static final int CONFIRMATIONS = 64;

    private static final int NOBODY = -1;

    private final SocketChannel channel;
    private final Host host;
    private final byte[] nonce;
    private final long opened = System.nanoTime();
    private final ByteBuffer confirmations = ByteBuffer.allocate(CONFIRMATIONS).limit(0);
    private ByteBuffer head = ByteBuffer.allocate(Handshake.HELLO_BYTES);
    private int sender = NOBODY;
    private Inbox.@Nullable Arrival arrival;
    private long remaining;

    /** Who takes the messages. */
    interface Host {

        /** Lets a worker in that proves who it is. */
        Handshake.Accepted admit(Incoming stranger, byte[] nonce, ByteBuffer hello) throws RefusedException;

        /** One that was not let in has been closed. */
        void refused(Incoming stranger, Object from, String why);

        /** Announces a message. */
        Inbox.Arrival arrive(int from, Header header);

        /** A worker that was let in will send nothing more. */
        void lost(int from, Throwable cause);
    }

    /**
     * A connection with a stranger.
     *
     * @param nonce what this side begins with
     */
    Incoming(SocketChannel channel, Host host, byte[] nonce) {
        this.channel = channel;
        this.host = host;
        this.nonce = nonce;
    }

    /** Says the first word. */
    void begin() throws IOException {
        // a new connection has room for it
        channel.write(ByteBuffer.wrap(nonce));
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
        if (sender == NOBODY) {
            introduce();
        } else {
            Header header = Header.decode(head);
            head.clear();
            arrival = host.arrive(sender, header);
            remaining = header.bytes();
        }
        return true;
    }

    private void introduce() throws IOException {
        try {
            Handshake.Accepted accepted = host.admit(this, nonce, head);
            sender = accepted.rank();
            head = ByteBuffer.allocateDirect(Header.BYTES);
            // little has gone this way yet: there is room
            channel.write(accepted.proof());
        } catch (RefusedException refused) {
            refuse(String.valueOf(refused.getMessage()));
        }
    }

    private void refuse(String why) throws IOException {
        channel.write(Handshake.refusal());
        dismiss(why);
    }

    /** Closes the connection of a stranger without a word: a worker comes again. The reason stays here. */
    void dismiss(String why) {
        Object from = channel.socket().getRemoteSocketAddress();
        try {
            channel.close();
        } catch (IOException unheard) {
            // it is of no use any more, closed or not
        }
        host.refused(this, from, why);
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
    public void tick() {
        if (sender == NOBODY && System.nanoTime() - opened > Strangers.PATIENCE.toNanos()) {
            dismiss("it does not say who it is");
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
        if (sender == NOBODY) {
            host.refused(this, channel, cause.toString());
        } else {
            host.lost(sender, cause);
        }
    }
}
