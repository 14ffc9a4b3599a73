package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.hopespark.conf.WireFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class QuantizedVectorTest {
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FLOAT32")
    void aValueIsItsCodeAndItsResidualToTheLastBit(WireFormat format) {
        float[] values = anyFloats(100_003);
        float[] told = new float[values.length];
        float[] residual = new float[values.length];
        code(format, values, told, residual);
        for (int i = 0; i < values.length; i++) {
            assertThat(told[i] + residual[i]).as("value %d", i).isEqualTo(values[i]);
        }
    }

    /** Against the two neighbours in double precision. */
    @Test
    void bfloat16IsTheNearestNumberWithEightBitsAndTheEvenOneOfTwo() {
        float[] values = anyFloats(100_003);
        values[0] = Float.intBitsToFloat(0x3f808000);
        values[1] = Float.intBitsToFloat(0x3f818000);
        float[] told = new float[values.length];
        code(WireFormat.BFLOAT16, values, told, new float[values.length]);
        for (int i = 0; i < values.length; i++) {
            int lower = Float.floatToRawIntBits(values[i]) & 0xffff0000;
            double below = Float.intBitsToFloat(lower);
            double above = Float.intBitsToFloat(lower + 0x10000);
            double toBelow = Math.abs(values[i] - below);
            double toAbove = Math.abs(values[i] - above);
            boolean even = (lower & 0x10000) == 0;
            double nearest = toBelow < toAbove || (toBelow == toAbove && even) ? below : above;
            assertThat((double) told[i]).as("%a", values[i]).isEqualTo(nearest);
        }
        assertThat(told[0]).isEqualTo(1f);
        assertThat(told[1]).isEqualTo(Float.intBitsToFloat(0x3f820000));
    }

    @Test
    void int8HasSevenBitsForTheLargestOfABlockAndOnePowerOfTwoForAll() {
        float[] values = anyFloats(100_003);
        float[] told = new float[values.length];
        float[] residual = new float[values.length];
        code(WireFormat.INT8, values, told, residual);
        for (int block = 0; block < values.length; block += WireFormat.BLOCK) {
            int end = Math.min(values.length, block + WireFormat.BLOCK);
            double most = 0;
            for (int i = block; i < end; i++) {
                most = Math.max(most, Math.abs((double) values[i]));
            }
            // the least power of two of which 127 hold the largest, after rounding
            double unit = 0x1p-127;
            while (Math.rint(most / unit) > 127) {
                unit *= 2;
            }
            for (int i = block; i < end; i++) {
                assertThat((double) told[i])
                        .as("value %d: %a in units of %a", i, values[i], unit)
                        .isEqualTo(Math.rint(values[i] / unit) * unit + 0.0);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"BFLOAT16, NaN", "BFLOAT16, Infinity", "INT8, NaN", "INT8, -Infinity"})
    void whatIsNotFiniteDoesNotLookFiniteAfterwards(WireFormat format, float poison) {
        float[] values = new float[40];
        values[20] = poison;
        float[] told = new float[values.length];
        code(format, values, told, new float[values.length]);
        assertThat(told[20]).isNotFinite();
        assertThat(told[0]).isEqualTo(0f);
        assertThat(told[39]).isEqualTo(0f);
    }

    @Test
    void onlyFloat32IsCompressed() {
        FlatBuffer doubles = FlatBuffer.allocate(ElementType.FLOAT64, 1);
        assertThatThrownBy(() -> new QuantizedVector(WireFormat.INT8, doubles, doubles, doubles))
                .hasMessage("only float32 can be sent as int8 wire, not FLOAT64: set wire: float32 for this level");
    }

    private static void code(WireFormat format, float[] values, float[] told, float[] residual) {
        FlatBuffer vector = FlatBuffer.allocate(ElementType.FLOAT32, values.length);
        FlatBuffer rest = FlatBuffer.allocate(ElementType.FLOAT32, values.length);
        FlatBuffer codes = FlatBuffer.allocate(ElementType.INT8, format.bytes(values.length));
        for (int i = 0; i < values.length; i++) {
            vector.slices().get(0).putFloat(i * Float.BYTES, values[i]);
        }
        QuantizedVector compressed = new QuantizedVector(format, vector, rest, codes);
        compressed.encode(0, values.length);
        vector.clear();
        compressed.decode(0, values.length);
        for (int i = 0; i < values.length; i++) {
            told[i] = (float) vector.get(i);
            residual[i] = (float) rest.get(i);
        }
    }

    /** Of all sizes within blocks and between them, but for those next to the largest. */
    private static float[] anyFloats(int count) {
        SplittableRandom random = new SplittableRandom(7);
        float[] values = new float[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            if (i % WireFormat.BLOCK == 0) {
                size = random.nextInt(-149, 126);
            }
            values[i] = (float) Math.scalb(random.nextDouble(-1, 1), size - random.nextInt(i % 3 == 0 ? 1 : 20));
        }
        return values;
    }
}
