package org.hopespark.data.shard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.hopespark.data.source.Document;

/**
 * A document on its way from the task that read it to the lane it belongs to.
 *
 * @param lane where it goes
 * @param key what orders it there
 * @param order what orders it among all: lane, key, id, source, hash of the text, as bytes compared unsigned
 * @param utf8Bytes length of its text
 * @param ids its text, without document marks
 */
@SuppressWarnings("ArrayRecordComponent") // carried from maker to user, never compared
public record TokenizedDocument(int lane, long key, byte[] order, long utf8Bytes, int[] ids) implements PartRow {

    /** A document in the place that {@code packing} gives it. */
    public static TokenizedDocument of(Packing packing, Document document, byte[] utf8, int[] ids) {
        long key = packing.key(document);
        int lane = packing.laneOf(key);
        byte[] id = document.id().getBytes(StandardCharsets.UTF_8);
        byte[] source = document.source().getBytes(StandardCharsets.UTF_8);
        byte[] order = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + id.length + 1 + source.length + 1 + Long.BYTES)
                .putInt(lane)
                .putLong(key)
                .put(id)
                .put((byte) 0)
                .put(source)
                .put((byte) 0)
                .putLong(Packing.hash(utf8))
                .array();
        return new TokenizedDocument(lane, key, order, utf8.length, ids);
    }

    @Override
    public byte[] toBytes(IdType type) {
        byte[] packed = type.encode(ids);
        return ByteBuffer.allocate(Long.BYTES + packed.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(utf8Bytes)
                .put(packed)
                .array();
    }

    /** The inverse of {@link #toBytes}. */
    public static TokenizedDocument fromBytes(byte[] order, byte[] bytes, IdType type) {
        ByteBuffer place = ByteBuffer.wrap(order);
        ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int lane = place.getInt();
        long key = place.getLong();
        long utf8Bytes = content.getLong();
        return new TokenizedDocument(lane, key, order, utf8Bytes, type.decode(content));
    }
}
