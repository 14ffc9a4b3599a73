package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linear recurrences at the ends of what they can learn; what they compute is compared in {@link TokenNetworkTest}. */
final class LinearTest {
    private static final int TOKENS = 256;

    /** Nearly all or nearly nothing is left of the state at every token, in chunks as long as they are shipped. */
    @ParameterizedTest
    @CsvSource({
        "gated-deltanet, 20",
        "gated-deltanet, -20",
        "mamba2, 20",
        "mamba2, -20",
        "kda, 20",
        "kda, -20",
        "gated-deltanet2, 20",
        "gated-deltanet2, -20"
    })
    void aDecayAtItsEndStaysFinite(String mixer, double bias) {
        RunConfig config = Tiny.config("model.width=32", "model.context-tokens=" + TOKENS, "model.mixer=" + mixer);
        try (Network network = new Network(config, ElementType.FLOAT32, -1);
                Network exact = new Network(config, ElementType.FLOAT64, -1)) {
            TokenBatch batch = Tiny.batch(5, 1, TOKENS, 0);

            double loss = lossWith(network, bias, batch);

            assertThat(Math.abs(loss / lossWith(exact, bias, batch) - 1)).isLessThan(1e-4);
            Tiny.gradients(network)
                    .forEach((name, gradient) -> assertThat(Arrays.stream(Tiny.values(gradient))
                                    .map(Math::abs)
                                    .max()
                                    .orElseThrow())
                            .as(name)
                            .isLessThan(1e3));
        }
    }

    private static double lossWith(Network network, double bias, TokenBatch batch) {
        for (String block : List.of("blocks.0.", "blocks.1.")) {
            FlatBuffer biases = requireNonNull(Tiny.parameters(network).get(block + "mixer.decay.bias"));
            for (int i = 0; i < biases.elements(); i++) {
                Tiny.set(biases, i, bias);
            }
        }
        network.levels().sectionsLoaded();
        return network.forwardBackward(batch, 1.0 / TOKENS);
    }
}
