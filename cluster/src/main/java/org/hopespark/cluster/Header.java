package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What precedes the bytes of a message.
 *
 * @param tag what the message is part of
 * @param bytes of the payload, at least one
 */
public record Header(Tag tag, long bytes) {
    /** Encoded length. */
    public static final int BYTES = 2 * Integer.BYTES + 4 * Long.BYTES;

    private static final List<Phase> PHASES = List.of(Phase.values());

    public Header {
        if (bytes < 1) {
            throw new IllegalArgumentException("a message has at least one byte, not " + bytes + " (" + tag + ")");
        }
    }

    /** Writes {@link #BYTES} bytes. */
    public void encode(ByteBuffer out) {
        out.putLong(tag.operation())
                .putLong(tag.step())
                .putInt(tag.level())
                .putInt(PHASES.indexOf(tag.phase()))
                .putLong(tag.offset())
                .putLong(bytes);
    }

    /** Reads {@link #BYTES} bytes. */
    public static Header decode(ByteBuffer in) {
        long operation = in.getLong();
        long step = in.getLong();
        int level = in.getInt();
        int phase = in.getInt();
        if (phase < 0 || phase >= PHASES.size()) {
            throw new IllegalArgumentException("not a message of a worker: phase " + phase);
        }
        return new Header(new Tag(operation, step, level, PHASES.get(phase), in.getLong()), in.getLong());
    }
}
