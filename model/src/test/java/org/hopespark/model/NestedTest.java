package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

/**
 * The nested continuum memory (Nested Learning, Eq. 72): level s restarts from the state that level s + 1 learns for
 * it, after each boundary of level s + 1.
 */
final class NestedTest {
    private static final String LEVELS = "levels=[{period-steps: 1, continuum-hidden: 6},"
            + " {period-steps: 2, continuum-hidden: 6}, {period-steps: 6, continuum-hidden: 6}]";

    private static final int STEPS = 12;

    @Test
    void levelStartsAnewFromWhatTheNextSlowerOneOwnsAfterEachOfItsBoundaries() {
        RunConfig config = Tiny.config(LEVELS, "model.continuum=nested");
        try (Network network = new Network(config)) {
            assertAtInitialState(network, config.schedule().levels());
            Map<String, double[]> last = copy(network);
            int restarts = 0;
            for (int step = 1; step <= STEPS; step++) {
                loop(config, network, BoundarySync.alone()).run(step, step);
                Map<String, double[]> now = copy(network);
                List<Level> due = config.schedule().dueAt(step);
                for (var pair : network.architecture().initialStates().entrySet()) {
                    double[] state = now.get(pair.getKey().name());
                    double[] initial = now.get(pair.getValue().name());
                    boolean learned = due.contains(pair.getValue().level());
                    if (learned) {
                        assertThat(state)
                                .as("%s after step %d", pair.getKey(), step)
                                .containsExactly(initial);
                        restarts++;
                    } else if (due.contains(pair.getKey().level())) {
                        assertThat(state)
                                .as("%s after step %d", pair.getKey(), step)
                                .isNotEqualTo(initial);
                    }
                    boolean same = java.util.Arrays.equals(
                            initial, last.get(pair.getValue().name()));
                    assertThat(same)
                            .as("%s after step %d", pair.getValue(), step)
                            .isNotEqualTo(learned);
                }
                last = now;
            }
            // 4 tensors in each of 2 blocks: those of level 1 restart 6 times, those of level 2 twice
            assertThat(restarts).isEqualTo(8 * 6 + 8 * 2);
        }
    }

    /** Level 2 passes its first boundary at step 4, level 3 at step 6 with the gradients of steps 1 to 6. */
    @Test
    void windowThatIsDroppedInWarmUpStillCountsForTheInitialState() {
        RunConfig config = Tiny.config(LEVELS, "model.continuum=nested", "training.warmup-steps=4");
        Map<String, double[]> sums = new HashMap<>();
        int[] compared = {0};
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            for (int step = 1; step <= 6; step++) {
                BoundarySync watching = new WatchedSync((at, level) -> {
                    Map<String, FlatBuffer> gradients = Tiny.gradients(network);
                    network.architecture().initialStates().forEach((state, initial) -> {
                        if (initial.level().index() == 3 && level.index() == 3) {
                            assertThat(Tiny.values(gradients, initial.name()))
                                    .as("%s at step %d", initial, at)
                                    .containsExactly(requireNonNull(sums.get(state.name())), within(1e-12));
                            compared[0]++;
                        }
                    });
                });
                try (Network before = new Network(config, ElementType.FLOAT64, -1)) {
                    Tiny.copyParameters(network, before);
                    TokenBatch batch = batch(step);
                    before.forwardBackward(batch, 1.0 / batch.targetCount());
                    Map<String, FlatBuffer> gradients = Tiny.gradients(before);
                    network.architecture().initialStates().forEach((state, initial) -> {
                        if (initial.level().index() == 3) {
                            sums.merge(state.name(), Tiny.values(gradients, state.name()), Plain::plus);
                        }
                    });
                }
                loop(config, network, watching).run(step, step);
            }
        }
        assertThat(compared[0]).isEqualTo(8);
    }

    /** The way is walked a second time by a network that knows of no initial states. */
    @Test
    void gradientOfAnInitialStateIsTheSumOfThoseAlongTheWayThatStartsThere() {
        RunConfig config = Tiny.config(LEVELS, "model.continuum=nested");
        RunConfig chain = Tiny.config(LEVELS);
        Map<String, double[]> sums = new HashMap<>();
        int[] compared = {0};
        try (Network network = new Network(config, ElementType.FLOAT64, -1);
                Network plain = new Network(chain, ElementType.FLOAT64, -1)) {
            BoundarySync comparing = new WatchedSync((step, level) -> {
                Map<String, FlatBuffer> gradients = Tiny.gradients(network);
                network.architecture().initialStates().forEach((state, initial) -> {
                    if (initial.level().equals(level) && level.closesWindowAt(step)) {
                        assertThat(Tiny.values(gradients, initial.name()))
                                .as("%s at step %d", initial, step)
                                .containsExactly(requireNonNull(sums.remove(state.name())), within(1e-12));
                        compared[0]++;
                    }
                });
            });
            for (int step = 1; step <= STEPS; step++) {
                Tiny.copyParameters(network, plain);
                chain.schedule()
                        .levels()
                        .forEach(level -> plain.levels().gradient(level).clear());
                TokenBatch batch = batch(step);
                plain.forwardBackward(batch, 1.0 / batch.targetCount());
                Map<String, FlatBuffer> gradients = Tiny.gradients(plain);
                network.architecture()
                        .initialStates()
                        .keySet()
                        .forEach(state -> sums.merge(state.name(), Tiny.values(gradients, state.name()), Plain::plus));
                loop(config, network, comparing).run(step, step);
            }
        }
        assertThat(compared[0]).isEqualTo(8 * 6 + 8 * 2);
    }

    @Test
    void nestedChainComputesWhatTheChainComputes() {
        try (Network nested = Tiny.shaken(Tiny.config(LEVELS, "model.continuum=nested"));
                Network chain = new Network(Tiny.config(LEVELS), ElementType.FLOAT64, -1)) {
            Tiny.copyParameters(nested, chain);
            TokenBatch batch = batch(1);
            assertThat(nested.scores(batch).logProbabilities())
                    .containsExactly(chain.scores(batch).logProbabilities());
        }
    }

    @Test
    void initialStateThatBelongsToNoSlowerLevelIsRefused() {
        RunConfig config = Tiny.config(
                "model.continuum=nested",
                "levels=[{period-steps: 1, continuum-hidden: 6, parameters: ['*.initial']},"
                        + " {period-steps: 2, continuum-hidden: 6}]");
        assertThatThrownBy(() -> Architecture.of(config))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("blocks.0.continuum.1.norm.initial must belong to a slower level");
    }

    private static void assertAtInitialState(Network network, List<Level> levels) {
        Map<String, FlatBuffer> parameters = Tiny.parameters(network);
        assertThat(network.architecture().initialStates()).hasSize(8 * (levels.size() - 1));
        network.architecture().initialStates().forEach((state, initial) -> {
            assertThat(initial.level().index()).isEqualTo(state.level().index() + 1);
            assertThat(Tiny.values(parameters, state.name()))
                    .as(state.name())
                    .containsExactly(Tiny.values(parameters, initial.name()));
        });
    }

    private static TrainingLoop loop(RunConfig config, Network network, BoundarySync sync) {
        return new TrainingLoop(
                config,
                network,
                sync,
                step -> new WorkerBatch(List.of(batch(step))),
                report -> {},
                (step, windows) -> {});
    }

    private static TokenBatch batch(long step) {
        return Tiny.batch(step, 2, Tiny.TOKENS, 0, 8);
    }

    private static Map<String, double[]> copy(Network network) {
        Map<String, double[]> result = new HashMap<>();
        Tiny.parameters(network).forEach((name, tensor) -> result.put(name, Tiny.values(tensor)));
        return result;
    }

    /** One worker on its own, who looks at its gradients before each exchange. */
    private record WatchedSync(BiConsumer<Long, Level> watcher) implements BoundarySync.Forwarding {
        @Override
        public BoundarySync sync() {
            return BoundarySync.alone();
        }

        @Override
        public Pending sum(Part part) {
            watcher.accept(part.step(), part.level());
            return sync().sum(part);
        }
    }
}
