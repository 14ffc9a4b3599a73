package org.hopespark.conf;

import java.io.Serializable;
import java.util.List;

/**
 * Takes each source as often as it is worth.
 *
 * @param weights the first that matches counts; sources that match none are taken once
 * @param seed decides which documents are taken once more, or at all, where a weight is no whole number
 */
public record MixtureConfig(List<Weight> weights, long seed) implements CorpusStep {
    static final MixtureConfig DEFAULT = new MixtureConfig(List.of(), 1);

    /** A document can be taken so often; more would be training on little else. */
    private static final double MOST = 1000;

    /**
     * How often documents of some sources are taken.
     *
     * @param source pattern of the sources, such as {@code books/**}
     * @param weight mean number of copies; 0.25 takes every fourth document
     */
    public record Weight(String source, double weight) implements Serializable {
        public Weight {
            if (!(weight >= 0 && weight <= MOST)) {
                throw new IllegalArgumentException(
                        "weight of source '" + source + "' must lie in 0.." + (int) MOST + ", got " + weight);
            }
        }
    }

    public MixtureConfig {
        weights = List.copyOf(weights);
    }
}
