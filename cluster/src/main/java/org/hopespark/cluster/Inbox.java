package org.hopespark.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ScatteringByteChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.ReplicaMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * Where messages and the local calls that ask for them meet, whichever comes first. For those who write a
 * {@link Transport}.
 *
 * <p>A message that was asked for is written into its target as its bytes arrive; one that comes early is held. The
 * call that asked for it ends well only if the bytes have the checksum that was sent with them.
 */
public final class Inbox {
    /** A worker can run ahead by the chunks in flight and an opening; whatever is beyond is not our protocol. */
    private static final long HELD_BYTES_PER_RANK = (Collective.CHUNKS_IN_FLIGHT + 2L) * Collective.CHUNK_BYTES;

    /** Of a message that nobody wants any more. */
    private static final int DROPPED_AT_ONCE_BYTES = 1 << 16;

    private final int rank;
    private final Map<Key, Slot> open = new HashMap<>();
    private final Set<Slot> unfinished = new HashSet<>();
    private final long[] heldBytes;
    private final @Nullable Tag[] last;
    private final Map<Integer, Throwable> lost = new HashMap<>();
    private @Nullable CancellationException closed;

    public Inbox(int rank, int ranks) {
        this.rank = rank;
        this.heldBytes = new long[ranks];
        this.last = new @Nullable Tag[ranks];
    }

    /** Which local call a message belongs to; step and level follow from it, or the workers have gone apart. */
    private record Key(int from, long operation, Phase phase, long offset) {
        Key(int from, Tag tag) {
            this(from, tag.operation(), tag.phase(), tag.offset());
        }
    }

    /** See {@link Transport#receive}. */
    public CompletableFuture<Void> receive(int from, Tag tag, FlatBuffer target) {
        Key key = new Key(from, tag);
        Slot slot;
        synchronized (this) {
            if (closed != null) {
                return CompletableFuture.failedFuture(closed);
            }
            slot = open.remove(key);
            if (slot == null) {
                Throwable cause = lost.get(from);
                return cause == null
                        ? add(key, new Slot(from, tag, target, false)).done
                        : CompletableFuture.failedFuture(cause);
            }
            heldBytes[from] -= slot.bytes;
        }
        slot.handOver(tag, target);
        return slot.done;
    }

    /**
     * Announces a message.
     *
     * @return takes the bytes
     * @throws IllegalStateException when nobody asked for it and there is no room to hold it
     */
    public Arrival arrive(int from, Header header) {
        Tag tag = header.tag();
        long bytes = header.bytes();
        Key key = new Key(from, tag);
        Slot slot;
        synchronized (this) {
            last[from] = tag;
            if (closed != null) {
                throw new IllegalStateException("rank " + rank + " is closed: " + closed.getMessage());
            }
            slot = open.remove(key);
            if (slot == null) {
                // a difference: a sum with a length out of nowhere may be negative
                if (bytes > HELD_BYTES_PER_RANK - heldBytes[from]) {
                    throw new IllegalStateException("rank " + rank + " holds " + heldBytes[from] + " bytes of rank "
                            + from + " that it did not ask for and refuses " + bytes + " more (" + tag + ")");
                }
                heldBytes[from] += bytes;
                ByteBuffer held = ByteBuffer.allocate(Math.toIntExact(bytes));
                slot = add(key, new Slot(from, tag, new FlatBuffer(ElementType.INT8, List.of(held)), true));
            }
        }
        slot.announce(header);
        return slot;
    }

    /** Ends all waits for a worker that will send nothing more; what it has sent stays. */
    public void lost(int from, Throwable cause) {
        List<Slot> waits;
        synchronized (this) {
            lost.putIfAbsent(from, cause);
            waits = open.values().stream()
                    .filter(slot -> slot.from == from && !slot.held)
                    .toList();
            open.values().removeAll(waits);
        }
        waits.forEach(slot -> slot.fail(cause));
    }

    /** See {@link Transport#lastHeard}. */
    public synchronized Optional<Tag> lastHeard(int from) {
        return Optional.ofNullable(last[from]);
    }

    /** See {@link Transport#close(String)}. */
    public void close(String reason) {
        List<Slot> slots;
        CancellationException end = new CancellationException(reason);
        synchronized (this) {
            if (closed != null) {
                return;
            }
            closed = end;
            slots = List.copyOf(unfinished);
            open.clear();
        }
        slots.forEach(slot -> slot.fail(end));
    }

    private Slot add(Key key, Slot slot) {
        open.put(key, slot);
        unfinished.add(slot);
        return slot;
    }

    private synchronized void forget(Slot slot) {
        unfinished.remove(slot);
    }

    /** The bytes of one message on their way in. */
    public interface Arrival {

        /** The next bytes; consumed whether or not anyone still wants them. */
        void write(ByteBuffer bytes);

        /**
         * The next bytes that a channel has; taken whether or not anyone still wants them.
         *
         * @param remaining bytes of the message that are still to come
         * @return what the channel's read returned
         */
        long read(ScatteringByteChannel channel, long remaining) throws IOException;

        /**
         * All bytes have been written.
         *
         * @throws DamagedMessageException when they are not those that were sent; nobody gets them
         */
        void complete() throws DamagedMessageException;

        /** The rest will not come. */
        void fail(Throwable cause);
    }

    /**
     * One message and the call that asks for it; one of the two may still be missing.
     *
     * <p>Its lock may be held when the inbox's is taken, never the other way round.
     */
    private final class Slot implements Arrival {
        private final int from;
        private final Tag tag;
        private final long bytes;
        private final boolean held;
        private final CRC32C checksum = new CRC32C();
        private int sentChecksum;
        private ByteBuffer[] destination;
        /** The same bytes, from where the checksum has got to. */
        private ByteBuffer[] unchecked;

        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private boolean arrived;
        private boolean askedFor;

        Slot(int from, Tag tag, FlatBuffer destination, boolean held) {
            this.from = from;
            this.tag = tag;
            this.bytes = destination.bytes();
            this.askedFor = !held;
            this.held = held;
            this.destination = parts(destination);
            this.unchecked = parts(destination);
        }

        @Override
        public synchronized void write(ByteBuffer source) {
            put(source);
            check();
        }

        private void put(ByteBuffer source) {
            for (ByteBuffer slice : destination) {
                if (!done.isDone()) {
                    int count = Math.min(slice.remaining(), source.remaining());
                    slice.put(source.slice().limit(count));
                    source.position(source.position() + count);
                }
            }
            source.position(source.limit());
        }

        @Override
        public synchronized long read(ScatteringByteChannel channel, long remaining) throws IOException {
            if (done.isDone()) {
                return channel.read(ByteBuffer.allocate((int) Math.min(remaining, DROPPED_AT_ONCE_BYTES)));
            }
            long count = destination.length == 1 ? channel.read(destination[0]) : channel.read(destination);
            check();
            return count;
        }

        /** Here, where the bytes have just come and are in the core's cache. */
        private void check() {
            for (int i = 0; i < destination.length; i++) {
                checksum.update(unchecked[i].limit(destination[i].position()));
            }
        }

        @Override
        public synchronized void complete() throws DamagedMessageException {
            if (!done.isDone() && Arrays.stream(destination).anyMatch(ByteBuffer::hasRemaining)) {
                fail(new IllegalStateException("the message of rank " + from + " ended early (" + tag + ")"));
            }
            if (!done.isDone() && (int) checksum.getValue() != sentChecksum) {
                DamagedMessageException damaged = new DamagedMessageException("a message of rank " + from
                        + " arrived damaged (" + tag + "): the checksum of its " + bytes + " bytes is "
                        + Integer.toHexString((int) checksum.getValue()) + ", sent was "
                        + Integer.toHexString(sentChecksum));
                fail(damaged);
                throw damaged;
            }
            arrived = true;
            finish();
        }

        @Override
        public synchronized void fail(Throwable cause) {
            done.completeExceptionally(cause);
            forget(this);
        }

        /** The local call has come; the message came first, and what is still to come of it goes to the target. */
        synchronized void handOver(Tag wanted, FlatBuffer target) {
            askedFor = true;
            compare(wanted, target.bytes(), tag, bytes);
            if (!done.isDone()) {
                ByteBuffer soFar = destination[0].flip();
                destination = parts(target);
                put(soFar);
                unchecked =
                        Arrays.stream(destination).map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
            }
            if (arrived) {
                finish();
            }
        }

        /** The message begins to arrive. */
        synchronized void announce(Header header) {
            sentChecksum = header.checksum();
            compare(tag, bytes, header.tag(), header.bytes());
        }

        /** A call that meets the message of another one fails; the message is read and dropped. */
        private void compare(Tag wanted, long wantedBytes, Tag sent, long sentBytes) {
            if (!wanted.equals(sent) || wantedBytes != sentBytes) {
                fail(new ReplicaMismatchException("rank " + from + " sends " + sentBytes + " bytes for " + sent
                        + ", but rank " + rank + " is at " + wanted + " and expects " + wantedBytes + " bytes"));
            }
        }

        private void finish() {
            if (askedFor) {
                done.complete(null);
                forget(this);
            }
        }

        private static ByteBuffer[] parts(FlatBuffer vector) {
            return vector.slices().stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
        }
    }
}
