package org.hopespark.model.eval;

import java.util.Arrays;

/**
 * One number that a task found.
 *
 * @param metric such as {@code acc_norm}
 * @param part of the task that it is taken over, such as {@code depth=25}; empty for the whole
 * @param value its value
 * @param standardError of the value, NaN where the metric has none
 * @param n documents it is taken over
 * @param chance what guessing reaches, NaN where that means nothing
 */
public record Measurement(String metric, String part, double value, double standardError, long n, double chance) {
    /** The mean of {@code n} numbers with the standard error sqrt(variance / n), variance with n - 1. */
    public static Measurement mean(String metric, double[] values, double chance) {
        int n = values.length;
        double mean = Arrays.stream(values).sum() / n;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Measurement(metric, "", mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n), n, chance);
    }

    /** A number that has neither error nor chance level. */
    public static Measurement plain(String metric, double value, long n) {
        return new Measurement(metric, "", value, Double.NaN, n, Double.NaN);
    }

    /** The same number as that of a part. */
    public Measurement of(String name) {
        return new Measurement(metric, name, value, standardError, n, chance);
    }
}
