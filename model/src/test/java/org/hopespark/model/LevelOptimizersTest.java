package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The optimizers that a level can choose, against plain Java; AdamW is in {@link OptimizerTest}. */
final class LevelOptimizersTest {
    /** Level 1 has matrices of more rows than columns, of more columns than rows, and square ones. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "sgd; 0; ''",
                "sgd; 0.2; ''",
                "muon; 0; adamw-learning-rate-factor: 0.25",
                "muon; 0.2; adamw-learning-rate-factor: 0.25",
                "soap; 0; 'adamw-learning-rate-factor: 0.25, refresh-every-updates: 4'",
                "m3; 0; 'adamw-learning-rate-factor: 0.25, refresh-every-updates: 2, slow-momentum: 0.5, slow-factor: 0.7'",
                "preconditioned-momentum; 0; ''",
                "delta-momentum; 0.2; adamw-learning-rate-factor: 0.25",
                "deep-momentum; 0; adamw-learning-rate-factor: 0.25"
            })
    void updateFollowsTheRuleOfTheLevel(String name, double clipNorm, String settings) {
        String optimizer =
                "optimizer: {name: " + name + ", momentum: 0.9" + (settings.isEmpty() ? "" : ", " + settings) + "}";
        RunConfig config = Tiny.config(
                "training.clip-norm=" + clipNorm,
                "training.weight-decay=0.5",
                "training.learning-rate=0.05",
                "levels=[{period-steps: 1, continuum-hidden: 12, " + optimizer + "},"
                        + " {period-steps: 2, continuum-hidden: 12, learning-rate-factor: 0.5, " + optimizer + "}]");
        Map<String, OptimizerRule> rules = new HashMap<>();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            for (int step = 1; step <= 6; step++) {
                network.forwardBackward(Tiny.batch(step, 2, Tiny.TOKENS, 0), 1.0);
                for (Level level : config.schedule().dueAt(step)) {
                    List<ParameterSpec> owned = network.architecture().parameters().stream()
                            .filter(spec -> spec.level().equals(level))
                            .toList();
                    Map<String, FlatBuffer> sums = Tiny.gradients(network);
                    Map<String, double[]> gradients = new HashMap<>();
                    double norm = 0;
                    for (ParameterSpec spec : owned) {
                        double[] gradient = Tiny.values(sums, spec.name());
                        for (int i = 0; i < gradient.length; i++) {
                            gradient[i] /= level.periodSteps();
                            norm += gradient[i] * gradient[i];
                        }
                        gradients.put(spec.name(), gradient);
                    }
                    norm = Math.sqrt(norm);
                    double cut = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1;
                    Map<String, double[]> expected = new HashMap<>();
                    double rate = config.training().learningRateAt(step) * level.learningRateFactor();
                    for (ParameterSpec spec : owned) {
                        double[] gradient = requireNonNull(gradients.get(spec.name()));
                        for (int i = 0; i < gradient.length; i++) {
                            gradient[i] *= cut;
                        }
                        double[] parameter = Tiny.values(Tiny.parameters(network), spec.name());
                        rules.computeIfAbsent(spec.name(), each -> OptimizerRule.of(config, spec))
                                .update(parameter, gradient, rate, spec.decays() ? 0.5 : 0);
                        expected.put(spec.name(), parameter);
                    }

                    assertThat(network.levels().update(level, step, config.training()))
                            .isCloseTo(norm, within(1e-10 * norm));

                    Map<String, FlatBuffer> parameters = Tiny.parameters(network);
                    for (ParameterSpec spec : owned) {
                        assertThat(Tiny.values(parameters, spec.name()))
                                .as("%s at step %d", spec.name(), step)
                                .containsExactly(requireNonNull(expected.get(spec.name())), within(1e-9));
                        requireNonNull(rules.get(spec.name()))
                                .compare(slot -> Tiny.values(slots(network, level), slot + "." + spec.name()));
                    }
                }
            }
        }
    }

    @Test
    void checkpointHasTheSlotsOfTheOptimizersOfALevel() {
        RunConfig config = Tiny.config("levels.0.optimizer.name=muon", "levels.1.optimizer.name=sgd");
        try (Network network = new Network(config)) {
            List<String> first = optimizerTensors(network, "level-1.optimizer");
            assertThat(first)
                    .contains(
                            "momentum.blocks.0.mixer.query-key-value",
                            "momentum.blocks.1.continuum.1.down",
                            "first-moment.embedding",
                            "second-moment.blocks.0.mixer.memory.up",
                            "boundaries")
                    .doesNotContain(
                            "momentum.embedding",
                            "momentum.blocks.0.mixer.norm",
                            "first-moment.blocks.0.mixer.query-key-value");
            assertThat(optimizerTensors(network, "level-2.optimizer"))
                    .contains("momentum.blocks.0.continuum.2.up", "momentum.blocks.0.continuum.2.norm", "boundaries")
                    .noneMatch(tensor -> tensor.contains("moment."));
        }
    }

    private static Map<String, FlatBuffer> slots(Network network, Level level) {
        return network.levels().sectionsToLoad(Accumulators.REDUCED).stream()
                .filter(each -> each.name().equals("level-" + level.index() + ".optimizer"))
                .flatMap(each -> each.tensors().stream())
                .collect(Collectors.toMap(NamedTensor::name, NamedTensor::data));
    }

    private static List<String> optimizerTensors(Network network, String section) {
        return network.levels().sectionsToLoad(Accumulators.REDUCED).stream()
                .filter(each -> each.name().equals(section))
                .flatMap(each -> each.tensors().stream())
                .map(NamedTensor::name)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"sgd", "muon", "soap", "m3", "deep-momentum"})
    void summedUpdatesMoveTheParametersAtTheBoundary(String name) {
        RunConfig config = Tiny.config(
                "levels.1.period-steps=4",
                "levels.1.reduction=sum-of-updates",
                "levels.1.optimizer.name=" + name,
                "training.warmup-steps=0");
        try (Network network = new Network(config)) {
            long start = network.levels().digests()[1];
            Tiny.loop(config, network, report -> {}).run(1, 3);
            assertThat(network.levels().digests()[1]).isEqualTo(start);
            Tiny.loop(config, network, report -> {}).run(4, 4);
            assertThat(network.levels().digests()[1]).isNotEqualTo(start);
        }
    }

    /** A basis of it would cost more than a training step; the other side is turned all the same. */
    @Test
    void sideOfMoreThanTenThousandHasNoBasis() {
        RunConfig config = Tiny.config(
                "model.blocks=1",
                "levels.1.continuum-hidden=10001",
                "levels.1.period-steps=1",
                "levels.1.optimizer.name=soap",
                "training.warmup-steps=0");
        try (Network network = new Network(config)) {
            long start = network.levels().digests()[1];
            Tiny.loop(config, network, report -> {}).run(1, 2);
            assertThat(network.levels().digests()[1]).isNotEqualTo(start);
            assertThat(optimizerTensors(network, "level-2.optimizer"))
                    .contains(
                            "left.blocks.0.continuum.2.up",
                            "left-basis.blocks.0.continuum.2.up",
                            "right-basis.blocks.0.continuum.2.down")
                    .doesNotContain(
                            "right.blocks.0.continuum.2.up",
                            "right-basis.blocks.0.continuum.2.up",
                            "left-basis.blocks.0.continuum.2.down");
        }
    }

    @Test
    void wrongSettingsAreAllReportedAtOnce() {
        assertThatThrownBy(() -> Tiny.config(
                        "levels.0.optimizer.momentum=1",
                        "levels.0.optimizer.refresh-every-updates=0",
                        "levels.1.optimizer.name=sgd",
                        "levels.1.optimizer.adamw-learning-rate-factor=0.5"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "momentum must lie in 0..1, 1 excluded, got 1.0",
                        "refresh-every-updates must be >= 1, got 0",
                        "momentum 1.0 is no setting of adamw",
                        "adamw-learning-rate-factor 0.5 is no setting of sgd");
    }

    @Test
    void optimizerOfMatricesIsRefusedWhereALevelHasNone() {
        assertThatThrownBy(() -> Architecture.of(Tiny.config(
                        "levels.1.continuum-hidden=0",
                        "levels.1.parameters=[\"embedding\", \"head\"]",
                        "levels.1.optimizer.name=soap")))
                .isInstanceOf(UserException.class)
                .hasMessage("levels.1.parameters: 'head' matches no parameter; levels.1.optimizer: soap is for matrices"
                        + " with weight decay other than the embedding, and level 2 owns none: choose another optimizer,"
                        + " or give it continuum-hidden or a parameters pattern");
    }
}
