package org.hopespark.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Continues a text: one token after the other, drawn from the network's distribution. */
public final class Sampler {
    private final Network network;
    private final double temperature;
    private final Random random;

    /**
     * A sampler.
     *
     * @param temperature divides the logits; 0 takes the most likely token
     * @param seed of the draws
     */
    public Sampler(Network network, double temperature, long seed) {
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException("temperature must be >= 0, got " + temperature);
        }
        this.network = network;
        this.temperature = temperature;
        this.random = new Random(seed);
    }

    /**
     * The ids that follow {@code prompt}, which has at least one: {@code count} of them, fewer if {@code end} is drawn.
     */
    public int[] continueFrom(int[] prompt, int count, int end) {
        List<Integer> ids = new ArrayList<>(Arrays.stream(prompt).boxed().toList());
        int context = network.architecture().model().contextTokens();
        int chunk = network.architecture().model().chunkTokens();
        for (int i = 0; i < count; i++) {
            // dropping half of a full window at once keeps most draws inside one window
            int from = ids.size() < context ? 0 : ids.size() - context / 2 - (ids.size() - context) % (context / 2);
            long[] window = ids.subList(from, ids.size()).stream()
                    .mapToLong(Integer::longValue)
                    .toArray();
            long[] padded = Arrays.copyOf(window, (window.length + chunk - 1) / chunk * chunk);
            long[] none = new long[padded.length];
            Arrays.fill(none, TokenBatch.NO_TARGET);
            TokenBatch batch = new TokenBatch(List.of(new TokenBatch.Sequence(padded, none, new int[0])));
            int next = draw(network.logits(batch, window.length - 1));
            if (next == end) {
                break;
            }
            ids.add(next);
        }
        return ids.subList(prompt.length, ids.size()).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private int draw(double[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        if (temperature == 0) {
            return best;
        }
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = Math.exp((logits[i] - logits[best]) / temperature);
            total += weights[i];
        }
        double left = random.nextDouble() * total;
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return best;
    }
}
