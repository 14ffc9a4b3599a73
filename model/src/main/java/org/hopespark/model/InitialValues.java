package org.hopespark.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Random values of a tensor at the start of training. Their seed follows from the run's seed and the tensor's name, so
 * that they depend on no other tensor, level or worker.
 */
final class InitialValues {
    private InitialValues() {}

    /** Fills a tensor; values are rounded to float32 whatever its type. */
    static void write(ParameterSpec spec, long seed, FlatBuffer values) {
        CRC32C crc = new CRC32C();
        crc.update(spec.name().getBytes(StandardCharsets.UTF_8));
        Random random = new Random(seed * 0x9E3779B97F4A7C15L ^ high(seed) ^ crc.getValue());
        long index = 0;
        for (ByteBuffer slice : values.slices()) {
            for (int at = 0; at < slice.capacity(); at += values.type().bytes()) {
                double value = spec.initial().value(index++, spec.elements(), random);
                if (values.type() == ElementType.FLOAT32) {
                    slice.putFloat(at, (float) value);
                } else {
                    slice.putDouble(at, (float) value);
                }
            }
        }
    }

    /** Random keeps 48 bits: what is above them has to reach those below; 0 for the seeds that people choose. */
    private static long high(long seed) {
        long above = seed >> 47;
        long mixed = above * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }
}
