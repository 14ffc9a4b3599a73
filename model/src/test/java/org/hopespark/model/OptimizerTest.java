package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.TrainingConfig;
import org.junit.jupiter.params.ParameterizedTest;
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

                    assertThat(network.update(level, step, config.training())).isCloseTo(norm, within(1e-10 * norm));

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
