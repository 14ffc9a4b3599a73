package org.hopespark.model.eval;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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
    /** Resamples for the standard error of a metric that is no mean. */
    public static final int RESAMPLES = Bootstrap.RESAMPLES;

    private static final Pattern LOWER_IS_BETTER =
            Pattern.compile("loss|(word_|byte_)?perplexity|bits_per_byte|forgetting(_norm)?");

    /** What a training for the task has taken, which is neither good nor bad. */
    private static final Set<String> NEITHER = Set.of("best_learning_rate", "steps");

    /** Whether a model is better whose {@code metric} is higher; empty if that cannot be said. */
    public static Optional<Boolean> higherIsBetter(String metric) {
        return NEITHER.contains(metric)
                ? Optional.empty()
                : Optional.of(!LOWER_IS_BETTER.matcher(metric).matches());
    }

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
