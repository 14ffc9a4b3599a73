package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;

final class NetworkTest {
    static final String TINY = """
            seed: 3
            model: {vocabulary-size: 23, width: 16, blocks: 2, head-width: 8, chunk-tokens: 4, context-tokens: 16}
            levels:
              - {period-steps: 1, continuum-hidden: 12}
              - {period-steps: 2, continuum-hidden: 12}
            training: {steps: 20, warmup-steps: 2, learning-rate: 1.0e-2}
            """;

    static TokenBatch batch(long seed, int sequences, int tokens, int vocabulary) {
        Random random = new Random(seed);
        return new TokenBatch(java.util.stream.IntStream.range(0, sequences)
                .mapToObj(i -> {
                    long[] row = random.longs(tokens + 1, 0, vocabulary).toArray();
                    return new TokenBatch.Sequence(
                            java.util.Arrays.copyOf(row, tokens),
                            java.util.Arrays.copyOfRange(row, 1, tokens + 1),
                            new int[] {0, 8});
                })
                .toList());
    }

    @Test
    void lossFallsWhenTheSameBatchIsLearned() {
        RunConfig config = RunConfig.parse("test", TINY);
        try (Network network = new Network(config)) {
            TokenBatch batch = batch(1, 3, 16, 23);
            double first = 0;
            double last = 0;
            for (int step = 1; step <= 20; step++) {
                last = network.forwardBackward(batch, 1.0 / batch.targetCount()) / batch.targetCount();
                first = step == 1 ? last : first;
                for (Level level : config.schedule().dueAt(step)) {
                    double norm = network.update(level, step, config.training());
                    assertThat(norm).isPositive();
                }
            }
            assertThat(first).isBetween(3.0, 3.3);
            assertThat(last).isLessThan(0.8 * first);
            assertThat(List.of(1)).hasSize(1);
        }
    }
}
