package org.hopespark.model.eval.continual;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.eval.Measurement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ContinualRunTest {
    private static final String FIRST_AFTER_ALL = "learned=2,task=1";

    @Test
    void theFirstTaskIsForgottenUnlessItsTextsComeAgain() {
        Scores naive = run(Toy.settings(Method.NAIVE));
        assertThat(naive.at("acc learned=1,task=1")).isGreaterThan(0.9);
        assertThat(naive.at("acc learned=2,task=2")).isGreaterThan(0.9);
        assertThat(naive.at("acc " + FIRST_AFTER_ALL)).isLessThan(0.3);
        assertThat(naive.at("forgetting ")).isGreaterThan(0.6);
        for (Method method : List.of(Method.JOINT, Method.REPLAY)) {
            Scores scores = run(Toy.settings(method));
            assertThat(scores.at("acc " + FIRST_AFTER_ALL)).as(method.title()).isGreaterThan(0.9);
            assertThat(scores.at("average_accuracy ")).as(method.title()).isGreaterThan(0.9);
        }
    }

    @Test
    void summariesFollowFromTheEntries() {
        Scores scores = run(Toy.settings(Method.NAIVE, 2, 100, 1));
        double last = scores.at("acc learned=2,task=1");
        double own = scores.at("acc learned=2,task=2");
        assertThat(scores.at("average_accuracy ")).isEqualTo((last + own) / 2);
        assertThat(scores.at("backward_transfer ")).isEqualTo(last - scores.at("acc learned=1,task=1"));
        assertThat(scores.at("forward_transfer "))
                .isEqualTo(scores.at("acc learned=1,task=2") - scores.at("acc learned=0,task=2"));
    }

    @Test
    void chanceIsOneOfTheLabelsSeenSoFar() {
        RunConfig config = Toy.config();
        try (Network network = new Network(config)) {
            List<Measurement> scores = run(config, network, Toy.settings(Method.IN_CONTEXT));
            assertThat(scores)
                    .filteredOn(score -> score.metric().equals("acc"))
                    .extracting(score -> score.part() + " " + score.n() + " " + score.chance())
                    .containsExactly(
                            "learned=0,task=1 16 0.5",
                            "learned=0,task=2 16 0.25",
                            "learned=1,task=1 16 0.5",
                            "learned=1,task=2 16 0.25",
                            "learned=2,task=1 16 0.25",
                            "learned=2,task=2 16 0.25");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"REPLAY", "LWF", "EWC"})
    void theSameSeedGivesTheSameScores(Method method) {
        ContinualSettings settings = Toy.settings(method, 1, 100, 1);
        assertThat(run(settings)).isEqualTo(run(settings));
    }

    @ParameterizedTest
    @EnumSource(
            value = Method.class,
            names = {"FROZEN", "FAST_LEVELS", "IN_CONTEXT", "INCA", "NAIVE", "LEVELS"})
    void onlyWhatMayMoveMoves(Method method) {
        RunConfig config = Toy.config();
        try (Network network = new Network(config)) {
            Map<String, double[]> before = parameters(network);
            run(config, network, Toy.settings(method, 1, 100, 1));
            parameters(network).forEach((name, after) -> {
                boolean moves = switch (method) {
                    case FROZEN -> name.contains(".continuum.");
                    case FAST_LEVELS -> !name.contains(".continuum.2.");
                    case IN_CONTEXT, INCA -> false;
                    default -> true;
                };
                assertThat(!Arrays.equals(after, before.get(name))).as(name).isEqualTo(moves);
            });
        }
    }

    @Test
    void slowLevelsAreUpdatedWithTheirOwnPeriod() {
        RunConfig config = Toy.config("levels.1.period-steps=1000");
        try (Network network = new Network(config)) {
            long[] before = network.levels().digests();
            run(config, network, Toy.settings(Method.LEVELS, 1, 100, 1));
            assertThat(network.levels().digests()[0]).isNotEqualTo(before[0]);
            assertThat(network.levels().digests()[1]).isEqualTo(before[1]);
        }
    }

    @Test
    void aPatternThatMatchesNothingIsRefused() {
        RunConfig config = Toy.config();
        ContinualSettings settings =
                new ContinualSettings(Method.FROZEN, 2, 0, 16, 8, 1, 8, 1e-2, 1, 1, 32, List.of("head.*"), 5);
        try (Network network = new Network(config)) {
            assertThatThrownBy(() -> run(config, network, settings))
                    .isInstanceOf(UserException.class)
                    .hasMessage("moving: 'head.*' matches no parameter of the model");
        }
    }

    /** Values by metric and part. */
    private record Scores(Map<String, Double> values) {
        double at(String metricAndPart) {
            return requireNonNull(values.get(metricAndPart), metricAndPart);
        }
    }

    private static Scores run(ContinualSettings settings) {
        RunConfig config = Toy.config();
        Map<String, Double> result = new HashMap<>();
        try (Network network = new Network(config)) {
            run(config, network, settings)
                    .forEach(score -> result.put(score.metric() + " " + score.part(), score.value()));
        }
        return new Scores(result);
    }

    private static List<Measurement> run(RunConfig config, Network network, ContinualSettings settings) {
        return new ContinualRun(config, network, Toy.scorer(network), Toy.encoder(), 64, Toy.texts(), settings)
                .measure();
    }

    private static Map<String, double[]> parameters(Network network) {
        Map<String, double[]> result = new HashMap<>();
        for (NamedTensor tensor : network.levels().parameters()) {
            double[] values = new double[(int) tensor.data().elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.data().get(i);
            }
            result.put(tensor.name(), values);
        }
        return result;
    }
}
