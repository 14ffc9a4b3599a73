package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory of Titans lives whatever its gates say; what it computes is compared in {@link TokenNetworkTest}. */
final class LmmTest {
    private static final int TOKENS = 2048;

    /**
     * Gates that learning may reach: all that a chunk may write, nearly all of the momentum kept, nothing forgotten.
     */
    @ParameterizedTest
    @ValueSource(strings = {"lmm", "mac"})
    void aDocumentOfOneTokenRepeatedDoesNotMakeItDiverge(String arrangement) {
        RunConfig config = Tiny.config(
                "model.context-tokens=" + TOKENS,
                "model.chunk-tokens=64",
                "model.pattern=[{\"titans-lmm\":{\"arrangement\":\"" + arrangement
                        + "\",\"theta-max\":1,\"chunk-tokens\":64,\"window\":128}}]");
        try (Network network = new Network(config, ElementType.FLOAT32, -1)) {
            Map<String, FlatBuffer> parameters = Tiny.parameters(network);
            for (int block = 0; block < 2; block++) {
                fill(parameters, block, "theta", 6);
                fill(parameters, block, "eta", 4);
                fill(parameters, block, "alpha", -12);
            }
            network.levels().sectionsLoaded();
            long[] ids = IntStream.rangeClosed(0, TOKENS).mapToLong(i -> 7).toArray();
            TokenBatch batch = new TokenBatch(List.of(Tiny.sequence(ids, 0)));

            double loss = network.forwardBackward(batch, 1.0 / TOKENS);

            assertThat(loss / TOKENS).isBetween(0.0, 10.0);
            Tiny.gradients(network)
                    .forEach((name, gradient) -> assertThat(Arrays.stream(Tiny.values(gradient))
                                    .map(Math::abs)
                                    .max()
                                    .orElseThrow())
                            .as(name)
                            .isLessThan(1e3));
        }
    }

    private static void fill(Map<String, FlatBuffer> parameters, int block, String gate, double value) {
        FlatBuffer bias = requireNonNull(parameters.get("blocks." + block + ".mixer." + gate + ".bias"));
        for (int i = 0; i < bias.elements(); i++) {
            Tiny.set(bias, i, value);
        }
    }
}
