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
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that are read piece by piece learn in context what they learn when read at once. */
final class InContextStreamTest {
    private static final int T = 28;
    private static final List<String> EVERY_4_AND_8_TOKENS = List.of(
            "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 4},"
                    + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 8}]",
            "model.in-context.blocks=1",
            "model.in-context.learning-rate=0.7",
            "model.in-context.clip-norm=0.5");
    private static final String EVERY_8_AND_16_TOKENS =
            "levels=[{period-steps: 1, continuum-hidden: 12, in-context-tokens: 8},"
                    + " {period-steps: 2, continuum-hidden: 12, in-context-tokens: 16}]";

    private static final String[] FAST = {"model.in-context.learning-rate=3", "model.in-context.clip-norm=1"};
    private static final int SCORED = 32;

    private static RunConfig config(String... more) {
        List<String> settings = new ArrayList<>(EVERY_4_AND_8_TOKENS);
        settings.addAll(List.of(more));
        return Tiny.config(settings.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.mixer=attention",
                "model.continuum=nested",
                "model.continuum=independent",
                "model.in-context.blocks=2",
                "model.documents=carry",
                "model.memory.main-chunk-tokens=2",
                EVERY_8_AND_16_TOKENS
            })
    void piecesOfAnyLengthLearnWhatTheWholeLearns(String setting) {
        try (Network network = Tiny.shaken(config(setting));
                Network still = Tiny.shaken(Tiny.config("model.in-context.blocks=0"))) {
            int[] ids = ids();
            double[] whole = scores(network, ids);
            assertThat(whole).isNotEqualTo(scores(still, ids));
            for (int[] pieces : List.of(
                    IntStream.generate(() -> 1).limit(T).toArray(),
                    new int[] {3, 1, 7, 5, 12},
                    new int[] {4, 8, 16},
                    new int[] {9, 19},
                    new int[] {T})) {
                assertThat(inPieces(network, ids, pieces))
                        .as("%s in pieces of %s", setting, Arrays.toString(pieces))
                        .containsExactly(whole, within(1e-11));
            }
            assertThat(ofLogits(network, ids)).containsExactly(whole, within(1e-11));
        }
    }

    /** A gradient flows through the mixer of the second block; pieces end inside windows, at and between chunks. */
    @Test
    void windowsOfTwoBlocksAreReadAgainFromTheirStart() {
        try (Network network = Tiny.shaken(config(EVERY_8_AND_16_TOKENS, "model.in-context.blocks=2"))) {
            int[] ids = ids();
            assertThat(inPieces(network, ids, 4, 2, 2, 3, 5, 4, 8))
                    .containsExactly(scores(network, ids), within(1e-11));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 6, 8, 11})
    void aSavedStateGoesOnAsIfNothingHadHappened(int seen) throws IOException {
        for (String setting : List.of("model.continuum=nested", "model.mixer=attention")) {
            try (Network network = Tiny.shaken(config(setting));
                    InferenceState state = network.inference().begin()) {
                int[] ids = ids();
                network.inference().advance(state, Arrays.copyOf(ids, seen));
                ByteArrayOutputStream saved = new ByteArrayOutputStream();
                state.save(saved);
                int[] rest = Arrays.copyOfRange(ids, seen, T);
                int[] targets = Arrays.copyOfRange(ids, seen + 1, T + 1);
                double[] expected =
                        network.inference().advance(state, rest, targets).logProbabilities();
                try (InferenceState resumed =
                        network.inference().resume(new ByteArrayInputStream(saved.toByteArray()))) {
                    assertThat(resumed.tokens()).isEqualTo(seen);
                    assertThat(network.inference()
                                    .advance(resumed, rest, targets)
                                    .logProbabilities())
                            .as(setting)
                            .containsExactly(expected);
                }
            }
        }
    }

    @Test
    void aStateOfANetworkThatLearnsOtherwiseIsRefused() throws IOException {
        try (Network network = Tiny.shaken(config());
                Network still = Tiny.shaken(Tiny.config());
                Network slower = Tiny.shaken(config(EVERY_8_AND_16_TOKENS));
                Network two = Tiny.shaken(config("model.in-context.blocks=2"));
                InferenceState state = network.inference().begin();
                InferenceState ofStill = still.inference().begin()) {
            network.inference().advance(state, 1, 2, 3);
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            state.save(saved);
            for (Network other : List.of(still, slower)) {
                assertThatThrownBy(() -> other.inference().resume(new ByteArrayInputStream(saved.toByteArray())))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("learns in context, level 1 every 4 tokens, level 2 every 8 tokens")
                        .hasMessageContaining("levels.N.in-context-tokens");
            }
            assertThatThrownBy(() -> two.inference().resume(new ByteArrayInputStream(saved.toByteArray())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("model.in-context.blocks");
            still.inference().advance(ofStill, 1, 2, 3);
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            ofStill.save(plain);
            assertThatThrownBy(() -> network.inference().resume(new ByteArrayInputStream(plain.toByteArray())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("learns nothing in context");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.mixer=attention",
                "model.continuum=nested",
                "model.pattern=[titans,{\"attention\":{\"window\":5}}]"
            })
    void continuationsLearnFromTheirContextAndEachOnItsOwn(String setting) {
        try (Network network = Tiny.shaken(config(setting))) {
            int[] ids = ids();
            for (int seen : new int[] {1, 4, 7, 8, 14}) {
                int[] one = Arrays.copyOf(ids, seen);
                int[] other = Arrays.copyOfRange(ids, 2, 2 + seen);
                List<int[]> ofOne = List.of(new int[] {3}, new int[] {1, 4, 1, 5, 2, 6, 5, 3, 5, 8}, new int[] {6, 2});
                List<int[]> ofOther = List.of(new int[] {2, 7, 1, 3, 2, 4, 5});
                List<Network.Scores> scores =
                        network.inference().continuations(List.of(one, other), List.of(ofOne, ofOther));
                for (int i = 0; i < 4; i++) {
                    int[] continuation = i < 3 ? ofOne.get(i) : ofOther.get(0);
                    int[] whole = joined(i < 3 ? one : other, continuation);
                    double[] alone = scores(network, whole);
                    assertThat(scores.get(i).logProbabilities())
                            .as("continuation %d after %d ids", i, seen)
                            .containsExactly(Arrays.copyOfRange(alone, seen - 1, alone.length), within(1e-11));
                }
            }
        }
    }

    @Test
    void theStateDoesNotGrow() {
        try (Network network = new Network(config("model.continuum=nested"));
                InferenceState state = network.inference().begin()) {
            network.inference().advance(state, Arrays.copyOf(ids(), 8));
            long elements = state.elements();
            int live = network.liveArrays();
            for (int i = 0; i < 10; i++) {
                network.inference().advance(state, Arrays.copyOf(ids(), 16));
                network.inference().advance(state, Arrays.copyOf(ids(), 5));
                network.inference().advance(state, 1, 2, 3);
            }
            assertThat(state.elements()).isEqualTo(elements);
            assertThat(network.liveArrays()).isEqualTo(live);
        }
    }

    /** Every way in which a sequence is scored: the log-probability of each id but the first. */
    private enum Way {
        SCORES {
            @Override
            double[] of(Network network, int[] ids) {
                return scores(network, ids);
            }
        },
        SCORES_OF_THE_END_ALONE {
            @Override
            double[] of(Network network, int[] ids) {
                long[] inputs =
                        Arrays.stream(ids).limit(ids.length - 1L).asLongStream().toArray();
                long[] targets = Arrays.stream(ids).skip(1).asLongStream().toArray();
                Arrays.fill(targets, 0, targets.length - SCORED, TokenBatch.NO_TARGET);
                return network.scores(new TokenBatch(List.of(new TokenBatch.Sequence(inputs, targets, new int[] {0}))))
                        .logProbabilities();
            }
        },
        LOGITS {
            @Override
            double[] of(Network network, int[] ids) {
                return ofLogits(network, ids);
            }
        },
        ADVANCE_AT_ONCE {
            @Override
            double[] of(Network network, int[] ids) {
                return inPieces(network, ids, ids.length - 1);
            }
        },
        ADVANCE_TOKEN_BY_TOKEN {
            @Override
            double[] of(Network network, int[] ids) {
                return inPieces(
                        network,
                        ids,
                        IntStream.generate(() -> 1).limit(ids.length - 1L).toArray());
            }
        },
        CONTINUATIONS {
            @Override
            double[] of(Network network, int[] ids) {
                int[] context = Arrays.copyOf(ids, 40);
                int[] continuation = Arrays.copyOfRange(ids, 40, ids.length);
                return network.inference()
                        .continuations(List.of(context), List.of(List.of(continuation, new int[] {1})))
                        .get(0)
                        .logProbabilities();
            }
        };

        abstract double[] of(Network network, int[] ids);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aPatternThatIsRepeatedIsLearnedWhereverItIsScored(Way way) {
        int[] ids = pattern();
        try (Network network = Tiny.shaken(config(FAST));
                Network still = Tiny.shaken(Tiny.config())) {
            double with = meanOfTheLast(way.of(network, ids));
            double without = meanOfTheLast(way.of(still, ids));
            assertThat(with - without)
                    .as("nats a token over the last %d: %s with, %s without", SCORED, with, without)
                    .isGreaterThan(2);
        }
    }

    /** The ids that are written teach as those that were read. */
    @Test
    void whatIsWrittenIsTheFirstChoiceOfANetworkThatReadsItAll() {
        int[] prompt = Arrays.copyOf(pattern(), 30);
        try (Network network = Tiny.shaken(config(FAST));
                Network still = Tiny.shaken(Tiny.config());
                InferenceState state = network.inference().begin();
                InferenceState ofStill = still.inference().begin()) {
            int[] written = new Sampler(0, 1, 1).continueFrom(network, state, prompt, 20, -1);
            long[] all = Arrays.stream(joined(prompt, written)).asLongStream().toArray();
            double[] greedy = network.scores(new TokenBatch(List.of(Tiny.sequence(all, 0))))
                    .greedy();
            assertThat(Arrays.copyOfRange(greedy, 29, 49)).containsOnly(1);
            assertThat(new Sampler(0, 1, 1).continueFrom(still, ofStill, prompt, 20, -1))
                    .isNotEqualTo(written);
        }
    }

    /** Eight ids, twelve times. */
    private static int[] pattern() {
        int[] pattern = {3, 17, 8, 20, 5, 11, 1, 14};
        return IntStream.range(0, 96).map(t -> pattern[t % 8]).toArray();
    }

    private static double meanOfTheLast(double[] scores) {
        return Arrays.stream(scores, scores.length - SCORED, scores.length)
                .average()
                .orElseThrow();
    }

    private static double[] inPieces(Network network, int[] ids, int... pieces) {
        double[] result = new double[ids.length - 1];
        try (InferenceState state = network.inference().begin()) {
            int at = 0;
            for (int piece : pieces) {
                int[] next = Arrays.copyOfRange(ids, at, at + piece);
                int[] targets = Arrays.copyOfRange(ids, at + 1, at + piece + 1);
                double[] scores =
                        network.inference().advance(state, next, targets).logProbabilities();
                System.arraycopy(scores, 0, result, at, piece);
                at += piece;
            }
            assertThat(state.tokens()).isEqualTo(ids.length - 1);
        }
        return result;
    }

    private static double[] ofLogits(Network network, int[] ids) {
        double[] logits = network.inference().logits(Arrays.copyOf(ids, ids.length - 1));
        return IntStream.range(0, ids.length - 1)
                .mapToDouble(t -> {
                    double[] row = Arrays.copyOfRange(logits, t * Tiny.VOCABULARY, (t + 1) * Tiny.VOCABULARY);
                    return row[ids[t + 1]]
                            - Math.log(Arrays.stream(row).map(Math::exp).sum());
                })
                .toArray();
    }

    private static double[] scores(Network network, int[] ids) {
        long[] all = Arrays.stream(ids).asLongStream().toArray();
        return network.scores(new TokenBatch(List.of(Tiny.sequence(all, 0)))).logProbabilities();
    }

    private static int[] joined(int[] one, int[] other) {
        return IntStream.concat(Arrays.stream(one), Arrays.stream(other)).toArray();
    }

    private static int[] ids() {
        return new Random(8).ints(T + 1L, 0, Tiny.VOCABULARY).toArray();
    }
}
