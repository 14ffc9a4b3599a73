package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.Collectors;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DivergenceTest {
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void gradientThatIsNotFiniteStopsTheUpdateAndNamesItsTensor(double poison) {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config)) {
            Tiny.train(config, network, 2);
            Map<String, Long> before = digests(network);
            Level level = config.schedule().levels().get(0);
            Tiny.set(requireNonNull(Tiny.gradients(network).get("blocks.1.mixer.gate")), 7, poison);
            network.levels().sectionsLoaded();

            assertThatThrownBy(() -> network.levels().update(level, 3, config.training()))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("level " + level + " is not finite at step 3")
                    .hasMessageContaining("1 of 256 values of blocks.1.mixer.gate");
            assertThat(digests(network)).isEqualTo(before);
        }
    }

    @Test
    void gradientWhoseNormOverflowsStopsTheUpdate() {
        RunConfig config = Tiny.config();
        try (Network network = new Network(config, ElementType.FLOAT64, -1)) {
            Tiny.set(requireNonNull(Tiny.gradients(network).get("blocks.1.mixer.gate")), 7, 1e300);
            network.levels().sectionsLoaded();
            assertThatThrownBy(() ->
                            network.levels().update(config.schedule().levels().get(0), 1, config.training()))
                    .isInstanceOf(DivergedException.class)
                    .hasMessageContaining("their norm overflows");
        }
    }

    /** Of everything but gradients. */
    private static Map<String, Long> digests(Network network) {
        return network.levels().sectionsToLoad(Accumulators.REDUCED).stream()
                .filter(section -> !section.name().endsWith("accumulator"))
                .flatMap(section -> section.tensors().stream())
                .collect(Collectors.toMap(
                        NamedTensor::name, tensor -> tensor.data().digest(), (a, b) -> a + b));
    }
}
