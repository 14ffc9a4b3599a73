package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelSchedule;
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
                network.levels().update(level, 4, config.training());
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
                long[] before = network.levels().digests();
                TokenBatch batch = Tiny.batch(step, 2, Tiny.TOKENS, 0);
                network.forwardBackward(batch, 1.0 / batch.targetCount());
                assertThat(network.levels().digests())
                        .as("gradients change no parameter")
                        .containsExactly(before);
                for (Level level : config.schedule().dueAt(step)) {
                    network.levels().update(level, step, config.training());
                }
                long[] after = network.levels().digests();

                for (Level level : config.schedule().levels()) {
                    int i = level.index() - 1;
                    assertThat(after[i] != before[i])
                            .as("level %s changed at step %d", level, step)
                            .isEqualTo(level.closesWindowAt(step));
                }
            }
        }
    }

    /**
     * Of 4 steps, C = 2 and 4: the windows that end at steps 2 and 4 are dropped, and the next ones are whole again.
     */
    @Test
    void slowLevelsStayWhereTheyAreUntilWarmUpHasEnded() {
        RunConfig config = Tiny.config(THREE_LEVELS[0], "training.warmup-steps=5");
        LevelSchedule schedule = config.schedule();
        List<Double> norms = new ArrayList<>();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            long[] start = network.levels().digests();
            for (int step = 1; step <= 8; step++) {
                long[] before = network.levels().digests();
                Tiny.loop(
                                config,
                                network,
                                report -> report.levels().stream()
                                        .filter(level -> level.level().index() == 3)
                                        .forEach(level -> norms.add(level.gradientNorm())))
                        .run(step, step);
                for (Level level : schedule.levels()) {
                    int i = level.index() - 1;
                    assertThat(network.levels().digests()[i] != before[i])
                            .as("%s moved at step %d", level, step)
                            .isEqualTo(schedule.isDueAt(level, step));
                }
                if (step < 5) {
                    assertThat(network.levels().digests()[0]).isNotEqualTo(start[0]);
                    assertThat(Arrays.copyOfRange(network.levels().digests(), 1, 3))
                            .containsExactly(start[1], start[2]);
                }
                boolean empty = step % 4 == 0;
                assertThat(Arrays.stream(Tiny.values(Tiny.gradients(network), "blocks.0.continuum.3.up"))
                                .allMatch(g -> g == 0))
                        .as("the window of level 3 is empty after step %d", step)
                        .isEqualTo(empty);
            }
        }
        assertThat(norms).hasSize(1);
    }

    @Test
    void runThatEndsInWarmUpMovesTheFastestLevelAlone() {
        RunConfig config = Tiny.config(THREE_LEVELS[0], "training.warmup-steps=100");
        try (Network network = new Network(config)) {
            long[] start = network.levels().digests();
            Tiny.loop(config, network, report -> {}).run(1, 20);
            assertThat(network.levels().digests()[0]).isNotEqualTo(start[0]);
            assertThat(Arrays.copyOfRange(network.levels().digests(), 1, 3)).containsExactly(start[1], start[2]);
        }
    }

    @Test
    void updateClearsTheWindowOfItsLevelAndLeavesTheOthersOpen() {
        RunConfig config = Tiny.config(THREE_LEVELS);
        Level slow = config.schedule().levels().get(2);
        try (Network network = new Network(config)) {
            network.forwardBackward(Tiny.batch(1, 2, Tiny.TOKENS, 0), 0.1);
            double[] open = Tiny.values(Tiny.gradients(network), "blocks.0.continuum.2.up");

            network.levels().update(slow, 4, config.training());

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
