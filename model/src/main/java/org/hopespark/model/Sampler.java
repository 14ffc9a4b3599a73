package org.hopespark.model;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Draws tokens from a network's distribution. */
public final class Sampler {
    private final double temperature;
    private final double topP;
    private final Random random;

    /**
     * A sampler.
     *
     * @param temperature divides the logits; 0 takes the most likely token
     * @param topP draws from the smallest set of most likely tokens that have this much probability (Holtzman et al.
     *     2020); 1 for all
     * @param seed of the draws
     */
    public Sampler(double temperature, double topP, long seed) {
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException("temperature must be >= 0, got " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p must lie in 0..1, 0 excluded, got " + topP);
        }
        this.temperature = temperature;
        this.topP = topP;
        this.random = new Random(seed);
    }

    /**
     * Continues a sequence.
     *
     * @param state of the sequence; afterwards it has seen all tokens but the last that was drawn
     * @param prompt ids that come first, at least one
     * @param count how many to draw, fewer if {@code end} is drawn
     * @return the ids drawn, without {@code end}
     */
    public int[] continueFrom(Network network, InferenceState state, int[] prompt, int count, int end) {
        int[] drawn = new int[count];
        double[] logits = network.inference().advance(state, prompt);
        for (int i = 0; i < count; i++) {
            drawn[i] = draw(logits);
            if (drawn[i] == end) {
                return Arrays.copyOf(drawn, i);
            }
            if (i + 1 < count) {
                logits = network.inference().advance(state, drawn[i]);
            }
        }
        return drawn;
    }

    /** One token from unnormalised log-probabilities. */
    int draw(double[] logits) {
        if (temperature == 0) {
            int best = 0;
            for (int i = 1; i < logits.length; i++) {
                best = logits[i] > logits[best] ? i : best;
            }
            return best;
        }
        int[] ranked = IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> Double.compare(logits[b], logits[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.exp((logits[ranked[i]] - logits[ranked[0]]) / temperature);
            total += weights[i];
        }
        int kept = 0;
        double mass = 0;
        while (kept < weights.length && mass < topP * total) {
            mass += weights[kept++];
        }
        double left = random.nextDouble() * mass;
        for (int i = 0; i < kept; i++) {
            left -= weights[i];
            if (left < 0) {
                return ranked[i];
            }
        }
        return ranked[0];
    }
}
