package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * Who sends: what a worker says of itself; {@link Handshake} is what makes it believed.
 *
 * @param generation of the sender
 * @param ranks N, as the sender knows it
 * @param rank of the sender
 */
public record Sender(Generation generation, int ranks, int rank) {
    /** Encoded length. */
    public static final int BYTES = 3 * Integer.BYTES + 3 * Long.BYTES;

    /** "HOP" and the version of this layout and of the messages that follow it. */
    private static final int MAGIC = 0x484F5033;

    /** Writes {@link #BYTES} bytes. */
    public void encode(ByteBuffer out) {
        out.putInt(MAGIC)
                .putLong(generation.token().getMostSignificantBits())
                .putLong(generation.token().getLeastSignificantBits())
                .putLong(generation.number())
                .putInt(ranks)
                .putInt(rank);
    }

    /**
     * Reads {@link #BYTES} bytes.
     *
     * @throws IllegalArgumentException when no worker of this version has written them
     */
    public static Sender decode(ByteBuffer in) {
        int magic = in.getInt();
        if (magic != MAGIC) {
            throw new IllegalArgumentException(
                    "no worker of this version speaks: it begins with " + Integer.toHexString(magic));
        }
        Generation generation = new Generation(new UUID(in.getLong(), in.getLong()), in.getLong());
        return new Sender(generation, in.getInt(), in.getInt());
    }

    /** Why this worker takes nothing from another one, if it does not. */
    public Optional<String> objectionTo(Sender other) {
        if (!other.generation.equals(generation)) {
            return Optional.of("rank " + other.rank + " sends for " + other.generation + ", but here is " + generation);
        }
        if (other.ranks != ranks) {
            return Optional.of("rank " + other.rank + " is one of " + other.ranks + " workers, but here are " + ranks);
        }
        if (other.rank < 0 || other.rank >= ranks || other.rank == rank) {
            return Optional.of("rank " + other.rank + " sends to rank " + rank + " of " + ranks + " workers");
        }
        return Optional.empty();
    }
}
