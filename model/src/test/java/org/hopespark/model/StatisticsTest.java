package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatisticsTest {
    private static final double ALPHA_BIAS = 1.5;
    private static final double ETA_BIAS = -2;

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 8})
    void gatesThatFollowTheirBiasAloneAreReportedAsThat(int mainChunk) {
        RunConfig config = Tiny.config("model.memory.main-chunk-tokens=" + mainChunk);
        try (Network network = Tiny.shaken(config)) {
            fill(network, "alpha.head", 0);
            fill(network, "alpha.bias", ALPHA_BIAS);
            fill(network, "eta.head", 0);
            fill(network, "eta.bias", ETA_BIAS);
            for (InnerStatistics block : statistics(network)) {
                assertThat(block.alpha()).isCloseTo(sigmoid(ALPHA_BIAS), within(1e-12));
                assertThat(block.eta()).isCloseTo(config.model().memory().etaMax() * sigmoid(ETA_BIAS), within(1e-12));
                assertThat(block.errorNorm()).isBetween(0.1, 1.0);
            }
        }
    }

    @Test
    void memoriesThatDoNotLearnStayWhereTheyStart() {
        try (Network network = Tiny.shaken(Tiny.config("model.memory.eta-max=0", "model.memory.retention=false"))) {
            for (InnerStatistics block : statistics(network)) {
                assertThat(block.stateNorm()).isCloseTo(1, within(1e-12));
                assertThat(block.stateDrift()).isZero();
            }
        }
    }

    @Test
    void memoriesThatOnlyForgetShrinkByTheProductOfAlpha() {
        try (Network network = Tiny.shaken(Tiny.config("model.memory.eta-max=0"))) {
            fill(network, "alpha.head", 0);
            fill(network, "alpha.bias", ALPHA_BIAS);
            // up has T writes, each with its alpha, and so has down
            double left = Math.pow(sigmoid(ALPHA_BIAS), Tiny.TOKENS);
            for (InnerStatistics block : statistics(network)) {
                assertThat(block.stateNorm()).isCloseTo(left, within(1e-12));
                assertThat(block.stateDrift()).isCloseTo(1 - left, within(1e-12));
            }
        }
    }

    @Test
    void errorsAboveTheCapAreCounted() {
        try (Network network = Tiny.shaken(Tiny.config("model.memory.eta-max=0"))) {
            fill(network, "memory.down", 1e3);
            InnerStatistics first = statistics(network).get(0);
            assertThat(first.cappedShare()).isEqualTo(1);
            assertThat(first.errorNorm()).isCloseTo(1, within(1e-12));
            // keys and values are zero
            fill(network, "convolution", 0);
            first = statistics(network).get(0);
            assertThat(first.cappedShare()).isZero();
            assertThat(first.errorNorm()).isZero();
        }
    }

    @Test
    void driftIsTheRelativeDistanceFromTheStart() {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            for (Level level : config.schedule().levels()) {
                assertThat(network.drift(level)).isZero();
            }
            // every value 10 % larger
            Map<String, FlatBuffer> parameters = Tiny.parameters(network);
            parameters.values().forEach(tensor -> {
                for (int i = 0; i < tensor.elements(); i++) {
                    Tiny.set(tensor, i, 1.1 * Tiny.get(tensor, i));
                }
            });
            network.sectionsLoaded();
            for (Level level : config.schedule().levels()) {
                assertThat(network.drift(level)).isCloseTo(0.1, within(1e-9));
            }
        }
    }

    private static List<InnerStatistics> statistics(Network network) {
        List<InnerStatistics> blocks = network.innerStatistics(Tiny.batch(4, 1, Tiny.TOKENS));
        assertThat(blocks).hasSize(2);
        return blocks;
    }

    private static void fill(Network network, String suffix, double value) {
        Map<String, FlatBuffer> parameters = Tiny.parameters(network);
        parameters.keySet().stream().filter(name -> name.endsWith(suffix)).forEach(name -> {
            FlatBuffer tensor = requireNonNull(parameters.get(name));
            for (int i = 0; i < tensor.elements(); i++) {
                Tiny.set(tensor, i, value);
            }
        });
        network.sectionsLoaded();
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
