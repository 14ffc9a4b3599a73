package org.hopespark.jobs.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * TensorFlow's {@code Event} in the wire format of protocol buffers, as far as scalars need it:
 *
 * <pre>
 * Event      {double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7}
 * Summary    {repeated Value value = 1}
 * Value      {string tag = 1; float simple_value = 2}
 * SessionLog {SessionStatus status = 1}
 * </pre>
 */
final class Event {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED_32 = 5;
    private static final int SESSION_START = 1;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Event() {}

    /** The first event of a file. */
    static byte[] version(double wallTime) {
        return at(wallTime)
                .bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8))
                .out
                .toByteArray();
    }

    /** Steps from this one on, which an earlier file has, are no longer true. */
    static byte[] restart(double wallTime, long step) {
        return at(wallTime)
                .varint(2, step)
                .bytes(7, new Event().varint(1, SESSION_START).out.toByteArray())
                .out
                .toByteArray();
    }

    /** Scalars of a step by their tags. */
    static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
        Event summary = new Event();
        values.forEach((tag, value) -> summary.bytes(
                1,
                new Event()
                        .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
                        .fixed32(2, value.floatValue())
                        .out
                        .toByteArray()));
        return at(wallTime)
                .varint(2, step)
                .bytes(5, summary.out.toByteArray())
                .out
                .toByteArray();
    }

    /** @param wallTime seconds since 1970 */
    private static Event at(double wallTime) {
        Event event = new Event();
        event.key(1, FIXED_64);
        event.out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(wallTime)
                .array());
        return event;
    }

    private Event varint(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    private Event bytes(int field, byte[] value) {
        key(field, BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private Event fixed32(int field, float value) {
        key(field, FIXED_32);
        out.writeBytes(ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array());
        return this;
    }

    private void key(int field, int wireType) {
        varint(((long) field << 3) | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
