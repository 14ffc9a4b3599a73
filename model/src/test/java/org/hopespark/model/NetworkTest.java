package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;

final class NetworkTest {
    @Test
    void lossFallsWhenTheSameBatchIsLearned() {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config)) {
            TokenBatch batch = Tiny.batch(1, 3, Tiny.TOKENS, 0, 8);
            double first = 0;
            double last = 0;
            for (int step = 1; step <= 20; step++) {
                last = network.forwardBackward(batch, 1.0 / batch.targetCount()) / batch.targetCount();
                first = step == 1 ? last : first;
                for (Level level : config.schedule().dueAt(step)) {
                    network.update(level, step, config.training());
                }
            }
            assertThat(first).isBetween(3.0, 3.3); // log 23 = 3.14
            assertThat(last).isLessThan(0.8 * first);
        }
    }
}
