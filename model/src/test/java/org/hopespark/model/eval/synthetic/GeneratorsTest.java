package org.hopespark.model.eval.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.hopespark.model.TokenBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorsTest {
    private static final Lengths BIN_0 = new Lengths(2, 50);
    private static final Lengths BIN_1 = new Lengths(51, 100);

    @Test
    void parityLabelsArePrefixesWithAnEvenNumberOfOnes() {
        for (TokenBatch.Sequence example : draw(new Parity(BIN_0), 300)) {
            String text = text(example, "01");
            for (int t = 0; t < text.length(); t++) {
                boolean even = text.substring(0, t + 1).matches("0*(10*10*)*");
                assertThat(example.targets()[t]).isEqualTo(even ? Parity.EVEN : Parity.ODD);
            }
            assertThat(text).matches("0*(10*10*)*");
            assertThat(text.length()).isBetween(2, 50);
        }
    }

    @Test
    void parityStringsAreOfAllLengthsAndBothSymbolsAreAsLikely() {
        List<TokenBatch.Sequence> examples = draw(new Parity(BIN_1), 2000);
        assertThat(examples.stream().map(e -> e.inputs().length).distinct()).hasSize(50);
        assertThat(examples.stream()
                        .flatMapToLong(e -> Arrays.stream(e.inputs()))
                        .average()
                        .orElseThrow())
                .isCloseTo(0.5, within(0.01));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(aa)*", "(abab)*"})
    void repetitionsAreLabelledByTheirRegularExpression(String language) {
        Repetition generator = language.equals("(aa)*") ? Repetition.aa(BIN_0) : Repetition.abab(BIN_0);
        Set<String> texts = new HashSet<>();
        for (TokenBatch.Sequence example : draw(generator, 300)) {
            String text = text(example, "ab");
            texts.add(text);
            assertThat(text).matches(language);
            for (int t = 0; t < text.length(); t++) {
                boolean within = Pattern.matches(language, text.substring(0, t + 1));
                assertThat(example.targets()[t]).isEqualTo(generator.symbols() + (within ? 1 : 0));
            }
        }
        assertThat(texts).hasSize(language.equals("(aa)*") ? 25 : 12);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void labelsOfCounterLanguagesAreWhatMayFollow(int symbols) {
        CounterLanguage generator = new CounterLanguage(symbols, BIN_1);
        Set<String> words = new HashSet<>();
        for (int n = 1; n <= 60; n++) {
            int copies = n;
            words.add(IntStream.range(0, symbols)
                    .mapToObj(s -> "abc".substring(s, s + 1).repeat(copies))
                    .reduce("", String::concat));
        }
        Map<Set<String>, Long> labels = new HashMap<>();
        for (TokenBatch.Sequence example : draw(generator, 100)) {
            String text = text(example, "abc");
            assertThat(words).contains(text);
            assertThat(text.length()).isBetween(51, 100);
            for (int t = 0; t < text.length(); t++) {
                String prefix = text.substring(0, t + 1);
                Set<String> follow = new HashSet<>();
                for (String word : words) {
                    if (word.startsWith(prefix)) {
                        follow.add(word.length() == prefix.length() ? "end" : word.substring(t + 1, t + 2));
                    }
                }
                // one label a set, another for another
                assertThat(labels.computeIfAbsent(follow, set -> example.targets()[prefix.length() - 1]))
                        .isEqualTo(example.targets()[t]);
            }
        }
        assertThat(labels).hasSize(generator.labels());
        assertThat(new HashSet<>(labels.values())).hasSize(generator.labels());
        assertThat(labels.values()).allMatch(label -> label >= symbols && label < generator.vocabulary());
    }

    @Test
    void bracketsOfEachKindAreBalancedAndLabelsTellWhichMayClose() {
        Set<Integer> lengths = new HashSet<>();
        Set<Long> labels = new HashSet<>();
        for (TokenBatch.Sequence example : draw(new Shuffle2(BIN_0), 500)) {
            String text = text(example, "()[]");
            lengths.add(text.length());
            for (int t = 0; t < text.length(); t++) {
                String prefix = text.substring(0, t + 1);
                long round = count(prefix, '(') - count(prefix, ')');
                long square = count(prefix, '[') - count(prefix, ']');
                assertThat(round).isNotNegative();
                assertThat(square).isNotNegative();
                labels.add(example.targets()[t]);
                assertThat(example.targets()[t]).isEqualTo(4 + Math.min(round, 1) + 2 * Math.min(square, 1));
            }
            assertThat(count(text, '(')).isEqualTo(count(text, ')'));
            assertThat(count(text, '[')).isEqualTo(count(text, ']'));
        }
        assertThat(lengths).hasSize(25);
        assertThat(labels).hasSize(Shuffle2.LABELS);
    }

    @Test
    void onlyTheLastPositionOfLastParityHasALabel() {
        for (TokenBatch.Sequence example : draw(new LastParity(new Lengths(3, 40)), 200)) {
            long ones = count(text(example, "01"), '1');
            assertThat(targets(example)).isEqualTo(1);
            assertThat(last(example)).isEqualTo(ones % 2 == 0 ? Parity.EVEN : Parity.ODD);
        }
    }

    @Test
    void expressionsHaveTheValueThatReplacingOperatorsByPrecedenceGives() {
        for (TokenBatch.Sequence example : draw(new ModularArithmetic(new Lengths(3, 12)), 500)) {
            String text = text(example, "01234+-*=");
            assertThat(text).matches("[0-4]([-+*][0-4])*=");
            assertThat(targets(example)).isEqualTo(1);
            long value = 0;
            // a sum of products, a minus being a factor of -1
            for (String term : text.replace("=", "").replace("-", "+-1*").split("\\+", -1)) {
                long product = 1;
                for (String factor : term.split("\\*", -1)) {
                    product *= Long.parseLong(factor);
                }
                value += product;
            }
            assertThat(last(example) - ModularArithmetic.FIRST_LABEL).isEqualTo(((value % 5) + 5) % 5);
        }
    }

    @Test
    void labelsOfWordsAreTheProductsOfPermutationsAppliedOneByOne() {
        List<int[]> s5 = lexicographic();
        checkWords(Group.s5(), s5);
        checkWords(Group.a5(), s5.stream().filter(p -> sign(p) == 1).toList());
    }

    private static void checkWords(Group group, List<int[]> elements) {
        assertThat(group.order()).isEqualTo(elements.size());
        for (TokenBatch.Sequence example : draw(new WordProblem(group, 12), 50)) {
            for (int t = 0; t < 12; t++) {
                int[] label = elements.get((int) (example.targets()[t] - group.order()));
                for (int i = 0; i < 5; i++) {
                    // the last factor acts first
                    int image = i;
                    for (int k = t; k >= 0; k--) {
                        image = elements.get((int) example.inputs()[k])[image];
                    }
                    assertThat(label[i]).isEqualTo(image);
                }
            }
        }
    }

    @Test
    void labelsOfZ60AreSumsModulo60() {
        for (TokenBatch.Sequence example : draw(new WordProblem(Group.z60(), 20), 50)) {
            long sum = 0;
            for (int t = 0; t < 20; t++) {
                sum += example.inputs()[t];
                assertThat(example.targets()[t]).isEqualTo(60 + sum % 60);
            }
        }
    }

    @Test
    void eachKeyOfMqarIsAskedForOnceAndAnsweredByItsValue() {
        List<Integer> gaps = new ArrayList<>();
        for (TokenBatch.Sequence example : draw(new Mqar(512, 64, 8), 500)) {
            Map<Long, Long> values = new HashMap<>();
            for (int i = 0; i < 16; i += 2) {
                assertThat(example.inputs()[i]).isBetween(1L, 255L);
                assertThat(example.inputs()[i + 1]).isBetween(256L, 511L);
                assertThat(values.put(example.inputs()[i], example.inputs()[i + 1]))
                        .isNull();
            }
            assertThat(new HashSet<>(values.values())).hasSize(8);
            assertThat(targets(example)).isEqualTo(8);
            for (int t = 0; t < 64; t++) {
                if (example.targets()[t] != TokenBatch.NO_TARGET) {
                    assertThat(t).isGreaterThanOrEqualTo(16);
                    assertThat(values.remove(example.inputs()[t])).isEqualTo(example.targets()[t]);
                    gaps.add((t - 16) / 2);
                }
            }
            assertThat(values).isEmpty();
        }
        // nearer places are likelier: all but certain for the first, and fewer towards the end
        long first = gaps.stream().filter(gap -> gap == 0).count();
        long tenth = gaps.stream().filter(gap -> gap == 10).count();
        assertThat(first).isGreaterThan(450);
        assertThat(tenth).isBetween(50L, 200L);
    }

    @Test
    void recallAsksForValuesOfKeysThatHaveComeAndTrainsOnEveryToken() {
        for (TokenBatch.Sequence example : draw(new InContextRecall(16, 0, 0, 128, InContextRecall.Use.TEST), 100)) {
            checkRecall(example, 16);
        }
        for (TokenBatch.Sequence example : draw(new InContextRecall(16, 0, 0, 128, InContextRecall.Use.TRAIN), 20)) {
            assertThat(Arrays.copyOf(example.targets(), 126)).isEqualTo(Arrays.copyOfRange(example.inputs(), 1, 127));
            assertThat(example.targets()[126]).isBetween(8L, 15L);
        }
    }

    @Test
    void noiseIsAShareOfPairsAndNeverATarget() {
        long noise = 0;
        for (TokenBatch.Sequence example : draw(new InContextRecall(32, 16, 0.4, 128, InContextRecall.Use.TEST), 200)) {
            checkRecall(example, 16);
            noise += Arrays.stream(example.inputs()).filter(id -> id >= 16).count();
        }
        // the last pair and one other are none
        assertThat(noise / (200 * 2 * 62.0)).isCloseTo(0.4, within(0.02));
    }

    private static void checkRecall(TokenBatch.Sequence example, int ids) {
        assertThat(example.inputs()).hasSize(127);
        Map<Long, Long> values = new HashMap<>();
        for (int t = 0; t < 127; t += 2) {
            long key = example.inputs()[t];
            assertThat(t == 126 || example.targets()[t + 1] == TokenBatch.NO_TARGET)
                    .isTrue();
            if (key >= ids) {
                assertThat(example.targets()[t]).isEqualTo(TokenBatch.NO_TARGET);
                continue;
            }
            assertThat(key).isLessThan(ids / 2);
            if (values.containsKey(key)) {
                assertThat(example.targets()[t]).isEqualTo(values.get(key));
            } else {
                assertThat(example.targets()[t]).isEqualTo(TokenBatch.NO_TARGET);
                values.put(key, example.inputs()[t + 1]);
            }
        }
        assertThat(example.targets()[126]).isNotEqualTo(TokenBatch.NO_TARGET);
    }

    @Test
    void fuzzyRecallAsksAtTheEndForAMotifThatHasComeWithTheSameValue() {
        for (TokenBatch.Sequence example : draw(new FuzzyRecall(16, 128, InContextRecall.Use.TEST), 200)) {
            assertThat(example.inputs()).hasSize(128);
            String text = text(example, "abcdefgABCDEFGH.") + (char) ('A' + last(example) - 7);
            // keys of three small letters, values of one to three large ones
            assertThat(text).matches("\\.*([a-g]{3}[A-H]{1,3})+");
            Map<String, String> values = new HashMap<>();
            var pairs = Pattern.compile("([a-g]{3})([A-H]{1,3})").matcher(text);
            int lastTargets = 0;
            while (pairs.find()) {
                boolean known = values.containsKey(pairs.group(1));
                assertThat(values.getOrDefault(pairs.group(1), pairs.group(2))).isEqualTo(pairs.group(2));
                values.put(pairs.group(1), pairs.group(2));
                lastTargets = 0;
                for (int t = pairs.start(2); t < pairs.end(2); t++) {
                    long target = example.targets()[t - 1];
                    assertThat(target).isEqualTo(known ? text.charAt(t) - 'A' + 7 : TokenBatch.NO_TARGET);
                    lastTargets += known ? 1 : 0;
                }
            }
            assertThat(lastTargets).isPositive();
        }
    }

    @Test
    void selectiveCopyingAsksForTheIdsWithoutBlanksInOrder() {
        for (TokenBatch.Sequence example : draw(new SelectiveCopying(16, 256, 16), 100)) {
            assertThat(example.inputs()).hasSize(256);
            long[] ids = Arrays.stream(example.inputs()).filter(id -> id < 14).toArray();
            assertThat(Arrays.copyOfRange(example.targets(), 240, 256)).isEqualTo(ids);
            assertThat(targets(example)).isEqualTo(16);
            assertThat(example.inputs()[239]).isEqualTo(15);
            assertThat(Arrays.copyOfRange(example.inputs(), 240, 256)).containsOnly(14);
        }
    }

    @Test
    void factsAreTheSameInAllExamplesAndValuesDiffer() {
        Map<Long, Long> facts = new HashMap<>();
        for (TokenBatch.Sequence example : draw(new Memorization(256, 32), 300)) {
            for (int t = 0; t < 32; t += 2) {
                assertThat(example.inputs()[t + 1]).isEqualTo(255);
                assertThat(example.targets()[t]).isEqualTo(TokenBatch.NO_TARGET);
                long value = example.targets()[t + 1];
                assertThat(value).isBetween(127L, 254L);
                assertThat(facts.computeIfAbsent(example.inputs()[t], key -> value))
                        .isEqualTo(value);
            }
        }
        assertThat(facts).hasSize(127);
        assertThat(new HashSet<>(facts.values())).hasSize(127);
    }

    @Test
    void compressionAsksForAllThatWasRead() {
        Set<Long> seen = new HashSet<>();
        for (TokenBatch.Sequence example : draw(new Compression(16, 32), 300)) {
            assertThat(example.targets()).containsExactly(example.inputs());
            assertThat(example.inputs()).hasSize(32).endsWith(15);
            LongStream.of(example.inputs()).limit(31).forEach(seen::add);
        }
        assertThat(seen)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, 15).boxed().toList());
    }

    private static List<TokenBatch.Sequence> draw(Generator generator, int count) {
        SplittableRandom random = new SplittableRandom(5);
        return IntStream.range(0, count).mapToObj(i -> generator.draw(random)).toList();
    }

    private static String text(TokenBatch.Sequence example, String symbols) {
        StringBuilder text = new StringBuilder();
        LongStream.of(example.inputs()).forEach(id -> text.append(symbols.charAt((int) id)));
        return text.toString();
    }

    private static long count(String text, char symbol) {
        return text.chars().filter(c -> c == symbol).count();
    }

    private static long targets(TokenBatch.Sequence example) {
        return Arrays.stream(example.targets()).filter(t -> t >= 0).count();
    }

    private static long last(TokenBatch.Sequence example) {
        return example.targets()[example.targets().length - 1];
    }

    /** All numbers of five different digits 0..4 in ascending order. */
    private static List<int[]> lexicographic() {
        return IntStream.range(0, 100_000)
                .mapToObj(number -> String.format("%05d", number))
                .filter(digits ->
                        digits.matches("[0-4]*") && digits.chars().distinct().count() == 5)
                .map(digits -> digits.chars().map(c -> c - '0').toArray())
                .toList();
    }

    /** By the determinant's rule: (-1)^(5 - cycles). */
    private static int sign(int[] permutation) {
        int cycles = 0;
        boolean[] seen = new boolean[5];
        for (int start = 0; start < 5; start++) {
            cycles += seen[start] ? 0 : 1;
            for (int i = start; !seen[i]; i = permutation[i]) {
                seen[i] = true;
            }
        }
        return (5 - cycles) % 2 == 0 ? 1 : -1;
    }
}
