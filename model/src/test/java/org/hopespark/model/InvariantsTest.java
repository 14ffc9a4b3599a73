package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.TokenBatch.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of the network's outputs whatever its parameters are. */
final class InvariantsTest {
    private static final int T = Tiny.TOKENS;

    @ParameterizedTest
    @MethodSource("org.hopespark.model.Ingredients#oneByOne")
    void scoreOfATokenDoesNotDependOnLaterTokens(String settings) {
        try (Network network = Tiny.shaken(Tiny.config(settings.split(" ")))) {
            long[] ids = ids(T);
            double[] before = scores(network, ids);
            for (int changed = 1; changed < T; changed++) {
                long[] others = ids.clone();
                others[changed] = (ids[changed] + 5) % Tiny.VOCABULARY;
                double[] after = scores(network, others);

                // the target before the changed token is another one; everything before that must be the same bits
                assertThat(Arrays.copyOf(after, changed - 1)).containsExactly(Arrays.copyOf(before, changed - 1));
                assertThat(after[changed]).isNotEqualTo(before[changed]);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.hopespark.model.Ingredients#oneByOne")
    void everyTokenIsSeenByAllLaterOnes(String settings) {
        try (Network network = Tiny.shaken(Tiny.config(settings.split(" ")))) {
            long[] ids = ids(T);
            double[] before = scores(network, ids);
            ids[0] = (ids[0] + 5) % Tiny.VOCABULARY;

            assertThat(scores(network, ids)[T - 1]).isNotEqualTo(before[T - 1]);
        }
    }

    @Test
    void withoutInnerLearningOnlyTheConvolutionsLookBack() {
        RunConfig config = Tiny.config("model.memory.eta-max=0");
        try (Network network = Tiny.shaken(config)) {
            constant(network, "alpha.head", 0);
            constant(network, "alpha.bias", 50); // alpha = 1 to the last bit
            int reach = (config.model().memory().convolutionWidth() - 1)
                    * config.model().blocks();
            long[] ids = ids(T);
            double[] before = scores(network, ids);
            ids[0] = (ids[0] + 5) % Tiny.VOCABULARY;

            double[] after = scores(network, ids);

            assertThat(Arrays.copyOfRange(after, reach + 1, T))
                    .containsExactly(Arrays.copyOfRange(before, reach + 1, T), within(1e-13));
            assertThat(after[reach]).isNotCloseTo(before[reach], within(1e-13));
        }
    }

    @Test
    void chunkSizeIsIrrelevantWithoutInnerLearning() {
        assertThat(scoresWithChunksOf(2, 0)).containsExactly(scoresWithChunksOf(8, 0), within(1e-12));
        assertThat(distance(scoresWithChunksOf(2, 0.3), scoresWithChunksOf(8, 0.3)))
                .isGreaterThan(1e-3);
    }

    @ParameterizedTest
    @MethodSource("org.hopespark.model.Ingredients#oneByOne")
    void sequencesOfABatchDoNotSeeEachOther(String settings) {
        RunConfig config = Tiny.config(settings.split(" "));
        try (Network network = Tiny.shaken(config)) {
            int align = config.model().alignTokens();
            Sequence one = Tiny.batch(1, 1, T, 0, 8).sequences().get(0);
            Sequence two = Tiny.batch(2, 1, T, 0, align).sequences().get(0);
            Sequence other = Tiny.batch(3, 1, T, 0, T - align).sequences().get(0);

            double[] before = network.scores(new TokenBatch(List.of(one, two))).logProbabilities();
            double[] after = network.scores(new TokenBatch(List.of(one, other))).logProbabilities();
            double[] alone = network.scores(new TokenBatch(List.of(one))).logProbabilities();

            assertThat(Arrays.copyOf(after, T)).containsExactly(Arrays.copyOf(before, T));
            assertThat(Arrays.copyOf(after, T)).containsExactly(alone, within(1e-12));
            assertThat(after[T]).isNotEqualTo(before[T]);
        }
    }

    @ParameterizedTest
    @MethodSource("org.hopespark.model.Ingredients#oneByOne")
    void documentsOfARowScoreAsTheyDoAlone(String settings) {
        RunConfig config = Tiny.config(settings.split(" "));
        boolean reset = config.model().documents() == ModelConfig.Documents.RESET;
        try (Network network = Tiny.shaken(config)) {
            long[] ids = ids(T);
            Sequence beside = Tiny.batch(9, 1, T, 0).sequences().get(0);
            TokenBatch row = new TokenBatch(List.of(beside, Tiny.sequence(ids, 0, 8)));
            double[] first = scores(network, Arrays.copyOf(ids, 9));
            double[] second = scores(network, Arrays.copyOfRange(ids, 8, T + 1));

            double[] scores = network.scores(row).logProbabilities();

            assertThat(Arrays.copyOfRange(scores, T, T + 8)).containsExactly(first, within(1e-12));
            double[] later = Arrays.copyOfRange(scores, T + 8, 2 * T);
            if (reset) {
                assertThat(later).containsExactly(second, within(1e-12));
            } else {
                assertThat(distance(later, second)).isGreaterThan(1e-3);
            }
        }
    }

    private static double[] scores(Network network, long[] ids) {
        return network.scores(new TokenBatch(List.of(Tiny.sequence(ids, 0)))).logProbabilities();
    }

    @Test
    void documentStartInsideAChunkIsRefusedUnlessStateIsCarried() {
        TokenBatch batch = Tiny.batch(1, 1, T, 0, 5);
        try (Network reset = new Network(Tiny.config());
                Network carry = new Network(Tiny.config("model.documents=carry"));
                Network larger = new Network(Tiny.config("model.memory.main-chunk-tokens=8"));
                Network attention = new Network(Tiny.config("model.mixer=attention"))) {
            assertThatThrownBy(() -> reset.scores(batch))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("document start 5 is not at a chunk of 4 tokens");
            assertThatThrownBy(() -> larger.scores(Tiny.batch(1, 1, T, 0, 4)))
                    .hasMessageContaining("document start 4 is not at a chunk of 8 tokens");
            assertThat(carry.scores(batch).logProbabilities()).hasSize(T);
            assertThat(attention.scores(batch).logProbabilities()).hasSize(T);
        }
    }

    @Test
    void logitsAndScoresAgree() {
        try (Network network = Tiny.shaken(Tiny.config())) {
            TokenBatch batch = Tiny.batch(1, 1, T, 0);
            double[] logits =
                    advance(network, Arrays.copyOf(batch.sequences().get(0).inputs(), 10));
            int target = (int) batch.sequences().get(0).targets()[9];
            double total = Arrays.stream(logits).map(Math::exp).sum();
            Network.Scores scores = network.scores(batch);

            assertThat(scores.logProbabilities()[9]).isCloseTo(logits[target] - Math.log(total), within(1e-12));
            double largest = Arrays.stream(logits).max().orElseThrow();
            assertThat(scores.greedy()[9]).isEqualTo(logits[target] == largest ? 1 : 0);
            assertThat(DoubleStream.of(scores.greedy()).allMatch(x -> x == 0 || x == 1))
                    .isTrue();
        }
    }

    private static double[] advance(Network network, long[] ids) {
        try (InferenceState state = network.inference().begin()) {
            return network.inference()
                    .advance(state, Arrays.stream(ids).mapToInt(id -> (int) id).toArray());
        }
    }

    private static double[] scoresWithChunksOf(int tokens, double etaMax) {
        try (Network network =
                Tiny.shaken(Tiny.config("model.chunk-tokens=" + tokens, "model.memory.eta-max=" + etaMax))) {
            // retention that depends on no memory: memories are read as of the chunk's start
            constant(network, "alpha.head", 0);
            constant(network, "alpha.bias", 50);
            return scores(network, ids(T));
        }
    }

    private static void constant(Network network, String suffix, double value) {
        Map<String, FlatBuffer> parameters = Tiny.parameters(network);
        parameters.forEach((name, tensor) -> {
            if (name.endsWith(suffix)) {
                for (int i = 0; i < tensor.elements(); i++) {
                    Tiny.set(tensor, i, value);
                }
            }
        });
        network.levels().sectionsLoaded();
    }

    private static long[] ids(int tokens) {
        return new Random(8).longs(tokens + 1L, 0, Tiny.VOCABULARY).toArray();
    }

    private static double distance(double[] a, double[] b) {
        double distance = 0;
        for (int i = 0; i < a.length; i++) {
            distance = Math.max(distance, Math.abs(a[i] - b[i]));
        }
        return distance;
    }
}
