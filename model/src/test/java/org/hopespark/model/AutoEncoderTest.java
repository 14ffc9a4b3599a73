package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a network tells of a whole sequence from the state of its last token; in float64. */
final class AutoEncoderTest {
    @ParameterizedTest
    @ValueSource(strings = {"titans", "attention"})
    void scoresEqualThoseOfPlainLoops(String mixer) {
        try (Network network = shaken(mixer)) {
            List<TokenBatch.Sequence> rows = batch().sequences();
            double[] scores = network.scores(batch()).logProbabilities();
            TokenNetwork plain = new TokenNetwork(network);
            for (int b = 0; b < rows.size(); b++) {
                assertThat(Plain.row(scores, b, Tiny.TOKENS))
                        .containsExactly(plain.decodedLogProbabilities(rows.get(b)), within(1e-11));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"titans", "attention"})
    void gradientOfEveryParameterTensorEqualsFiniteDifferences(String mixer) {
        try (Network network = shaken(mixer)) {
            GradientTest.assertGradientEqualsFiniteDifferences(network, batch());
        }
    }

    @Test
    void theDecoderIsTrained() {
        RunConfig config = Tiny.config();
        try (Network network = Network.autoEncoder(config, ElementType.FLOAT64, -1)) {
            Map<String, FlatBuffer> parameters = Tiny.parameters(network);
            double[] before = Tiny.values(parameters, "decoder.2.linear");
            Tiny.train(config, network, 2);
            assertThat(Tiny.values(parameters, "decoder.2.linear")).isNotEqualTo(before);
        }
    }

    @Test
    void whatReadsTokenByTokenIsRefused() {
        try (Network network = Network.autoEncoder(Tiny.config(), ElementType.FLOAT64, -1)) {
            assertThatThrownBy(network.inference()::begin).isInstanceOf(IllegalStateException.class);
        }
        RunConfig inContext = Tiny.config("model.in-context.blocks=1", "levels.0.in-context-tokens=4");
        assertThatThrownBy(() -> Network.autoEncoder(inContext, ElementType.FLOAT64, -1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("set model.in-context.blocks to 0");
    }

    private static Network shaken(String mixer) {
        return Tiny.shaken(Network.autoEncoder(Tiny.config("model.mixer=" + mixer), ElementType.FLOAT64, -1));
    }

    /** Each target is the id itself. */
    private static TokenBatch batch() {
        return new TokenBatch(Tiny.batch(4, 2, Tiny.TOKENS, 0).sequences().stream()
                .map(row -> new TokenBatch.Sequence(row.inputs(), row.inputs(), row.starts()))
                .toList());
    }
}
