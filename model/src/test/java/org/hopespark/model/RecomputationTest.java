package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Backward from what it recomputes. */
final class RecomputationTest {
    static Stream<String> settings() {
        return Stream.concat(
                Stream.of(
                        "model.documents=reset",
                        "model.documents=carry",
                        "model.mixer=attention",
                        "model.memory.main-chunk-tokens=2",
                        "model.memory.main-chunk-tokens=8",
                        "model.memory.inner-momentum=0.6",
                        "model.memory.depth=1"),
                Ingredients.patterns().stream());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void gradientsAreThoseOfAPassThatKeepsEverything(String setting) {
        TokenBatch batch = Tiny.batch(5, 2, Tiny.TOKENS, 0, 8);
        for (int chunks : new int[] {1, 2, 3, 100}) {
            try (Network kept = Tiny.shaken(Tiny.config(setting));
                    Network anew = Tiny.shaken(Tiny.config(setting, "training.recompute-every-chunks=" + chunks))) {
                double loss = kept.forwardBackward(batch, 0.1);
                assertThat(anew.forwardBackward(batch, 0.1)).isCloseTo(loss, within(1e-12 * loss));

                Map<String, FlatBuffer> gradients = Tiny.gradients(anew);
                Tiny.gradients(kept)
                        .forEach((name, expected) -> assertThat(Tiny.values(requireNonNull(gradients.get(name))))
                                .as("%s, %d chunks at a time", name, chunks)
                                .containsExactly(Tiny.values(expected), within(1e-12)));
            }
        }
    }
}
