package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The network against plain loops over tokens, for every setting of its block. */
final class TokenNetworkTest {
    @ParameterizedTest
    @MethodSource({"org.hopespark.model.Ingredients#oneByOne", "org.hopespark.model.Ingredients#combined"})
    void scoresEqualThoseOfPlainLoopsOverTokens(String settings) {
        try (Network network = Tiny.shaken(Tiny.config(settings.split(" ")))) {
            for (int tokens : new int[] {Tiny.TOKENS, 13}) {
                List<TokenBatch.Sequence> rows = List.of(
                        Tiny.batch(1, 1, tokens, 0, 8).sequences().get(0),
                        Tiny.batch(2, 1, tokens, 0).sequences().get(0));

                double[] scores = network.scores(new TokenBatch(rows)).logProbabilities();

                assertEqualsPlainLoops(scores, network, rows);
            }
        }
    }

    /** More tokens than Mamba scans at once, the last ones a part of that, and a document that starts inside. */
    @Test
    void aScanContinuesTheOneBefore() {
        try (Network network = Tiny.shaken(Tiny.config("model.context-tokens=40", "model.pattern=[mamba]"))) {
            List<TokenBatch.Sequence> rows = List.of(
                    Tiny.batch(1, 1, 40, 0, 21).sequences().get(0),
                    Tiny.batch(2, 1, 40, 0).sequences().get(0));

            assertEqualsPlainLoops(network.scores(new TokenBatch(rows)).logProbabilities(), network, rows);
        }
    }

    private static void assertEqualsPlainLoops(double[] scores, Network network, List<TokenBatch.Sequence> rows) {
        TokenNetwork plain = new TokenNetwork(network);
        int tokens = rows.get(0).inputs().length;
        for (int b = 0; b < rows.size(); b++) {
            assertThat(Plain.row(scores, b, tokens))
                    .containsExactly(plain.logProbabilities(rows.get(b)), within(1e-11));
        }
    }
}
