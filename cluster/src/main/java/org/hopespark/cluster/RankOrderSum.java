package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.util.List;
import org.hopespark.model.FlatBuffer;

/**
 * Adds the parts of all ranks in the order of the ranks, each in its own number format. Floating-point sums depend on
 * their order; this one depends on nothing else.
 */
final class RankOrderSum {
    /** Small enough for two blocks to stay in a core's first cache. */
    private static final int BLOCK_ELEMENTS = 2048;

    private RankOrderSum() {}

    /**
     * {@code into = ((parts[0] + parts[1]) + parts[2]) + ...}; {@code into} may be one of the parts.
     *
     * @param parts one a rank, equal in length
     */
    static void add(List<FlatBuffer> parts, FlatBuffer into) {
        switch (into.type()) {
            case FLOAT32 -> addFloats(parts, into);
            case FLOAT64 -> addDoubles(parts, into);
        }
    }

    private static void addFloats(List<FlatBuffer> parts, FlatBuffer into) {
        float[] sum = new float[BLOCK_ELEMENTS];
        float[] next = new float[BLOCK_ELEMENTS];
        for (long from = 0; from < into.elements(); from += BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, into.elements() - from);
            read(parts.get(0), from, sum, count);
            for (FlatBuffer part : parts.subList(1, parts.size())) {
                read(part, from, next, count);
                for (int i = 0; i < count; i++) {
                    sum[i] += next[i];
                }
            }
            int done = 0;
            for (ByteBuffer slice : into.range(from, from + count).slices()) {
                slice.asFloatBuffer().put(sum, done, slice.capacity() / Float.BYTES);
                done += slice.capacity() / Float.BYTES;
            }
        }
    }

    private static void read(FlatBuffer part, long from, float[] block, int count) {
        int done = 0;
        for (ByteBuffer slice : part.range(from, from + count).slices()) {
            slice.asFloatBuffer().get(block, done, slice.capacity() / Float.BYTES);
            done += slice.capacity() / Float.BYTES;
        }
    }

    private static void addDoubles(List<FlatBuffer> parts, FlatBuffer into) {
        double[] sum = new double[BLOCK_ELEMENTS];
        double[] next = new double[BLOCK_ELEMENTS];
        for (long from = 0; from < into.elements(); from += BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, into.elements() - from);
            read(parts.get(0), from, sum, count);
            for (FlatBuffer part : parts.subList(1, parts.size())) {
                read(part, from, next, count);
                for (int i = 0; i < count; i++) {
                    sum[i] += next[i];
                }
            }
            int done = 0;
            for (ByteBuffer slice : into.range(from, from + count).slices()) {
                slice.asDoubleBuffer().put(sum, done, slice.capacity() / Double.BYTES);
                done += slice.capacity() / Double.BYTES;
            }
        }
    }

    private static void read(FlatBuffer part, long from, double[] block, int count) {
        int done = 0;
        for (ByteBuffer slice : part.range(from, from + count).slices()) {
            slice.asDoubleBuffer().get(block, done, slice.capacity() / Double.BYTES);
            done += slice.capacity() / Double.BYTES;
        }
    }
}
