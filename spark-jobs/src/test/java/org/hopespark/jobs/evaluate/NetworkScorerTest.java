package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Network;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.LanguageModel;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Request;
import org.hopespark.model.eval.TextEncoder;
import org.hopespark.model.eval.TokenLanguageModel;
import org.junit.jupiter.api.Test;

class NetworkScorerTest {
    private static final String CONFIG = """
            model: {vocabulary-size: 128, width: 32, blocks: 2, head-width: 16, chunk-tokens: 4, context-tokens: 32}
            levels: [{period-steps: 1, continuum-hidden: 32}]
            """;

    @Test
    void requestsAskedTogetherAreAnsweredAsThoseAskedAlone() {
        try (Network network = new Network(RunConfig.parse("test", CONFIG))) {
            NetworkScorer scorer = new NetworkScorer(network, 0);
            LanguageModel model = new TokenLanguageModel(new Letters(), scorer, EvaluationSettings.DEFAULT);
            List<Request> requests = List.of(
                    new Request("the cat sat", " on it"),
                    new Request("the cat sat", " x"),
                    new Request("a dog", " barks at the moon"),
                    new Request("my", " own"),
                    new Request("the hen sat", " on an egg"),
                    new Request("the hen sat", "s"),
                    new Request("the cat sat", " in a hat"));
            List<Likelihood> together = model.continuations(requests);
            for (int i = 0; i < requests.size(); i++) {
                Request request = requests.get(i);
                double[] all = scorer.carried(new Letters().encode(request.context() + request.continuation()));
                double expected = IntStream.range(request.context().length() - 1, all.length)
                        .mapToDouble(t -> all[t])
                        .sum();
                assertThat(together.get(i).logLikelihood()).as("%s", request).isCloseTo(expected, within(1e-3));
                assertThat(together.get(i).tokens())
                        .isEqualTo(request.continuation().length());
            }
        }
    }

    /** ASCII, an id a letter. */
    private static final class Letters implements TextEncoder {
        @Override
        public int[] encode(String text) {
            return text.chars().toArray();
        }

        @Override
        public String decode(int[] ids) {
            throw new UnsupportedOperationException("nothing is written here");
        }

        @Override
        public int prefixToken() {
            return 0;
        }

        @Override
        public String name() {
            return "letters";
        }

        @Override
        public String fingerprint() {
            return name();
        }
    }
}
