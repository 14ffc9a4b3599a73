package org.hopespark.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A vector of numbers in host memory, as one or more consecutive slices, each below the 2 GiB that a {@link ByteBuffer}
 * can address.
 *
 * <p>The slices are views: a write through them changes the vector. All are in the machine's byte order.
 *
 * @param type of the elements
 * @param slices consecutive parts; position and limit enclose whole elements
 */
public record FlatBuffer(ElementType type, List<ByteBuffer> slices) {
    private static final long SLICE_BYTES = 1L << 30;

    public FlatBuffer {
        slices = slices.stream()
                .map(slice -> slice.slice().order(ByteOrder.nativeOrder()))
                .toList();
        for (ByteBuffer slice : slices) {
            if (slice.capacity() % type.bytes() != 0) {
                throw new IllegalArgumentException(
                        "a slice of " + slice.capacity() + " bytes does not hold whole elements of " + type);
            }
        }
    }

    /** A vector of zeros outside the Java heap, of any length. */
    public static FlatBuffer allocate(ElementType type, long elements) {
        List<ByteBuffer> slices = new ArrayList<>();
        long left = Math.multiplyExact(elements, (long) type.bytes());
        do {
            slices.add(ByteBuffer.allocateDirect((int) Math.min(left, SLICE_BYTES)));
            left -= SLICE_BYTES;
        } while (left > 0);
        return new FlatBuffer(type, slices);
    }

    /** Number of elements. */
    public long elements() {
        return bytes() / type.bytes();
    }

    /** Number of bytes. */
    public long bytes() {
        return slices.stream().mapToLong(ByteBuffer::capacity).sum();
    }

    /** Elements {@code from} (inclusive) to {@code to} (exclusive), sharing this vector's memory. */
    public FlatBuffer range(long from, long to) {
        if (from < 0 || to < from || to > elements()) {
            throw new IndexOutOfBoundsException("elements " + from + ".." + to + " of " + elements());
        }
        List<ByteBuffer> parts = new ArrayList<>();
        long start = from * type.bytes();
        long end = to * type.bytes();
        long offset = 0;
        for (ByteBuffer slice : slices) {
            long first = Math.max(start, offset);
            long last = Math.min(end, offset + slice.capacity());
            if (first < last) {
                parts.add(slice.slice((int) (first - offset), (int) (last - first)));
            }
            offset += slice.capacity();
        }
        return new FlatBuffer(type, parts);
    }

    /** Sets every element to zero. */
    public void clear() {
        for (ByteBuffer slice : slices) {
            for (int i = 0; i + 8 <= slice.capacity(); i += 8) {
                slice.putLong(i, 0);
            }
            for (int i = slice.capacity() & ~7; i < slice.capacity(); i++) {
                slice.put(i, (byte) 0);
            }
        }
    }

    /** Sets every element to one value. */
    void fill(double value) {
        for (ByteBuffer slice : slices) {
            for (int at = 0; at < slice.capacity(); at += type.bytes()) {
                put(slice, at, value);
            }
        }
    }

    private void put(ByteBuffer slice, int at, double value) {
        switch (type) {
            case FLOAT32 -> slice.putFloat(at, (float) value);
            case FLOAT64 -> slice.putDouble(at, value);
            case INT8 -> slice.put(at, (byte) value);
        }
    }

    private double get(ByteBuffer slice, int at) {
        return switch (type) {
            case FLOAT32 -> slice.getFloat(at);
            case FLOAT64 -> slice.getDouble(at);
            case INT8 -> slice.get(at);
        };
    }

    /** Sets every element to that of another vector of the same type and length, however both are sliced. */
    public void copy(FlatBuffer other) {
        if (other.type != type || other.elements() != elements()) {
            throw new IllegalArgumentException(
                    other.elements() + " " + other.type + " do not fit in " + elements() + " " + type);
        }
        long done = 0;
        for (ByteBuffer slice : slices) {
            long end = done + slice.capacity() / type.bytes();
            int at = 0;
            for (ByteBuffer part : other.range(done, end).slices) {
                slice.put(at, part, 0, part.capacity());
                at += part.capacity();
            }
            done = end;
        }
    }

    /** Exchanges every element with that of another vector of the same type and length. */
    void swap(FlatBuffer other) {
        long most = 1 << 16;
        FlatBuffer held = allocate(type, Math.min(most, elements()));
        for (long from = 0; from < elements(); from += most) {
            FlatBuffer mine = range(from, Math.min(elements(), from + most));
            FlatBuffer theirs = other.range(from, from + mine.elements());
            FlatBuffer part = held.range(0, mine.elements());
            part.copy(mine);
            mine.copy(theirs);
            theirs.copy(part);
        }
    }

    /** Adds to every element that of another vector of the same type and length. */
    public void add(FlatBuffer other) {
        if (other.type != type || other.elements() != elements()) {
            throw new IllegalArgumentException(
                    other.elements() + " " + other.type + " cannot be added to " + elements() + " " + type);
        }
        long index = 0;
        for (ByteBuffer slice : slices) {
            for (int at = 0; at < slice.capacity(); at += type.bytes()) {
                put(slice, at, get(slice, at) + other.get(index++));
            }
        }
    }

    /** Element {@code index}. */
    public double get(long index) {
        long at = index * type.bytes();
        for (ByteBuffer slice : slices) {
            if (at < slice.capacity()) {
                return get(slice, (int) at);
            }
            at -= slice.capacity();
        }
        throw new IndexOutOfBoundsException("element " + index + " of " + elements());
    }

    /** Sets element {@code index}. */
    public void put(long index, double value) {
        long at = index * type.bytes();
        for (ByteBuffer slice : slices) {
            if (at < slice.capacity()) {
                put(slice, (int) at, value);
                return;
            }
            at -= slice.capacity();
        }
        throw new IndexOutOfBoundsException("element " + index + " of " + elements());
    }

    /** How many elements are infinite or not a number. */
    public long notFinite() {
        long count = 0;
        for (long i = 0; i < elements(); i++) {
            count += Double.isFinite(get(i)) ? 0 : 1;
        }
        return count;
    }

    /**
     * A 64-bit fingerprint of the bits of all elements: equal vectors have equal fingerprints, and one flipped bit
     * changes it. Not cryptographic.
     */
    public long digest() {
        long hash = 0x9E3779B97F4A7C15L ^ elements();
        for (ByteBuffer slice : slices) {
            int whole = slice.capacity() & ~7;
            for (int i = 0; i < whole; i += 8) {
                hash = mix(hash, slice.getLong(i));
            }
            if (whole < slice.capacity()) {
                hash = mix(hash, slice.getInt(whole));
            }
        }
        return hash;
    }

    /** CRC32C of the bytes of all elements, which finds every error of up to 32 bits in a row. Not cryptographic. */
    public int checksum() {
        CRC32C crc = new CRC32C();
        slices.forEach(slice -> crc.update(slice.slice()));
        return (int) crc.getValue();
    }

    private static long mix(long hash, long value) {
        long x = (hash ^ value) * 0xff51afd7ed558ccdL;
        return x ^ (x >>> 32);
    }
}
