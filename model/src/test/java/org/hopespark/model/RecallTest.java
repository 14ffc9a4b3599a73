package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.model.MemoryTest.Result;
import org.hopespark.model.MemoryTest.Sizes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the inner rule keeps of what it is given, without any outer training. */
final class RecallTest {
    private static final int HEADS = 16;
    private static final int WIDTH = 32;
    private static final int CHUNK = 32;
    private static final int KEYS = 12;
    private static final int TOKENS_OF_KEYS = 256;
    private static final MemoryConfig MEMORY = Tiny.config().model().memory();

    /**
     * Twelve random keys with random values come in random order, then twelve others for {@code gap} tokens. How often
     * is what was written at a key nearest to the key's own value? Chance is 1/12.
     */
    @ParameterizedTest
    @CsvSource({"0, 0.9", "64, 0.7", "256, 0.5"})
    void valuesAreFoundAtTheirKeys(int gap, double least) {
        Random random = new Random(1);
        int tokens = TOKENS_OF_KEYS + gap;
        double[][] keys = unitRows(random, HEADS * 2 * KEYS);
        double[][] values = rows(random, HEADS * 2 * KEYS, 0.9 * valueScale());
        Inputs inputs = new Inputs(random, tokens, MEMORY.retentionBiasLast(), MEMORY.etaStart());
        for (int head = 0; head < HEADS; head++) {
            for (int t = 0; t < tokens; t++) {
                int key = 2 * KEYS * head + random.nextInt(KEYS) + (t < TOKENS_OF_KEYS ? 0 : KEYS);
                inputs.put(head * tokens + t, keys[key], values[key]);
            }
        }

        List<TokenMemory> written = inputs.memoriesAfter();

        int right = 0;
        for (int head = 0; head < HEADS; head++) {
            TokenMemory start = inputs.start(head);
            for (int i = 0; i < KEYS; i++) {
                double[] key = keys[2 * KEYS * head + i];
                double[] moved = minus(written.get(head).read(key), start.read(key));
                int nearest = 0;
                for (int j = 1; j < KEYS; j++) {
                    if (cosine(moved, values[2 * KEYS * head + j]) > cosine(moved, values[2 * KEYS * head + nearest])) {
                        nearest = j;
                    }
                }
                right += nearest == i ? 1 : 0;
            }
        }
        assertThat((double) right / (HEADS * KEYS)).isGreaterThan(least);
    }

    @Test
    void oneKeyWrittenAThousandTimesIsWhatItsValueAsksFor() {
        Random random = new Random(2);
        int tokens = 1024;
        double[][] keys = unitRows(random, HEADS);
        double[][] values = rows(random, HEADS, 0.9 * valueScale());
        Inputs inputs = new Inputs(random, tokens, Double.POSITIVE_INFINITY, MEMORY.etaStart());
        for (int i = 0; i < HEADS * tokens; i++) {
            inputs.put(i, keys[i / tokens], values[i / tokens]);
        }

        List<TokenMemory> written = inputs.memoriesAfter();

        for (int head = 0; head < HEADS; head++) {
            double[] target = inputs.start(head).read(values[head]);
            double[] distance = minus(written.get(head).read(keys[head]), target);
            assertThat(norm(distance) / norm(values[head])).isLessThan(1e-3);
        }
    }

    /** Inputs of a memory for each head, as {@link MemoryTest} takes them. */
    private static final class Inputs {
        private final Sizes sizes;
        private final List<double[]> all = new ArrayList<>();

        Inputs(Random random, int tokens, double retentionBias, double eta) {
            sizes = new Sizes(HEADS, tokens, WIDTH, WIDTH, CHUNK);
            double[] alpha = new double[HEADS * tokens];
            Arrays.fill(alpha, 1 / (1 + Math.exp(-retentionBias)));
            double[] etas = new double[HEADS * tokens];
            Arrays.fill(etas, eta);
            all.addAll(
                    List.of(new double[sizes.rows()], new double[sizes.rows()], new double[sizes.rows()], alpha, etas));
            all.add(flat(rows(random, HEADS * WIDTH, 0.5)));
            all.add(flat(rows(random, HEADS * WIDTH, 0.02)));
        }

        void put(int row, double[] key, double[] value) {
            System.arraycopy(key, 0, all.get(1), row * WIDTH, WIDTH);
            System.arraycopy(value, 0, all.get(2), row * WIDTH, WIDTH);
        }

        TokenMemory start(int head) {
            return TokenLoop.memory(MEMORY, sizes, all, head);
        }

        /** Written by the script. */
        List<TokenMemory> memoriesAfter() {
            Result result = MemoryTest.chunkForm(MEMORY, sizes, all);
            List<double[]> after = new ArrayList<>(all);
            after.set(5, result.up());
            after.set(6, result.down());
            List<TokenMemory> memories = new ArrayList<>();
            for (int head = 0; head < HEADS; head++) {
                memories.add(TokenLoop.memory(MEMORY, sizes, after, head));
            }
            return memories;
        }
    }

    /** Values are as long as keys at a scale of 1. */
    private static double valueScale() {
        return MEMORY.valueScale() / Math.sqrt(WIDTH);
    }

    private static double[][] rows(Random random, int count, double deviation) {
        double[][] rows = new double[count][WIDTH];
        for (double[] row : rows) {
            Arrays.setAll(row, i -> deviation * random.nextGaussian());
        }
        return rows;
    }

    private static double[][] unitRows(Random random, int count) {
        return Arrays.stream(rows(random, count, 1)).map(Plain::unit).toArray(double[][]::new);
    }

    private static double[] flat(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    }

    private static double[] minus(double[] a, double[] b) {
        double[] result = a.clone();
        for (int i = 0; i < a.length; i++) {
            result[i] -= b[i];
        }
        return result;
    }

    private static double cosine(double[] a, double[] b) {
        return Plain.dot(a, b) / (norm(a) * norm(b));
    }

    private static double norm(double[] x) {
        return Math.sqrt(Plain.dot(x, x));
    }
}
