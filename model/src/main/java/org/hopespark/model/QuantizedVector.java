package org.hopespark.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.hopespark.conf.WireFormat;

/**
 * A vector of float32 that travels in fewer bits ({@link WireFormat}): its values, the codes that are sent of them, and
 * the residual, which is what the codes lose.
 *
 * <p>A value is its code and its residual, to the last bit: the distance of a float32 to the nearest number of fewer
 * bits is a float32. So nothing of a gradient is lost, it comes later (error feedback, Seide et al. 2014).
 *
 * <p>Ranges begin at multiples of {@link WireFormat#BLOCK}.
 */
public final class QuantizedVector {
    /** Values that are worked on at once, small enough for a core's second cache. */
    private static final int MOST = 1 << 13;

    private static final int SCALE_BIAS = 127;
    private static final int NOT_A_NUMBER = 255;

    /** A power of two such that the largest value of a block has 7 bits. */
    private static final int CODE_EXPONENT = 6;

    /** Adding and subtracting it rounds a float32 below 2^22 to the nearest whole number, ties to even. */
    private static final float ROUNDER = 0x1.8p23f;

    private final WireFormat format;
    private final FlatBuffer values;
    private final FlatBuffer residual;
    private final FlatBuffer codes;

    /**
     * A vector, all parts of which belong to it until it has been exchanged.
     *
     * @param values float32
     * @param residual of equal length
     * @param codes {@link WireFormat#bytes} of that length
     */
    public QuantizedVector(WireFormat format, FlatBuffer values, FlatBuffer residual, FlatBuffer codes) {
        if (values.type() != ElementType.FLOAT32) {
            throw new IllegalArgumentException("only float32 can be sent as " + format.title() + ", not "
                    + values.type() + ": set wire: float32 for this level");
        }
        this.format = format;
        this.values = values;
        this.residual = residual;
        this.codes = codes;
    }

    /** The values. */
    public FlatBuffer values() {
        return values;
    }

    /** What is sent of some values; live. */
    public FlatBuffer codes(long from, long to) {
        return codes.range(format.bytes(from), format.bytes(to));
    }

    /** Sets the codes and the residual of some values, which stay as they are. */
    public void encode(long from, long to) {
        float[] block = new float[MOST];
        float[] rest = new float[MOST];
        byte[] code = new byte[(int) format.bytes(MOST)];
        for (long at = from; at < to; at += MOST) {
            int count = (int) Math.min(MOST, to - at);
            read(values, at, block, count);
            encode(block, code, count);
            decode(code, rest, count);
            for (int i = 0; i < count; i++) {
                rest[i] = block[i] - rest[i];
            }
            write(residual, at, rest, count);
            int done = 0;
            for (ByteBuffer slice : codes(at, at + count).slices()) {
                slice.put(0, code, done, slice.capacity());
                done += slice.capacity();
            }
        }
    }

    /** Sets some values to what their codes stand for. */
    public void decode(long from, long to) {
        float[] block = new float[MOST];
        for (long at = from; at < to; at += MOST) {
            int count = (int) Math.min(MOST, to - at);
            decode(codes(at, at + count), block, count);
            write(values, at, block, count);
        }
    }

    /**
     * Adds the codes of the other workers to some values, in the order of the ranks, in float32; what is left of the
     * values is the sum as its codes give it, and what those lose is the new residual.
     *
     * @param parts the codes of every rank
     * @param own the rank whose values are here; its part is not read
     */
    public void add(List<FlatBuffer> parts, int own, long from, long to) {
        float[] sum = new float[MOST];
        float[] next = new float[MOST];
        for (long at = from; at < to; at += MOST) {
            int count = (int) Math.min(MOST, to - at);
            for (int rank = 0; rank < parts.size(); rank++) {
                float[] target = rank == 0 ? sum : next;
                if (rank == own) {
                    read(values, at, target, count);
                } else {
                    long first = format.bytes(at - from);
                    decode(parts.get(rank).range(first, first + format.bytes(count)), target, count);
                }
                for (int i = 0; rank > 0 && i < count; i++) {
                    sum[i] += next[i];
                }
            }
            write(values, at, sum, count);
        }
        encode(from, to);
        decode(from, to);
    }

    private void decode(FlatBuffer from, float[] block, int count) {
        byte[] code = new byte[(int) format.bytes(count)];
        int done = 0;
        for (ByteBuffer slice : from.slices()) {
            slice.get(0, code, done, slice.capacity());
            done += slice.capacity();
        }
        decode(code, block, count);
    }

    private void encode(float[] block, byte[] code, int count) {
        switch (format) {
            case FLOAT32 -> throw new IllegalStateException(format + " is not compressed");
            case BFLOAT16 -> {
                short[] upper = new short[count];
                for (int i = 0; i < count; i++) {
                    int bits = Float.floatToRawIntBits(block[i]);
                    // rounding would make an infinity of some NaN
                    upper[i] = (short)
                            (Float.isNaN(block[i]) ? (bits >> 16) | 0x40 : (bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
                }
                ByteBuffer.wrap(code)
                        .order(ByteOrder.nativeOrder())
                        .asShortBuffer()
                        .put(upper);
            }
            case INT8 -> {
                int at = 0;
                for (int first = 0; first < count; first += WireFormat.BLOCK) {
                    int end = Math.min(count, first + WireFormat.BLOCK);
                    int scale = scale(block, first, end);
                    code[at++] = (byte) scale;
                    float inverse = powerOfTwo(SCALE_BIAS - scale);
                    for (int i = first; i < end; i++) {
                        code[at++] = (byte) ((block[i] * inverse + ROUNDER) - ROUNDER);
                    }
                }
            }
        }
    }

    /** The exponent of a block, biased; {@link #NOT_A_NUMBER} where a value is not finite. */
    private static int scale(float[] block, int first, int end) {
        float most = 0;
        for (int i = first; i < end; i++) {
            most = Math.max(most, Math.abs(block[i]));
        }
        if (!Float.isFinite(most)) {
            return NOT_A_NUMBER;
        }
        int scale = Math.max(0, Math.getExponent(most) - CODE_EXPONENT + SCALE_BIAS);
        // the largest code is 127, and 127.6 rounds to 128
        boolean over = (most * powerOfTwo(SCALE_BIAS - scale) + ROUNDER) - ROUNDER > Byte.MAX_VALUE;
        return over ? scale + 1 : scale;
    }

    private void decode(byte[] code, float[] block, int count) {
        switch (format) {
            case FLOAT32 -> throw new IllegalStateException(format + " is not compressed");
            case BFLOAT16 -> {
                short[] upper = new short[count];
                ByteBuffer.wrap(code)
                        .order(ByteOrder.nativeOrder())
                        .asShortBuffer()
                        .get(upper);
                for (int i = 0; i < count; i++) {
                    block[i] = Float.intBitsToFloat(upper[i] << 16);
                }
            }
            case INT8 -> {
                int at = 0;
                for (int first = 0; first < count; first += WireFormat.BLOCK) {
                    int scale = code[at++] & 0xff;
                    float unit = scale == NOT_A_NUMBER ? Float.NaN : powerOfTwo(scale - SCALE_BIAS);
                    int end = Math.min(count, first + WireFormat.BLOCK);
                    for (int i = first; i < end; i++) {
                        block[i] = code[at++] * unit;
                    }
                }
            }
        }
    }

    /** 2 to the power of -128 to 127. */
    private static float powerOfTwo(int exponent) {
        return Math.scalb(1f, exponent);
    }

    private static void read(FlatBuffer vector, long from, float[] block, int count) {
        int done = 0;
        for (ByteBuffer slice : vector.range(from, from + count).slices()) {
            FloatBuffer floats = slice.asFloatBuffer();
            floats.get(0, block, done, floats.capacity());
            done += floats.capacity();
        }
    }

    private static void write(FlatBuffer vector, long from, float[] block, int count) {
        int done = 0;
        for (ByteBuffer slice : vector.range(from, from + count).slices()) {
            FloatBuffer floats = slice.asFloatBuffer();
            floats.put(0, block, done, floats.capacity());
            done += floats.capacity();
        }
    }
}
