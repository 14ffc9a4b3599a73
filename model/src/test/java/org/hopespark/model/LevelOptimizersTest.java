package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The optimizers that a level can choose, against plain Java; AdamW is in {@link OptimizerTest}. */
final class LevelOptimizersTest {
    private static final double MOMENTUM = 0.9;

    /** Level 1 has matrices of more rows than columns, of more columns than rows, and square ones. */
    @ParameterizedTest
    @CsvSource({"sgd, 0", "sgd, 0.2", "muon, 0", "muon, 0.2"})
    void updateFollowsTheRuleOfTheLevel(String name, double clipNorm) {
        RunConfig config = Tiny.config(
                "training.clip-norm=" + clipNorm,
                "training.weight-decay=0.5",
                "training.learning-rate=0.05",
                "levels.0.optimizer.name=" + name,
                "levels.0.optimizer.momentum=" + MOMENTUM,
                "levels.0.optimizer.adamw-learning-rate-factor=0.25",
                "levels.1.optimizer.name=" + name,
                "levels.1.optimizer.momentum=" + MOMENTUM,
                "levels.1.learning-rate-factor=0.5");
        Map<String, Rule> rules = new HashMap<>();
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
                        rules.computeIfAbsent(spec.name(), each -> rule(name, spec, config.training()))
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

    private static List<String> optimizerTensors(Network network, String section) {
        return network.levels().sectionsToLoad(Accumulators.REDUCED).stream()
                .filter(each -> each.name().equals(section))
                .flatMap(each -> each.tensors().stream())
                .map(NamedTensor::name)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"sgd", "muon"})
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

    @Test
    void momentumOfOneIsRefused() {
        assertThatThrownBy(() -> Tiny.config("levels.0.optimizer.momentum=1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("momentum must lie in 0..1, 1 excluded, got 1.0");
    }

    /** A parameter with whatever the optimizer remembers of it. */
    @FunctionalInterface
    private interface Rule {
        void update(double[] parameter, double[] gradient, double rate, double decay);
    }

    private static Rule rule(String name, ParameterSpec spec, TrainingConfig training) {
        double[] momentum = new double[(int) spec.elements()];
        if (name.equals("sgd")) {
            return (parameter, gradient, rate, decay) -> {
                for (int i = 0; i < parameter.length; i++) {
                    momentum[i] = MOMENTUM * momentum[i] + gradient[i];
                    parameter[i] -= rate * (momentum[i] + decay * parameter[i]);
                }
            };
        }
        if (!spec.decays() || spec.name().equals("embedding")) {
            return adamw(spec, training);
        }
        int rows = spec.shape().get(0).intValue();
        int columns = spec.shape().get(1).intValue();
        return (parameter, gradient, rate, decay) -> {
            double[] ahead = new double[parameter.length];
            for (int i = 0; i < parameter.length; i++) {
                momentum[i] = MOMENTUM * momentum[i] + (1 - MOMENTUM) * gradient[i];
                ahead[i] = (1 - MOMENTUM) * gradient[i] + MOMENTUM * momentum[i];
            }
            double[][] update = orthogonal(Plain.matrix(ahead, 0, rows, columns));
            double scale = Math.sqrt(Math.max(1.0, (double) columns / rows));
            for (int i = 0; i < parameter.length; i++) {
                parameter[i] -= rate * (scale * update[i / columns][i % columns] + decay * parameter[i]);
            }
        };
    }

    private static Rule adamw(ParameterSpec spec, TrainingConfig training) {
        double[] first = new double[(int) spec.elements()];
        double[] second = new double[(int) spec.elements()];
        int[] count = {0};
        return (parameter, gradient, rate, decay) -> {
            count[0]++;
            for (int i = 0; i < parameter.length; i++) {
                first[i] = training.beta1() * first[i] + (1 - training.beta1()) * gradient[i];
                second[i] = training.beta2() * second[i] + (1 - training.beta2()) * gradient[i] * gradient[i];
                double mean = first[i] / (1 - Math.pow(training.beta1(), count[0]));
                double square = second[i] / (1 - Math.pow(training.beta2(), count[0]));
                double factor = spec.level().index() == 1 ? 0.25 : 1;
                parameter[i] -=
                        factor * rate * (mean / (Math.sqrt(square) + training.epsilon()) + decay * parameter[i]);
            }
        };
    }

    /** Five steps of X = a X + b (X X') X + c (X X')^2 X, on rows or columns alike. */
    private static double[][] orthogonal(double[][] g) {
        double norm = 0;
        for (double[] row : g) {
            for (double value : row) {
                norm += value * value;
            }
        }
        double[][] x = Plain.copy(g);
        for (double[] row : x) {
            for (int j = 0; j < row.length; j++) {
                row[j] /= Math.sqrt(norm) + 1e-7;
            }
        }
        for (int step = 0; step < 5; step++) {
            double[][] square = product(x, transposed(x));
            double[][] once = product(square, x);
            double[][] twice = product(square, once);
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < x[i].length; j++) {
                    x[i][j] = 3.4445 * x[i][j] - 4.7750 * once[i][j] + 2.0315 * twice[i][j];
                }
            }
        }
        return x;
    }

    private static double[][] transposed(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    private static double[][] product(double[][] a, double[][] b) {
        List<double[]> rows = new ArrayList<>();
        for (double[] row : a) {
            rows.add(Plain.times(row, b, b[0].length));
        }
        return rows.toArray(double[][]::new);
    }
}
