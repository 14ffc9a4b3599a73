package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    private final double[] logs = new Random(1).doubles(300, -6, -1).toArray();

    /** By the delta method exp(-mean) has the error exp(-mean) * s / sqrt(n), s with n as the bootstrap's is. */
    @Test
    void theErrorOfAPerplexityIsThatOfAPropagatedMean() {
        double mean = Arrays.stream(logs).average().orElseThrow();
        double variance =
                Arrays.stream(logs).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
        double expected = Math.exp(-mean) * Math.sqrt(variance / logs.length);
        assertThat(Bootstrap.errorOfPerplexity(logs)).isCloseTo(expected, within(0.01 * expected));
    }

    @Test
    void everyValueIsDrawnEquallyOften() {
        // Seven values leave three beside a block of four.
        for (int place = 0; place < 7; place++) {
            double[] values = new double[7];
            values[place] = 1;
            double[] sums = Bootstrap.sums(values);
            assertThat(sums).hasSize(100_000);
            assertThat(Arrays.stream(sums).average().orElseThrow()).isCloseTo(1, within(0.015));
            // Binomial(7, 1/7) is zero with probability (6/7)^7 = 0.3399: draws are with replacement.
            assertThat(Arrays.stream(sums).filter(s -> s == 0).count() / 100_000.0)
                    .isCloseTo(0.3399, within(0.01));
        }
    }

    @Test
    void chunksDifferAndTheSameValuesGiveTheSameBits() {
        double[] sums = Bootstrap.sums(logs);
        assertThat(sums).isEqualTo(Bootstrap.sums(logs));
        assertThat(Arrays.copyOfRange(sums, 0, 1_000)).isNotEqualTo(Arrays.copyOfRange(sums, 1_000, 2_000));
        assertThat(Arrays.stream(sums).distinct().count()).isGreaterThan(99_990);
    }

    @Test
    void oneValueOrAnInfinitePerplexityHasNoError() {
        assertThat(Bootstrap.errorOfPerplexity(new double[] {-1})).isNaN();
        assertThat(Bootstrap.errorOfPerplexity(new double[] {-2_000, -3_000})).isNaN();
        assertThat(Bootstrap.errorOfPerplexity(new double[] {-2, -2})).isZero();
    }
}
