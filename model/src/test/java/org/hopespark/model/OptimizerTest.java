package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.Reduction;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The update of a level against AdamW in plain Java. */
final class OptimizerTest {

    @ParameterizedTest(name = "clip-norm {0}")
    @ValueSource(doubles = {0, 0.2, 1000})
    void updateIsAdamWOfTheClippedMeanOfTheWindow(double clipNorm) {
        RunConfig config = Tiny.config(
                "training.clip-norm=" + clipNorm,
                "training.weight-decay=0.5",
                "training.learning-rate=0.05",
                "levels.1.learning-rate-factor=0.5");
        Map<String, Moments> moments = new HashMap<>();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            for (int step = 1; step <= 6; step++) {
                network.forwardBackward(Tiny.batch(step, 2, Tiny.TOKENS, 0), 1.0);
                for (Level level : config.schedule().dueAt(step)) {
                    List<ParameterSpec> owned = network.architecture().parameters().stream()
                            .filter(spec -> spec.level().equals(level))
                            .toList();
                    Map<String, FlatBuffer> gradients = Tiny.gradients(network);
                    double norm = 0;
                    for (ParameterSpec spec : owned) {
                        for (double g : Tiny.values(gradients, spec.name())) {
                            norm += g * g;
                        }
                    }
                    norm = Math.sqrt(norm) / level.periodSteps();
                    double cut = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1;
                    Map<String, double[]> expected = new HashMap<>();
                    for (ParameterSpec spec : owned) {
                        double[] gradient = Tiny.values(gradients, spec.name());
                        for (int i = 0; i < gradient.length; i++) {
                            gradient[i] *= cut / level.periodSteps();
                        }
                        double[] parameter = Tiny.values(Tiny.parameters(network), spec.name());
                        moments.computeIfAbsent(spec.name(), name -> new Moments(gradient.length))
                                .update(parameter, gradient, spec.decays(), step, level, config.training());
                        expected.put(spec.name(), parameter);
                    }

                    assertThat(network.levels().update(level, step, config.training()))
                            .isCloseTo(norm, within(1e-10 * norm));

                    Map<String, FlatBuffer> parameters = Tiny.parameters(network);
                    for (ParameterSpec spec : owned) {
                        assertThat(Tiny.values(parameters, spec.name()))
                                .as("%s at step %d", spec.name(), step)
                                .containsExactly(requireNonNull(expected.get(spec.name())), within(1e-10));
                    }
                }
            }
        }
    }

    /**
     * Each reading of Eq. 71 over several windows of the loop, with windows that warm-up drops and parts whose first
     * window is shorter. The gradients are those that a second network finds for one step alone.
     */
    @ParameterizedTest(name = "{0}, warm-up of {1}, stagger {2}")
    @CsvSource({
        "mean, 0, false",
        "mean, 0, true",
        "mean, 6, false",
        "sum, 0, true",
        "sum, 6, false",
        "sum-of-updates, 0, false",
        "sum-of-updates, 6, false",
        "sum-of-updates, 6, true"
    })
    void slowLevelsFollowTheirReductionOverSeveralWindows(String reduction, int warmupSteps, boolean stagger) {
        RunConfig config = Tiny.config(
                "training.clip-norm=0.5",
                "training.weight-decay=0.5",
                "training.learning-rate=0.05",
                "training.warmup-steps=" + warmupSteps,
                "levels.1.period-steps=4",
                "levels.1.stagger=" + stagger,
                "levels.1.reduction=" + reduction,
                "levels.1.learning-rate-factor=0.5");
        List<Level> slow = config.schedule().levels().stream()
                .filter(level -> level.index() == 2)
                .toList();
        assertThat(slow).hasSize(stagger ? 2 : 1);
        try (Network network = new Network(config, ElementType.FLOAT64, -1);
                Network second = new Network(config, ElementType.FLOAT64, -1)) {
            Map<Level, Expected> expected = new HashMap<>();
            slow.forEach(level -> expected.put(level, new Expected(network, level, config.training())));
            for (int step = 1; step <= 14; step++) {
                long[] before = network.levels().digests();
                Tiny.copyParameters(network, second);
                config.schedule()
                        .levels()
                        .forEach(level -> second.levels().gradient(level).clear());
                TokenBatch batch = Tiny.batch(step, 2, Tiny.TOKENS, 0, 8);
                second.forwardBackward(batch, 1.0 / batch.targetCount());

                Tiny.loop(config, network, report -> {}).run(step, step);

                for (Level level : slow) {
                    boolean moves = (step + level.phaseSteps()) % 4 == 0 && step >= warmupSteps;
                    Expected one = requireNonNull(expected.get(level));
                    one.add(step, Tiny.gradients(second));
                    if ((step + level.phaseSteps()) % 4 == 0) {
                        one.close(step, moves);
                    }
                    int index = config.schedule().levels().indexOf(level);
                    assertThat(network.levels().digests()[index] != before[index])
                            .as("%s moved at step %d", level, step)
                            .isEqualTo(moves);
                    one.assertEquals(network, step);
                }
            }
        }
    }

    /** AdamW does not care for the size of gradients, but clipping and epsilon do. */
    @Test
    void sumDiffersFromMeanByClippingAndEpsilonAlone() {
        List<Double> norms = new ArrayList<>();
        double[] mean = train("mean", 0, 1e-200, norms);
        assertThat(norms).hasSize(3);
        assertThat(farthest(train("sum", 0, 1e-200, new ArrayList<>()), mean)).isLessThan(1e-9);

        double epsilon = 1e-2;
        assertThat(farthest(train("mean", 0, epsilon, norms), train("sum", 0, epsilon, norms)))
                .isGreaterThan(1e-6);
        // above all means of these windows, and below the sum of one
        double clipNorm = 2 * norms.subList(0, 3).stream().max(Double::compare).orElseThrow();
        assertThat(farthest(train("mean", clipNorm, 1e-200, norms), train("sum", clipNorm, 1e-200, norms)))
                .isGreaterThan(1e-6);
    }

    private static double[] train(String reduction, double clipNorm, double epsilon, List<Double> norms) {
        RunConfig config = Tiny.config(
                "training.clip-norm=" + clipNorm,
                "training.epsilon=" + epsilon,
                "levels.1.period-steps=4",
                "levels.1.reduction=" + reduction);
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            Tiny.loop(
                            config,
                            network,
                            report -> report.levels().stream()
                                    .filter(level -> level.level().index() == 2)
                                    .forEach(level -> norms.add(level.gradientNorm())))
                    .run(1, 12);
            return Tiny.values(Tiny.parameters(network), "blocks.0.continuum.2.up");
        }
    }

    private static double farthest(double[] a, double[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElseThrow();
    }

    /** One level in plain Java: what it makes of the gradients of single steps. */
    private static final class Expected {
        private final Level level;
        private final TrainingConfig training;
        private final Map<ParameterSpec, double[]> parameters = new HashMap<>();
        private final Map<ParameterSpec, double[]> window = new HashMap<>();
        private final Map<ParameterSpec, Moments> moments = new HashMap<>();
        private int summed;

        Expected(Network network, Level level, TrainingConfig training) {
            this.level = level;
            this.training = training;
            Map<String, FlatBuffer> start = Tiny.parameters(network);
            network.architecture().parameters().stream()
                    .filter(spec -> spec.level().equals(level))
                    .forEach(spec -> {
                        double[] values = Tiny.values(start, spec.name());
                        parameters.put(spec, values);
                        window.put(spec, new double[values.length]);
                        moments.put(spec, new Moments(values.length));
                    });
        }

        /** The window has the step's gradient more, or what AdamW makes of it. */
        void add(long step, Map<String, FlatBuffer> gradients) {
            Map<ParameterSpec, double[]> gradient = new HashMap<>();
            parameters.keySet().forEach(spec -> gradient.put(spec, Tiny.values(gradients, spec.name())));
            summed++;
            Map<ParameterSpec, double[]> added =
                    level.reduction() == Reduction.SUM_OF_UPDATES ? changes(step, gradient) : gradient;
            window.replaceAll((spec, sum) -> Plain.plus(sum, requireNonNull(added.get(spec))));
        }

        void close(long step, boolean moves) {
            if (moves) {
                if (level.reduction() == Reduction.MEAN) {
                    window.values().forEach(sum -> scale(sum, 1.0 / summed));
                }
                Map<ParameterSpec, double[]> change =
                        level.reduction() == Reduction.SUM_OF_UPDATES ? window : changes(step, window);
                parameters.replaceAll((spec, old) -> Plain.plus(old, requireNonNull(change.get(spec))));
            }
            window.replaceAll((spec, sum) -> new double[sum.length]);
            summed = 0;
        }

        private Map<ParameterSpec, double[]> changes(long step, Map<ParameterSpec, double[]> gradient) {
            double norm = Math.sqrt(gradient.values().stream()
                    .flatMapToDouble(Arrays::stream)
                    .map(g -> g * g)
                    .sum());
            Map<ParameterSpec, double[]> changes = new HashMap<>();
            gradient.forEach((spec, values) -> {
                double[] clipped = values.clone();
                scale(clipped, Math.min(1, training.clipNorm() / norm));
                double[] parameter = requireNonNull(parameters.get(spec));
                double[] moved = parameter.clone();
                requireNonNull(moments.get(spec)).update(moved, clipped, spec.decays(), step, level, training);
                for (int i = 0; i < moved.length; i++) {
                    moved[i] -= parameter[i];
                }
                changes.put(spec, moved);
            });
            return changes;
        }

        private static void scale(double[] values, double factor) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= factor;
            }
        }

        void assertEquals(Network network, long step) {
            Map<String, FlatBuffer> actual = Tiny.parameters(network);
            parameters.forEach((spec, values) -> assertThat(Tiny.values(actual, spec.name()))
                    .as("%s at step %d", spec.name(), step)
                    .containsExactly(values, within(1e-9)));
        }
    }

    /** AdamW (Loshchilov and Hutter 2019, Algorithm 2), decay scaled with the learning rate. */
    private static final class Moments {
        private final double[] first;
        private final double[] second;
        private int updates;

        Moments(int elements) {
            first = new double[elements];
            second = new double[elements];
        }

        void update(
                double[] parameter,
                double[] gradient,
                boolean decays,
                long step,
                Level level,
                TrainingConfig training) {
            updates++;
            double rate = training.learningRateAt(step) * level.learningRateFactor();
            double decay = decays ? training.weightDecay() : 0;
            for (int i = 0; i < parameter.length; i++) {
                first[i] = training.beta1() * first[i] + (1 - training.beta1()) * gradient[i];
                second[i] = training.beta2() * second[i] + (1 - training.beta2()) * gradient[i] * gradient[i];
                double mean = first[i] / (1 - Math.pow(training.beta1(), updates));
                double square = second[i] / (1 - Math.pow(training.beta2(), updates));
                parameter[i] -= rate * (mean / (Math.sqrt(square) + training.epsilon()) + decay * parameter[i]);
            }
        }
    }
}
