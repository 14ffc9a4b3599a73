package org.hopespark.model.eval;

import java.io.Serializable;
import java.util.List;

/**
 * How a task is run.
 *
 * @param limit use only the first so many documents; 0 uses all
 * @param batchSize sequences of the model's context that the network is given at once, more of shorter ones
 * @param prefix when the prefix token stands before a context
 * @param logSamples whether each document is written down with what the model answered
 * @param overrides {@code model.in-context.blocks=2} and the like, over the configuration of the run
 */
public record EvaluationSettings(
        int limit, int batchSize, PrefixPolicy prefix, boolean logSamples, List<String> overrides)
        implements Serializable {
    public static final EvaluationSettings DEFAULT =
            new EvaluationSettings(0, 16, PrefixPolicy.WHEN_EMPTY, false, List.of());

    public EvaluationSettings {
        overrides = List.copyOf(overrides);
        if (limit < 0) {
            throw new IllegalArgumentException("limit must be >= 0 documents (0: all), got " + limit);
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size must be >= 1 sequence, got " + batchSize);
        }
    }

    public EvaluationSettings withLimit(int documents) {
        return new EvaluationSettings(documents, batchSize, prefix, logSamples, overrides);
    }

    public EvaluationSettings withBatchSize(int sequences) {
        return new EvaluationSettings(limit, sequences, prefix, logSamples, overrides);
    }

    public EvaluationSettings withPrefix(PrefixPolicy policy) {
        return new EvaluationSettings(limit, batchSize, policy, logSamples, overrides);
    }
}
