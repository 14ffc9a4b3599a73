package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mixers that differ from block to block; what they compute is compared with plain loops in {@link TokenNetworkTest}.
 */
final class MixerTest {
    private static final String WINDOW = "{\"attention\":{\"window\":5}}";

    @Test
    void aPatternIsRepeatedOverTheBlocks() {
        ModelConfig model = Tiny.config("model.blocks=6", "model.pattern=[titans,titans," + WINDOW + "]")
                .model();
        assertThat(Mixer.kindOfBlocks(model)).containsExactly(0, 0, 1, 0, 0, 1);
        assertThat(Mixer.kinds(model)).hasSize(2);
        assertThat(model.mixing()).isEqualTo("titans, titans, attention (window 5)");
        assertThat(model.alignTokens()).isEqualTo(4);
        assertThat(Tiny.config("model.pattern=[" + WINDOW + "]").model().alignTokens())
                .isEqualTo(1);
    }

    @Test
    void theShortFormIsAPatternOfOne() {
        assertThat(Tiny.config("model.pattern=[titans]").model().mixers())
                .isEqualTo(Tiny.config().model().mixers());
        assertThat(Tiny.config("model.pattern=[attention]").model().mixers())
                .isEqualTo(Tiny.config("model.mixer=attention").model().mixers());
    }

    @ParameterizedTest
    @MethodSource("org.hopespark.model.Ingredients#patterns")
    void aScriptTakesAsManyParametersAsItsMixerHas(String pattern) {
        RunConfig config = Tiny.config(pattern);
        ParameterSpecs specs = new ParameterSpecs(config);
        for (Mixer mixer : Mixer.kinds(config.model())) {
            assertThat(mixer.parameters(specs, "blocks.0.mixer.")).hasSize(mixer.parameterCount());
        }
    }

    @Test
    void aWindowKeepsAStateOfConstantSizeWhereAttentionGrows() {
        assertThat(growth("model.pattern=[titans," + WINDOW + "]")).isZero();
        assertThat(growth("model.pattern=[titans,attention]")).isPositive();
    }

    private static long growth(String pattern) {
        try (Network network = Tiny.shaken(Tiny.config(pattern));
                InferenceState state = network.inference().begin()) {
            // whole chunks, so that none is open
            network.inference().advance(state, 1, 2, 3, 4, 5, 6, 7, 8);
            long before = state.elements();
            network.inference().advance(state, 8, 7, 6, 5, 4, 3, 2, 1);
            return state.elements() - before;
        }
    }

    @Test
    void aWindowCostsWhatItSees() {
        double all = Cost.of(Tiny.config("model.mixer=attention")).forwardFlopsPerToken();
        double wide = Cost.of(Tiny.config("model.pattern=[{\"attention\":{\"window\":16}}]"))
                .forwardFlopsPerToken();
        double narrow = Cost.of(Tiny.config("model.pattern=[{\"attention\":{\"window\":4}}]"))
                .forwardFlopsPerToken();
        assertThat(wide).isEqualTo(all);
        // of 16 tokens the first four see 1, 2, 3, 4, the others 4: half a token less for each, as an integral counts
        assertThat(all - narrow).isEqualTo(2 * 4 * 16 * (8 - 3.5));
    }

    @Test
    void everyProblemOfAPatternIsReported() {
        List<String> settings = List.of(
                "model.blocks=3",
                "model.pattern=[{\"titans\":{\"head-width\":5}},{\"attention\":{\"window\":17,\"head-width\":1}}]");
        assertThatThrownBy(() -> Tiny.config(settings.toArray(String[]::new)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("head-width 5 must divide width 16")
                .hasMessageContaining("window 17 must be at most context-tokens 16")
                .hasMessageContaining("head-width must be even for rotary positions, got 1")
                .hasMessageContaining("pattern has 2 mixers, which must divide the number of blocks, 3");
        assertThatThrownBy(() -> Tiny.config("model.pattern=[lstm]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("lstm")
                .hasMessageContaining("titans, attention, retnet, deltanet, gated-deltanet, mamba2, kda");
    }
}
