package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A sequence fed piece by piece. */
final class InferenceTest {
    private static final int T = Tiny.TOKENS;

    static Stream<String> settings() {
        return Stream.concat(
                Stream.of(
                        "model.mixer=titans",
                        "model.mixer=attention",
                        "model.memory.main-chunk-tokens=2",
                        "model.memory.main-chunk-tokens=8",
                        "model.memory.inner-momentum=0.6",
                        "model.memory.depth=1",
                        "model.memory.read=chunk-start",
                        "model.memory.adaptive-query=true",
                        Ingredients.HEAD_OF_ITS_OWN),
                Ingredients.patterns().stream());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void tokenByTokenEqualsTheParallelForward(String setting) {
        try (Network network = Tiny.shaken(Tiny.config(setting))) {
            int[] ids = ids();
            double[] together = scores(network, ids);
            for (int[] pieces : List.of(
                    new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                    new int[] {3, 1, 7, 5},
                    new int[] {4, 8, 4},
                    new int[] {15, 1})) {
                try (InferenceState state = network.inference().begin()) {
                    int at = 0;
                    for (int piece : pieces) {
                        double[] logits = network.inference().advance(state, Arrays.copyOfRange(ids, at, at + piece));
                        at += piece;
                        assertThat(logProbability(logits, ids[at]))
                                .as("token %d in pieces of %s", at, Arrays.toString(pieces))
                                .isCloseTo(together[at - 1], within(1e-11));
                    }
                    assertThat(state.tokens()).isEqualTo(T);
                }
            }
        }
    }

    @Test
    void scoresInPiecesOfAnyLengthAreThoseOfTheWhole() {
        for (String setting : List.of("model.mixer=titans", "model.mixer=attention")) {
            try (Network network = Tiny.shaken(Tiny.config(setting));
                    InferenceState state = network.inference().begin()) {
                int[] ids = ids();
                double[] whole = scores(network, ids);
                List<Double> pieces = new ArrayList<>();
                int from = 0;
                for (int length : new int[] {1, 5, 2, ids.length}) {
                    int to = Math.min(ids.length - 1, from + length);
                    Network.Scores part = network.inference()
                            .advance(
                                    state,
                                    Arrays.copyOfRange(ids, from, to),
                                    Arrays.copyOfRange(ids, from + 1, to + 1));
                    Arrays.stream(part.logProbabilities()).forEach(pieces::add);
                    from = to;
                }
                assertThat(pieces).hasSize(ids.length - 1);
                for (int t = 0; t < pieces.size(); t++) {
                    assertThat(pieces.get(t)).as(setting + ", token " + t).isCloseTo(whole[t], within(1e-11));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void continuationsOfASharedContextAreScoredAsIfEachWereReadAlone(String setting) {
        try (Network network = Tiny.shaken(Tiny.config(setting))) {
            int[] ids = ids();
            for (int seen : new int[] {1, 4, 7}) {
                int[] one = Arrays.copyOf(ids, seen);
                int[] other = Arrays.copyOfRange(ids, 2, 2 + seen);
                List<int[]> ofOne = List.of(new int[] {3}, new int[] {1, 4, 1, 5, 2}, new int[] {6, 2});
                List<int[]> ofOther = List.of(new int[] {2, 7, 1, 3, 2, 4, 5});
                List<Network.Scores> scores =
                        network.inference().continuations(List.of(one, other), List.of(ofOne, ofOther));
                assertThat(scores).hasSize(4);
                for (int i = 0; i < 4; i++) {
                    int[] continuation = i < 3 ? ofOne.get(i) : ofOther.get(0);
                    int[] whole = IntStream.concat(Arrays.stream(i < 3 ? one : other), Arrays.stream(continuation))
                            .toArray();
                    double[] alone = scores(network, whole);
                    assertThat(scores.get(i).logProbabilities())
                            .as("continuation %d after %d ids", i, seen)
                            .containsExactly(Arrays.copyOfRange(alone, seen - 1, alone.length), within(1e-11));
                }
                assertThat(network.inference()
                                .continuations(List.of(one), List.of(List.of(new int[] {3}, new int[] {5})))
                                .get(0)
                                .logProbabilities()[0])
                        .as("only one id each")
                        .isCloseTo(scores.get(0).logProbabilities()[0], within(1e-11));
            }
        }
    }

    @Test
    void theStateOfHopeDoesNotGrow() {
        try (Network network = new Network(Tiny.config());
                InferenceState state = network.inference().begin()) {
            network.inference().advance(state, ids());
            long elements = state.elements();
            int live = network.liveArrays();
            for (int i = 0; i < 10; i++) {
                network.inference().advance(state, Arrays.copyOf(ids(), T));
            }
            // a whole number of chunks later
            network.inference().advance(state, 1, 2, 3, 4);
            assertThat(state.elements()).isEqualTo(elements);
            assertThat(network.liveArrays()).isEqualTo(live);
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aSavedStateGoesOnAsIfNothingHadHappened(String setting) throws IOException {
        try (Network network = Tiny.shaken(Tiny.config(setting));
                InferenceState state = network.inference().begin()) {
            int[] ids = ids();
            network.inference().advance(state, Arrays.copyOf(ids, 6));
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            state.save(saved);
            double[] expected = network.inference().advance(state, ids[6], ids[7]);

            try (InferenceState resumed = network.inference().resume(new ByteArrayInputStream(saved.toByteArray()))) {
                assertThat(resumed.tokens()).isEqualTo(6);
                assertThat(network.inference().advance(resumed, ids[6], ids[7])).containsExactly(expected);
            }
            assertThatThrownBy(() -> network.inference().resume(new ByteArrayInputStream(new byte[] {1, 2, 3})))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no saved state");
        }
    }

    @Test
    void drawsFollowTheDistributionThatTemperatureAndTopPLeave() {
        double[] logits = {Math.log(0.5), Math.log(0.1), Math.log(0.4)};
        assertThat(frequencies(new Sampler(1, 1, 7), logits))
                .containsExactly(new double[] {0.5, 0.1, 0.4}, within(0.02));
        // 0.5 + 0.4 reach 0.85: the third is left out
        assertThat(frequencies(new Sampler(1, 0.85, 7), logits))
                .containsExactly(new double[] {5 / 9.0, 0, 4 / 9.0}, within(0.02));
        // temperature 1/2 squares probabilities
        assertThat(frequencies(new Sampler(0.5, 1, 7), logits))
                .containsExactly(new double[] {25 / 42.0, 1 / 42.0, 16 / 42.0}, within(0.02));
        assertThat(frequencies(new Sampler(0, 1, 7), logits)).containsExactly(1, 0, 0);
    }

    @Test
    void theSameSeedWritesTheSameText() {
        try (Network network = Tiny.shaken(Tiny.config())) {
            int[] first = sample(network, 3);
            assertThat(sample(network, 3)).containsExactly(first);
            assertThat(sample(network, 4)).isNotEqualTo(first);
            assertThat(first).hasSize(20);
        }
    }

    private static int[] sample(Network network, long seed) {
        try (InferenceState state = network.inference().begin()) {
            return new Sampler(1, 0.9, seed).continueFrom(network, state, new int[] {1, 2, 3}, 20, -1);
        }
    }

    private static double[] frequencies(Sampler sampler, double[] logits) {
        double[] result = new double[logits.length];
        for (int i = 0; i < 20_000; i++) {
            result[sampler.draw(logits)] += 1.0 / 20_000;
        }
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.round(result[i] * 1e9) / 1e9;
        }
        return result;
    }

    private static int[] ids() {
        return new Random(8).ints(T + 1L, 0, Tiny.VOCABULARY).toArray();
    }

    private static double[] scores(Network network, int[] ids) {
        long[] all = Arrays.stream(ids).asLongStream().toArray();
        return network.scores(new TokenBatch(List.of(Tiny.sequence(all, 0)))).logProbabilities();
    }

    private static double logProbability(double[] logits, int id) {
        return logits[id] - Math.log(Arrays.stream(logits).map(Math::exp).sum());
    }
}
