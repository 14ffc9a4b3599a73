package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;

final class NetworkTest {
    @Test
    void allBitsOfASeedChangeTheStart() {
        long[] seeds = {1, 2, -1, Long.MAX_VALUE, 1 + (1L << 48), 1 + (1L << 62), 1L << 47, Long.MIN_VALUE};
        Set<Double> starts = new HashSet<>();
        for (long seed : seeds) {
            try (Network network = new Network(Tiny.config().with(List.of("seed=" + seed)))) {
                starts.add(network.levels().parameters().get(0).data().get(0));
            }
        }
        assertThat(starts).hasSize(seeds.length);
    }

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
                    network.levels().update(level, step, config.training());
                }
            }
            assertThat(first).isBetween(3.0, 3.3); // log 23 = 3.14
            assertThat(last).isLessThan(0.8 * first);
        }
    }
}
