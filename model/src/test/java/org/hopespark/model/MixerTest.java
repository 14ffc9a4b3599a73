package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertThat(Tiny.config("model.pattern=[{\"ttt-mlp\":{\"chunk-tokens\":8,\"base-rate\":0.2}},mamba]")
                        .model()
                        .mixing())
                .isEqualTo("ttt-mlp (chunk tokens 8, base rate 0.2), mamba");
        assertThat(model.alignTokens()).isEqualTo(4);
        assertThat(Tiny.config("model.pattern=[" + WINDOW + "]").model().alignTokens())
                .isEqualTo(1);
    }

    @Test
    void aContextIsAMultipleOfEveryChunk() {
        assertThat(Tiny.config().model().contextUnit()).isEqualTo(4);
        assertThat(Tiny.config("model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":8}},attention]")
                        .model()
                        .contextUnit())
                .isEqualTo(8);
        assertThat(Tiny.config(
                                "model.context-tokens=24",
                                "model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":6}},titans]")
                        .model()
                        .contextUnit())
                .isEqualTo(12);
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[mamba]",
                "[{\"ttt-linear\":{\"chunk-tokens\":4}}]",
                "[{\"ttt-mlp\":{\"chunk-tokens\":16}},mamba]"
            })
    void aLearnedStateIsOfConstantSize(String pattern) {
        assertThat(growth("model.pattern=" + pattern)).isZero();
    }

    /** What networks with the layers of the authors' code have, whose feed-forward layer is the MLP here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[ttt-linear] | 1280 | 20467832",
                "[ttt-mlp] | 1136 | 20498552",
                "[mamba,{\"attention\":{\"window\":512}}] | 1200 | 20498432"
            })
    void layersHaveTheParametersOfThePublishedOnes(String pattern, int hidden, long parameters) {
        RunConfig config = Tiny.config(
                "model.vocabulary-size=50257",
                "model.width=256",
                "model.head-width=64",
                "model.blocks=6",
                "model.context-tokens=512",
                "model.pattern=" + pattern,
                "levels=[{period-steps: 1, continuum-hidden: " + hidden + "}]");
        assertThat(Architecture.of(config).size()).isEqualTo(parameters);
    }

    @Test
    void mambaBeginsWithDecaysFromSlowToFastAndSmallSteps() {
        RunConfig config = Tiny.config("model.pattern=[{\"mamba\":{\"state-width\":5,\"dt-rank\":4}}]");
        try (Network network = new Network(config)) {
            Map<String, FlatBuffer> parameters = Tiny.parameters(network);
            double[] decays = Tiny.values(parameters, "blocks.0.mixer.a-log");
            for (int i = 0; i < decays.length; i++) {
                assertThat(Math.exp(decays[i])).isCloseTo(1 + i % 5, within(1e-5));
            }
            double[] steps = Arrays.stream(Tiny.values(parameters, "blocks.0.mixer.step-bias"))
                    .map(bias -> Math.log1p(Math.exp(bias)))
                    .sorted()
                    .toArray();
            assertThat(steps[0]).isBetween(0.001, 0.002);
            assertThat(steps[steps.length / 2]).as("median").isBetween(0.005, 0.02);
            assertThat(steps[steps.length - 1]).isBetween(0.05, 0.1);
            double[] weights = Tiny.values(parameters, "blocks.0.mixer.step");
            assertThat(Arrays.stream(weights).map(Math::abs).max().orElseThrow())
                    .isBetween(0.4, 0.5);
            assertThat(Arrays.stream(weights).map(Math::abs).average().orElseThrow())
                    .isCloseTo(0.25, within(0.05));
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
                "model.pattern=[{\"titans\":{\"head-width\":5}},{\"attention\":{\"window\":17,\"head-width\":1}},"
                        + "{\"ttt-mlp\":{\"chunk-tokens\":5}}]",
                "model.blocks=4");
        assertThatThrownBy(() -> Tiny.config(settings.toArray(String[]::new)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("head-width 5 must divide width 16")
                .hasMessageContaining("window 17 must be at most context-tokens 16")
                .hasMessageContaining("head-width must be even for rotary positions, got 1")
                .hasMessageContaining("chunk-tokens 5 must divide context-tokens 16")
                .hasMessageContaining("pattern has 3 mixers, which must divide the number of blocks, 4");
        assertThatThrownBy(
                        () -> Tiny.config(
                                "model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":0,\"base-rate\":-1}},{\"mamba\":{\"expand\":0}}]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("chunk-tokens must be >= 1, got 0")
                .hasMessageContaining("base-rate must be > 0, got -1.0")
                .hasMessageContaining("expand must be >= 1, got 0");
        assertThatThrownBy(() -> Tiny.config("model.pattern=[hyena]"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("hyena")
                .hasMessageContaining("titans, attention, retnet, deltanet, gated-deltanet, mamba2, kda");
    }
}
