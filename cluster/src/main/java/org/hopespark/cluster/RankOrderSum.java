package org.hopespark.cluster;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.List;
import org.hopespark.model.FlatBuffer;

/**
 * Adds the parts of all ranks in the order of the ranks, each in its own number format. Floating-point sums depend on
 * their order; this one depends on nothing else.
 */
final class RankOrderSum {
    /** Small enough for two blocks and what they are read from to stay in a core's first cache. */
    private static final int BLOCK_ELEMENTS = 1024;

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
            case INT8 -> throw new IllegalArgumentException("bytes cannot be added");
        }
    }

    // loops over arrays become vector instructions; loops over buffers do not
    private static void addFloats(List<FlatBuffer> parts, FlatBuffer into) {
        List<Floats> sources = parts.stream().map(Floats::new).toList();
        Floats target = new Floats(into);
        float[] sum = new float[BLOCK_ELEMENTS];
        float[] next = new float[BLOCK_ELEMENTS];
        for (long left = into.elements(); left > 0; left -= BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, left);
            sources.get(0).read(sum, count);
            for (Floats source : sources.subList(1, sources.size())) {
                source.read(next, count);
                for (int i = 0; i < count; i++) {
                    sum[i] += next[i];
                }
            }
            target.write(sum, count);
        }
    }

    private static void addDoubles(List<FlatBuffer> parts, FlatBuffer into) {
        List<Doubles> sources = parts.stream().map(Doubles::new).toList();
        Doubles target = new Doubles(into);
        double[] sum = new double[BLOCK_ELEMENTS];
        double[] next = new double[BLOCK_ELEMENTS];
        for (long left = into.elements(); left > 0; left -= BLOCK_ELEMENTS) {
            int count = (int) Math.min(BLOCK_ELEMENTS, left);
            sources.get(0).read(sum, count);
            for (Doubles source : sources.subList(1, sources.size())) {
                source.read(next, count);
                for (int i = 0; i < count; i++) {
                    sum[i] += next[i];
                }
            }
            target.write(sum, count);
        }
    }

    /** A vector from its beginning to its end, however it is sliced. */
    private static final class Floats {
        private final Iterator<ByteBuffer> slices;
        private FloatBuffer slice = FloatBuffer.allocate(0);

        Floats(FlatBuffer vector) {
            slices = vector.slices().iterator();
        }

        void read(float[] block, int count) {
            for (int done = 0, some; done < count; done += some) {
                some = Math.min(count - done, here());
                slice.get(block, done, some);
            }
        }

        void write(float[] block, int count) {
            for (int done = 0, some; done < count; done += some) {
                some = Math.min(count - done, here());
                slice.put(block, done, some);
            }
        }

        private int here() {
            while (!slice.hasRemaining()) {
                slice = slices.next().asFloatBuffer();
            }
            return slice.remaining();
        }
    }

    private static final class Doubles {
        private final Iterator<ByteBuffer> slices;
        private DoubleBuffer slice = DoubleBuffer.allocate(0);

        Doubles(FlatBuffer vector) {
            slices = vector.slices().iterator();
        }

        void read(double[] block, int count) {
            for (int done = 0, some; done < count; done += some) {
                some = Math.min(count - done, here());
                slice.get(block, done, some);
            }
        }

        void write(double[] block, int count) {
            for (int done = 0, some; done < count; done += some) {
                some = Math.min(count - done, here());
                slice.put(block, done, some);
            }
        }

        private int here() {
            while (!slice.hasRemaining()) {
                slice = slices.next().asDoubleBuffer();
            }
            return slice.remaining();
        }
    }
}
