package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;

/** What each level changes, and when. */
final class LevelsTest {
    private static final String[] THREE_LEVELS = {
        "levels=[{period-steps: 1, continuum-hidden: 8}, {period-steps: 2, continuum-hidden: 8}, {period-steps: 4, continuum-hidden: 8}]"
    };

    @Test
    void updateChangesEveryTensorOfItsLevelAndNoOther() {
        RunConfig config = Tiny.config(THREE_LEVELS);
        try (Network network = new Network(config)) {
            TokenBatch batch = Tiny.batch(1, 2, Tiny.TOKENS, 0, 8);
            network.forwardBackward(batch, 1.0 / batch.targetCount());
            for (Level level : config.schedule().levels()) {
                var before = copy(network);
                network.update(level, 4, config.training());
                var after = copy(network);

                for (ParameterSpec spec : network.architecture().parameters()) {
                    assertThat(after.get(spec.name()))
                            .as("%s after the update of %s", spec.name(), level)
                            .matches(now -> java.util.Arrays.equals(now, before.get(spec.name()))
                                    != spec.level().equals(level));
                }
            }
        }
    }

    @Test
    void parametersAreConstantToTheBitBetweenTheBoundariesOfTheirLevel() {
        RunConfig config = Tiny.config(THREE_LEVELS);
        try (Network network = new Network(config)) {
            for (int step = 1; step <= 8; step++) {
                long[] before = network.digests();
                TokenBatch batch = Tiny.batch(step, 2, Tiny.TOKENS, 0);
                network.forwardBackward(batch, 1.0 / batch.targetCount());
                assertThat(network.digests())
                        .as("gradients change no parameter")
                        .containsExactly(before);
                for (Level level : config.schedule().dueAt(step)) {
                    network.update(level, step, config.training());
                }
                long[] after = network.digests();

                for (Level level : config.schedule().levels()) {
                    int i = level.index() - 1;
                    assertThat(after[i] != before[i])
                            .as("level %s changed at step %d", level, step)
                            .isEqualTo(level.isDueAt(step));
                }
            }
        }
    }

    @Test
    void updateClearsTheWindowOfItsLevelAndLeavesTheOthersOpen() {
        RunConfig config = Tiny.config(THREE_LEVELS);
        Level slow = config.schedule().levels().get(2);
        try (Network network = new Network(config)) {
            network.forwardBackward(Tiny.batch(1, 2, Tiny.TOKENS, 0), 0.1);
            double[] open = Tiny.values(Tiny.gradients(network), "blocks.0.continuum.2.up");

            network.update(slow, 4, config.training());

            assertThat(Tiny.values(Tiny.gradients(network), "blocks.0.continuum.3.up"))
                    .containsOnly(0);
            assertThat(Tiny.values(Tiny.gradients(network), "blocks.0.continuum.2.up"))
                    .containsExactly(open);
        }
    }

    @Test
    void patternMovesParametersToAnotherLevel() {
        RunConfig config = Tiny.config(
                "levels=[{period-steps: 1, continuum-hidden: 8}, {period-steps: 2, parameters: ['*memory.*']}]");
        try (Network network = new Network(config)) {
            assertThat(Tiny.parameters(network).keySet())
                    .hasSameSizeAs(network.architecture().parameters());
            assertThat(network.architecture().parameters().stream()
                            .filter(spec -> spec.level().index() == 2)
                            .map(ParameterSpec::name))
                    .containsExactly(
                            "blocks.0.mixer.memory.up",
                            "blocks.0.mixer.memory.down",
                            "blocks.1.mixer.memory.up",
                            "blocks.1.mixer.memory.down");
        }
    }

    private static java.util.Map<String, double[]> copy(Network network) {
        java.util.Map<String, double[]> result = new java.util.HashMap<>();
        Tiny.parameters(network).forEach((name, tensor) -> result.put(name, Tiny.values(tensor)));
        return result;
    }
}
