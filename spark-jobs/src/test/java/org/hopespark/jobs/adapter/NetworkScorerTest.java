package org.hopespark.jobs.adapter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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

    /** Eight letters, twelve times: through every question that a task can ask. */
    @Test
    void whatIsLearnedInContextShowsInEveryAnswer() {
        List<String> learning = List.of(
                "model.in-context.blocks=1",
                "levels.0.in-context-tokens=4",
                "model.in-context.learning-rate=3",
                "model.context-tokens=128");
        RunConfig still = RunConfig.parse("test", CONFIG).with(List.of("model.context-tokens=128"));
        String pattern = "qbxjfwzk";
        String context = pattern.repeat(8);
        String rest = pattern.repeat(4);
        try (Network plain = shaken(new Network(still));
                Network network = shaken(new Network(still.with(learning)))) {
            Map<String, Double> without = answers(plain, context, rest);
            answers(network, context, rest).forEach((question, with) -> {
                double before = requireNonNull(without.get(question));
                assertThat(with - before)
                        .as("nats a token that %s: %s with, %s without", question, with, before)
                        .isGreaterThan(2);
            });
            assertThat(new NetworkScorer(network, 0).write(new Letters().encode(context), 16))
                    .as("ids that are written")
                    .isNotEqualTo(new NetworkScorer(plain, 0).write(new Letters().encode(context), 16));
        }
    }

    /** Mean log-probability of the letters of the rest, by question. */
    private static Map<String, Double> answers(Network network, String context, String rest) {
        NetworkScorer scorer = new NetworkScorer(network, 0);
        LanguageModel model = new TokenLanguageModel(new Letters(), scorer, EvaluationSettings.DEFAULT);
        Map<String, Double> answers = new TreeMap<>();
        Request request = new Request(context, rest);
        answers.put("a request alone has", mean(model.continuations(List.of(request))));
        answers.put(
                "requests of one context have",
                mean(model.continuations(List.of(request, new Request(context, "abcdefgh")))
                        .subList(0, 1)));
        answers.put("a document has", mean(model.documents(List.of(context + rest))));
        double[] carried = model.carried(List.of(context + rest)).get(0);
        answers.put(
                "a document that is carried has",
                Arrays.stream(carried, context.length(), carried.length)
                        .average()
                        .orElseThrow());
        return answers;
    }

    private static double mean(List<Likelihood> likelihoods) {
        return likelihoods.get(0).logLikelihood() / likelihoods.get(0).tokens();
    }

    /** Far from the start, where all logits are near zero whatever is learned. */
    private static Network shaken(Network network) {
        Random random = new Random(11);
        network.levels()
                .parameters()
                .forEach(tensor -> tensor.data().slices().forEach(slice -> {
                    for (int at = 0; at < slice.capacity(); at += Float.BYTES) {
                        slice.putFloat(at, slice.getFloat(at) + (float) (0.3 * random.nextGaussian()));
                    }
                }));
        network.levels().sectionsLoaded();
        return network;
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
