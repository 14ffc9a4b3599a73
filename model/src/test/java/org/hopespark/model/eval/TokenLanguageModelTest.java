package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;

class TokenLanguageModelTest {
    private static final EvaluationSettings SETTINGS = EvaluationSettings.DEFAULT.withBatchSize(2);

    @Test
    void aContinuationIsTheSumOverItsTokensAfterTheContext() {
        BigramModel bigrams = new BigramModel("abcabd", 32);
        // a is followed by b twice; b by c once and by d once: (1+2)/(257+2) and (1+1)/(257+2).
        Likelihood answer = ask(bigrams, SETTINGS, new Request("xa", "bc"));
        assertThat(answer.logLikelihood()).isCloseTo(Math.log(3.0 / 259) + Math.log(2.0 / 259), within(1e-12));
        assertThat(answer.tokens()).isEqualTo(2);
        assertThat(answer.greedy()).isTrue();
        assertThat(ask(bigrams, SETTINGS, new Request("a", "ba")).greedy()).isFalse();
    }

    @Test
    void whiteSpaceAtTheEndOfTheContextIsScoredWithTheContinuation() {
        BigramModel bigrams = new BigramModel("a b a b", 32);
        Likelihood moved = ask(bigrams, SETTINGS, new Request("a \n", "b"));
        assertThat(moved.tokens()).isEqualTo(3);
        assertThat(moved).isEqualTo(ask(bigrams, SETTINGS, new Request("a", " \nb")));
    }

    @Test
    void contextAndContinuationAreEncodedAsOneText() {
        // "ab" is one id; after the context "xa" the whole is [x, ab, c], so the continuation is what lies beyond
        // the two ids of "xa": only c, though "bc" alone would be two ids.
        TextEncoder merging = new MergingEncoder();
        List<int[]> seen = new ArrayList<>();
        Scorer recorder = recorder(8, seen);
        Likelihood answer = new TokenLanguageModel(merging, recorder, SETTINGS)
                .continuations(List.of(new Request("xa", "bc")))
                .get(0);
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0)).containsExactly('x', MergingEncoder.AB, 'c');
        assertThat(answer.tokens()).isEqualTo(1);
        assertThatThrownBy(() -> new TokenLanguageModel(merging, recorder, SETTINGS)
                        .continuations(List.of(new Request("xa", "b"))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no token of its own")
                .hasMessageContaining("\"b\"");
    }

    @Test
    void anEmptyContextIsThePrefixToken() {
        BigramModel bigrams = new BigramModel("ab", 32);
        assertThat(ask(bigrams, SETTINGS, new Request("", "a")).logLikelihood())
                .isCloseTo(Math.log(2.0 / 258), within(1e-12));
        Likelihood spaces = ask(bigrams, SETTINGS, new Request("  ", "a"));
        assertThat(spaces.tokens()).isEqualTo(3);
    }

    @Test
    void thePrefixTokenStandsBeforeEveryContextWhereAsked() {
        List<int[]> seen = new ArrayList<>();
        new TokenLanguageModel(new BigramModel("", 8), recorder(8, seen), SETTINGS.withPrefix(PrefixPolicy.ALWAYS))
                .continuations(List.of(new Request("a", "b"), new Request("", "c")));
        assertThat(seen.get(0)).containsExactly(BigramModel.PREFIX, 'a', 'b');
        assertThat(seen.get(1)).containsExactly(BigramModel.PREFIX, 'c');
    }

    @Test
    void onlyTheLastIdsThatFitAreFed() {
        List<int[]> seen = new ArrayList<>();
        BigramModel bytes = new BigramModel("", 4);
        LanguageModel model = new TokenLanguageModel(bytes, recorder(4, seen), SETTINGS);
        model.continuations(List.of(new Request("123456", "789")));
        assertThat(seen.get(0)).containsExactly('5', '6', '7', '8', '9');
        assertThatThrownBy(() -> model.continuations(List.of(new Request("1", "23456"))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has 5 tokens")
                .hasMessageContaining("at most 4");
    }

    @Test
    void theScorerGetsTheLongestFirstAndAnswersComeInTheOrderOfTheQuestions() {
        BigramModel bigrams = new BigramModel("abcabd", 32);
        List<Request> requests = List.of(
                new Request("a", "b"), new Request("ab", "cab"), new Request("", "a"), new Request("abca", "bd"));
        List<Likelihood> together = new TokenLanguageModel(bigrams, bigrams, SETTINGS).continuations(requests);
        assertThat(bigrams.lengthsSeen).isSortedAccordingTo(Collections.reverseOrder());
        for (int i = 0; i < requests.size(); i++) {
            assertThat(together.get(i)).isEqualTo(ask(bigrams, SETTINGS, requests.get(i)));
        }
    }

    @Test
    void requestsThatShareAContextGoTogetherAndAnswersStayInOrder() {
        String text = "the cat sat on the mat. the dog sat.";
        BigramModel bigrams = new BigramModel(text, 64);
        List<Request> requests = new ArrayList<>();
        for (String context : List.of("the cat", "the dog", "a", "the horses")) {
            for (String continuation : List.of(" sat", " on", " t", " dog")) {
                requests.add(new Request(context, continuation));
            }
        }
        requests.add(new Request("alone", " sat"));
        List<Likelihood> together = new TokenLanguageModel(bigrams, bigrams, SETTINGS).continuations(requests);
        assertThat(bigrams.familiesSeen)
                .as("what follows \"a\" is longer than it: no family")
                .containsExactly(4, 4, 4);
        for (int i = 0; i < requests.size(); i++) {
            assertThat(together.get(i)).isEqualTo(ask(bigrams, SETTINGS, requests.get(i)));
        }
    }

    @Test
    void aBatchHasNoMoreTokensThanFullSequencesWould() {
        BigramModel bigrams = new BigramModel("", 24);
        List<Request> requests = new ArrayList<>();
        for (int text = 0; text < 6; text++) {
            for (int i = 0; i < 8; i++) {
                requests.add(new Request("some words " + text, "x".repeat(9) + i));
            }
        }
        new TokenLanguageModel(bigrams, bigrams, SETTINGS.withBatchSize(8)).continuations(requests);
        assertThat(bigrams.batchesSeen)
                .as("families of 12 + 8 x 9 tokens, 192 at most")
                .containsExactly(16, 16, 16);
        bigrams.batchesSeen.clear();
        new TokenLanguageModel(bigrams, bigrams, SETTINGS.withBatchSize(1)).continuations(requests.subList(0, 8));
        assertThat(bigrams.batchesSeen)
                .as("a context with one continuation has 21 tokens, with two 30, 24 at most")
                .containsOnly(1)
                .hasSize(8);

        List<Integer> alone = new ArrayList<>();
        new TokenLanguageModel(bigrams, counting(bigrams, alone), SETTINGS.withBatchSize(2)).continuations(requests);
        assertThat(alone).as("sequences of 21 tokens, 48 at most").hasSize(24).containsOnly(2);
    }

    @Test
    void whatIsKnownIsNotAskedAgain() {
        BigramModel bigrams = new BigramModel("abcabd", 32);
        Map<String, String> kept = new HashMap<>();
        RequestCache cache = new RequestCache() {
            @Override
            public Optional<String> find(String request) {
                return Optional.ofNullable(kept.get(request));
            }

            @Override
            public void add(String request, String answer) {
                kept.put(request, answer);
            }
        };
        LanguageModel model = new TokenLanguageModel(bigrams, bigrams, SETTINGS, cache);
        List<Request> requests = List.of(new Request("ab", "c"), new Request("ab", "d"), new Request("a", "bc"));
        List<Likelihood> first = model.continuations(requests);
        List<String> written = model.write(List.of("ab", "a"), 3);
        assertThat(bigrams.lengthsSeen).hasSize(3);
        assertThat(kept).hasSize(5);

        BigramModel silent = new BigramModel("", 32);
        LanguageModel again = new TokenLanguageModel(silent, silent, SETTINGS, cache);
        assertThat(again.continuations(requests)).isEqualTo(first);
        assertThat(again.write(List.of("ab", "a"), 3)).isEqualTo(written);
        assertThat(silent.lengthsSeen).isEmpty();
        again.continuations(List.of(new Request("ab", "cd")));
        again.write(List.of("ab"), 4);
        assertThat(silent.lengthsSeen).hasSize(1);
        assertThat(kept).hasSize(7);
    }

    @Test
    void rollingWindowsEqualANaiveImplementationAroundTheLimit() {
        for (int max = 1; max <= 7; max++) {
            for (int length = 0; length <= 3 * max + 2; length++) {
                int[] document = IntStream.range(0, length).toArray();
                List<List<Integer>> windows = new ArrayList<>();
                for (Window window : Window.rolling(document, -1, max)) {
                    assertThat(window.ids().length).isLessThanOrEqualTo(max + 1);
                    windows.add(list(window.ids()));
                    windows.add(List.of(window.targets()));
                }
                assertThat(windows).as("%d ids, M = %d", length, max).isEqualTo(naiveWindows(document, max));
            }
        }
    }

    @Test
    void everyTokenOfADocumentIsScoredOnce() {
        String text = "the cat sat on the mat and that was that";
        for (int max : new int[] {1, 2, 7, text.length() - 1, text.length(), text.length() + 1}) {
            BigramModel bigrams = new BigramModel(text, max);
            double expected = 0;
            int previous = BigramModel.PREFIX;
            for (int id : bigrams.encode(text)) {
                expected += Math.log(bigrams.probability(previous, id));
                previous = id;
            }
            List<Likelihood> answers =
                    new TokenLanguageModel(bigrams, bigrams, SETTINGS).documents(List.of("", text, text));
            assertThat(answers.get(0)).isEqualTo(new Likelihood(0, 0, true));
            assertThat(answers.get(1).logLikelihood()).as("M = %d", max).isCloseTo(expected, within(1e-9));
            assertThat(answers.get(1).tokens()).isEqualTo(text.length());
            assertThat(answers.get(2)).isEqualTo(answers.get(1));
        }
    }

    @Test
    void aDocumentReadInOneGoIsScoredFromItsFirstToken() {
        BigramModel bigrams = new BigramModel("abcabd", 2);
        double[] scores = new TokenLanguageModel(bigrams, bigrams, SETTINGS)
                .carried(List.of("abd"))
                .get(0);
        assertThat(scores).hasSize(3);
        assertThat(scores[0]).isCloseTo(Math.log(2.0 / 258), within(1e-12));
        assertThat(scores[2]).isCloseTo(Math.log(2.0 / 259), within(1e-12));
    }

    @Test
    void whatIsWrittenFollowsThePrompt() {
        BigramModel bigrams = new BigramModel("abcabcab", 2);
        LanguageModel model = new TokenLanguageModel(bigrams, bigrams, SETTINGS);
        assertThat(model.write(List.of("xxa", ""), 4)).containsExactly("bcab", "abca");
        assertThat(model.countTokens("\u00e4b")).isEqualTo(3);
    }

    @Test
    void aModelThatAnswersWithNoNumberIsNotAveraged() {
        BigramModel bytes = new BigramModel("", 8);
        Scorer diverged = new Scorer() {
            @Override
            public int maxTokens() {
                return 8;
            }

            @Override
            public double[] carried(int[] ids) {
                throw new UnsupportedOperationException("not asked here");
            }

            @Override
            public int[] write(int[] prompt, int count) {
                throw new UnsupportedOperationException("not asked here");
            }

            @Override
            public List<TokenScores> score(List<Window> windows) {
                return List.of(new TokenScores(new double[] {Double.NaN}, new boolean[] {false}));
            }
        };
        assertThatThrownBy(() ->
                        new TokenLanguageModel(bytes, diverged, SETTINGS).continuations(List.of(new Request("a", "b"))))
                .hasMessageContaining("NaN");
    }

    /** The inputs are the M ids before the last target, or all there are; targets the ids not predicted yet. */
    private static List<List<Integer>> naiveWindows(int[] document, int max) {
        List<Integer> ids = new ArrayList<>(List.of(-1));
        ids.addAll(list(document));
        List<List<Integer>> result = new ArrayList<>();
        int predicted = 0;
        while (predicted < document.length) {
            int targets = Math.min(max, document.length - predicted);
            int lastTarget = predicted + targets;
            result.add(ids.subList(Math.max(0, lastTarget - max), lastTarget + 1));
            result.add(List.of(targets));
            predicted += targets;
        }
        return result;
    }

    private static List<Integer> list(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    private static Likelihood ask(BigramModel model, EvaluationSettings settings, Request request) {
        return new TokenLanguageModel(model, model, settings)
                .continuations(List.of(request))
                .get(0);
    }

    /** The same scorer; notes how many windows come at once. */
    private static Scorer counting(Scorer scorer, List<Integer> batches) {
        return new Scorer() {
            @Override
            public int maxTokens() {
                return scorer.maxTokens();
            }

            @Override
            public double[] carried(int[] ids) {
                return scorer.carried(ids);
            }

            @Override
            public int[] write(int[] prompt, int count) {
                return scorer.write(prompt, count);
            }

            @Override
            public List<TokenScores> score(List<Window> windows) {
                batches.add(windows.size());
                return scorer.score(windows);
            }
        };
    }

    private static Scorer recorder(int maxTokens, List<int[]> seen) {
        return new Scorer() {
            @Override
            public int maxTokens() {
                return maxTokens;
            }

            @Override
            public double[] carried(int[] ids) {
                throw new UnsupportedOperationException("not asked here");
            }

            @Override
            public int[] write(int[] prompt, int count) {
                throw new UnsupportedOperationException("not asked here");
            }

            @Override
            public List<TokenScores> score(List<Window> windows) {
                windows.forEach(window -> seen.add(window.ids()));
                return windows.stream()
                        .map(w -> new TokenScores(new double[w.targets()], new boolean[w.targets()]))
                        .toList();
            }
        };
    }

    /** Bytes, but "ab" is one id. */
    private static final class MergingEncoder implements TextEncoder {
        static final int AB = 300;

        @Override
        public int[] encode(String text) {
            return text.replace("ab", Character.toString(AB)).chars().toArray();
        }

        @Override
        public String decode(int[] ids) {
            throw new UnsupportedOperationException("not asked here");
        }

        @Override
        public int prefixToken() {
            return 0;
        }

        @Override
        public String name() {
            return "merging";
        }

        @Override
        public String fingerprint() {
            return "merging-1";
        }
    }
}
