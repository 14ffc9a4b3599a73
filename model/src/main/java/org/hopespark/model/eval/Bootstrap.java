package org.hopespark.model.eval;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Standard errors of statistics that have no closed form: the standard deviation (n - 1) of the statistic over
 * resamples with replacement (Efron 1979), as many as lm-evaluation-harness takes. Chunk c of the resamples is drawn
 * with seed c, so that the same values give the same bits everywhere.
 */
final class Bootstrap {
    /** The harness' {@code bootstrap_iters}. */
    static final int RESAMPLES = 100_000;

    private static final int CHUNK = 1_000;
    private static final long LOW = 0xffff_ffffL;

    private Bootstrap() {}

    /** Of exp(-mean(logs)); NaN for fewer than two values, or where exp overflows. */
    static double errorOfPerplexity(double[] logs) {
        if (logs.length < 2) {
            return Double.NaN;
        }
        if (Arrays.stream(logs).allMatch(log -> log == logs[0])) {
            return 0;
        }
        double[] found = sums(logs);
        for (int r = 0; r < found.length; r++) {
            found[r] = Math.exp(-found[r] / logs.length);
        }
        return deviation(found);
    }

    /** The sum of each resample, of as many values as there are. */
    static double[] sums(double[] values) {
        double[] sums = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; ) {
            SplittableRandom random = new SplittableRandom(r / CHUNK);
            for (int end = r + CHUNK; r < end; r++) {
                sums[r] = sum(values, random);
            }
        }
        return sums;
    }

    /**
     * Four sums side by side, two draws of 32 bits a random number; a place is x * n / 2^32, off by n / 2^32 at most.
     */
    private static double sum(double[] values, SplittableRandom random) {
        long n = values.length;
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 4 <= n; i += 4) {
            long a = random.nextLong();
            long b = random.nextLong();
            s0 += values[(int) (((a & LOW) * n) >>> 32)];
            s1 += values[(int) (((a >>> 32) * n) >>> 32)];
            s2 += values[(int) (((b & LOW) * n) >>> 32)];
            s3 += values[(int) (((b >>> 32) * n) >>> 32)];
        }
        for (; i < n; i++) {
            s0 += values[(int) (((random.nextLong() & LOW) * n) >>> 32)];
        }
        return s0 + s1 + s2 + s3;
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).sum() / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return Math.sqrt(squares / (values.length - 1));
    }
}
