package org.hopespark.cluster.spark;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Tag;

/**
 * What precedes the bytes of a message.
 *
 * @param generation of the sender
 * @param from rank of the sender
 * @param tag what the message is part of
 * @param bytes of the payload
 */
record Header(Generation generation, int from, Tag tag, long bytes) {
    private static final int LENGTH = 4 * Integer.BYTES + 7 * Long.BYTES;
    /** "HOPE" and the version of this layout. */
    private static final int MAGIC = 0x484F5031;

    private static final List<Phase> PHASES = List.of(Phase.values());

    ByteBuffer encode() {
        return ByteBuffer.allocate(LENGTH)
                .putInt(MAGIC)
                .putLong(generation.token().getMostSignificantBits())
                .putLong(generation.token().getLeastSignificantBits())
                .putLong(generation.number())
                .putInt(from)
                .putLong(tag.operation())
                .putLong(tag.step())
                .putInt(tag.level())
                .putInt(PHASES.indexOf(tag.phase()))
                .putLong(tag.offset())
                .putLong(bytes)
                .flip();
    }

    static Header decode(ByteBuffer in) {
        if (in.remaining() != LENGTH || in.getInt() != MAGIC) {
            throw new IllegalArgumentException("not a message of a worker: " + in.remaining() + " bytes of header");
        }
        Generation generation = new Generation(new UUID(in.getLong(), in.getLong()), in.getLong());
        int from = in.getInt();
        Tag tag = new Tag(in.getLong(), in.getLong(), in.getInt(), PHASES.get(in.getInt()), in.getLong());
        return new Header(generation, from, tag, in.getLong());
    }
}
