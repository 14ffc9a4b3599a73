package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.hopespark.model.FlatBuffer;

/**
 * What precedes the bytes of a message. It is checked on its own, before its length is believed.
 *
 * @param tag what the message is part of
 * @param bytes of the payload, at least one
 * @param checksum CRC32C of the payload
 */
public record Header(Tag tag, long bytes, int checksum) {
    private static final int CHECKED_BYTES = 3 * Integer.BYTES + 4 * Long.BYTES;
    /** Encoded length. */
    public static final int BYTES = CHECKED_BYTES + Integer.BYTES;

    private static final List<Phase> PHASES = List.of(Phase.values());

    public Header {
        if (bytes < 1) {
            throw new IllegalArgumentException("a message has at least one byte, not " + bytes + " (" + tag + ")");
        }
    }

    /** The header of a payload as it is now. */
    public static Header of(Tag tag, FlatBuffer payload) {
        return new Header(tag, payload.bytes(), payload.checksum());
    }

    /** Writes {@link #BYTES} bytes. */
    public void encode(ByteBuffer out) {
        int start = out.position();
        out.putLong(tag.operation())
                .putLong(tag.step())
                .putInt(tag.level())
                .putInt(PHASES.indexOf(tag.phase()))
                .putLong(tag.offset())
                .putLong(bytes)
                .putInt(checksum);
        out.putInt(checksumAt(out, start));
    }

    /**
     * Reads {@link #BYTES} bytes.
     *
     * @throws DamagedMessageException when they are not as a worker has written them
     */
    public static Header decode(ByteBuffer in) throws DamagedMessageException {
        int found = checksumAt(in, in.position());
        int written = in.getInt(in.position() + CHECKED_BYTES);
        if (found != written) {
            throw new DamagedMessageException("the header of a message arrived damaged: its checksum is "
                    + Integer.toHexString(found) + ", sent was " + Integer.toHexString(written));
        }
        Header header = decodeChecked(in);
        in.position(in.position() + Integer.BYTES);
        return header;
    }

    private static int checksumAt(ByteBuffer bytes, int start) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(start, CHECKED_BYTES));
        return (int) crc.getValue();
    }

    private static Header decodeChecked(ByteBuffer in) {
        long operation = in.getLong();
        long step = in.getLong();
        int level = in.getInt();
        int phase = in.getInt();
        if (phase < 0 || phase >= PHASES.size()) {
            throw new IllegalArgumentException("not a message of a worker: phase " + phase);
        }
        return new Header(new Tag(operation, step, level, PHASES.get(phase), in.getLong()), in.getLong(), in.getInt());
    }
}
