package org.hopespark.model.eval;

import java.io.Serializable;

/**
 * A row of an evaluation: one metric with everything that decides its value.
 *
 * @param task name of the task
 * @param version of the task's rules
 * @param metric such as {@code acc_norm}
 * @param part of the task that the value is taken over, such as {@code depth=25}; empty for the whole
 * @param value of the metric
 * @param standardError of the value, NaN where the metric has none
 * @param n documents (for {@code validation}: target tokens) it is taken over
 * @param chance what guessing reaches, NaN where that means nothing
 * @param maxTokens M, the most tokens the model was fed at once
 * @param prefix when the prefix token stood before a context
 * @param dtype number format of the model
 * @param encoder name of the tokenizer
 */
public record TaskResult(
        String task,
        int version,
        String metric,
        String part,
        double value,
        double standardError,
        long n,
        double chance,
        int maxTokens,
        PrefixPolicy prefix,
        String dtype,
        String encoder)
        implements Serializable {
    /** Whether {@link #standardError} is a number. */
    public boolean hasStandardError() {
        return !Double.isNaN(standardError);
    }

    /** Whether {@link #chance} is a number. */
    public boolean hasChance() {
        return !Double.isNaN(chance);
    }
}
