package org.hopespark.cluster.nio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.hopespark.cluster.DamagedMessageException;
import org.hopespark.cluster.Header;
import org.hopespark.model.FlatBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The connection over which this worker pushes to another one: messages go out, one byte comes back for each that the
 * other side holds.
 *
 * <p>Whoever pushes writes as much as the socket takes; the loop writes the rest.
 */
final class Outgoing implements Loop.Handler {
    private final SocketChannel channel;
    private final Loop loop;
    private final Consumer<Throwable> lost;
    private final SelectionKey key;
    private final ByteBuffer confirmations = ByteBuffer.allocateDirect(64);
    private final Deque<Parcel> unsent = new ArrayDeque<>();
    private final Deque<CompletableFuture<Void>> unconfirmed = new ArrayDeque<>();
    private @Nullable Throwable broken;

    /** A message on its way out. */
    private static final class Parcel {
        private final ByteBuffer[] parts;

        Parcel(Header header, FlatBuffer payload) {
            List<ByteBuffer> slices = payload.slices();
            parts = new ByteBuffer[1 + slices.size()];
            parts[0] = ByteBuffer.allocate(Header.BYTES);
            header.encode(parts[0]);
            parts[0].flip();
            for (int i = 0; i < slices.size(); i++) {
                parts[i + 1] = slices.get(i).duplicate();
            }
        }

        boolean isSent() {
            return !parts[parts.length - 1].hasRemaining();
        }
    }

    /**
     * Takes over a connection on which both sides have said who they are.
     *
     * @param lost hears once why the connection is of no use any more
     */
    Outgoing(SocketChannel channel, Loop loop, Consumer<Throwable> lost) throws IOException {
        this.channel = channel;
        this.loop = loop;
        this.lost = lost;
        channel.configureBlocking(false);
        this.key = loop.add(channel, SelectionKey.OP_READ, this);
    }

    /** See {@link org.hopespark.cluster.Transport#push}. */
    CompletableFuture<Void> push(Header header, FlatBuffer payload) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            synchronized (this) {
                if (broken != null) {
                    return CompletableFuture.failedFuture(broken);
                }
                unconfirmed.add(done);
                unsent.add(new Parcel(header, payload));
                if (unsent.size() == 1) {
                    send();
                    if (!unsent.isEmpty()) {
                        loop.want(key, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    }
                }
            }
        } catch (IOException cause) {
            broke(cause);
        }
        return done;
    }

    @Override
    public void ready(SelectionKey ready) throws IOException {
        synchronized (this) {
            if (broken == null && ready.isWritable()) {
                send();
                if (unsent.isEmpty()) {
                    loop.want(ready, SelectionKey.OP_READ);
                }
            }
        }
        if (ready.isReadable()) {
            confirm();
        }
    }

    private void send() throws IOException {
        while (!unsent.isEmpty()) {
            Parcel parcel = unsent.element();
            channel.write(parcel.parts);
            if (!parcel.isSent()) {
                return;
            }
            unsent.remove();
        }
    }

    private void confirm() throws IOException {
        int count = channel.read(confirmations.clear());
        if (count < 0) {
            throw new IOException("the connection was closed");
        }
        for (int i = 0; i < count; i++) {
            if (confirmations.get(i) != Incoming.TAKEN) {
                throw new DamagedMessageException(
                        confirmations.get(i) == Incoming.DAMAGED
                                ? "a message arrived damaged there"
                                : "a confirmation arrived damaged: it is " + confirmations.get(i));
            }
        }
        List<CompletableFuture<Void>> confirmed = new ArrayList<>();
        synchronized (this) {
            if (broken == null && count > unconfirmed.size() - unsent.size()) {
                throw new IOException(count + " messages confirmed, of " + (unconfirmed.size() - unsent.size()));
            }
            for (int i = 0; i < count && broken == null; i++) {
                confirmed.add(unconfirmed.remove());
            }
        }
        confirmed.forEach(done -> done.complete(null));
    }

    /** Ends the connection; once this returns, no payload is read any more. */
    @Override
    public void broke(Throwable cause) {
        List<CompletableFuture<Void>> failed;
        synchronized (this) {
            if (broken != null) {
                return;
            }
            broken = cause;
            failed = List.copyOf(unconfirmed);
            unconfirmed.clear();
            unsent.clear();
            close();
        }
        failed.forEach(done -> done.completeExceptionally(cause));
        lost.accept(cause);
    }

    private void close() {
        try {
            channel.close();
        } catch (IOException unheard) {
            // it is of no use any more, closed or not
        }
    }
}
