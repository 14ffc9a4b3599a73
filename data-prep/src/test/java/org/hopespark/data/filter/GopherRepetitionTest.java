package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class GopherRepetitionTest {
    /** Switches every rule off. */
    private static final String OFF = "most-duplicate-paragraphs: 1, most-duplicate-paragraph-characters: 1,"
            + " most-duplicate-lines: 1, most-duplicate-line-characters: 1,"
            + " most-top-ngram-characters: [], most-duplicate-ngram-characters: []";

    /** Words of four characters of which no two are alike. */
    private static String fresh(int from, int words) {
        return IntStream.range(from, from + words)
                .mapToObj(i -> String.format(
                        "%c%c%c%c", 'a' + i / 17576 % 26, 'a' + i / 676 % 26, 'a' + i / 26 % 26, 'a' + i % 26))
                .collect(Collectors.joining(" "));
    }

    private static String parts(int different, int again, String separator) {
        return Stream.concat(
                        IntStream.range(0, different).mapToObj(i -> fresh(10 * i, 5)),
                        IntStream.range(0, again).mapToObj(i -> fresh(0, 5)))
                .collect(Collectors.joining(separator));
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                // 3 of 10, and 4 of 11
                Arguments.of(
                        "duplicate paragraphs",
                        "most-duplicate-paragraphs: 0.3",
                        parts(7, 3, "\n\n"),
                        parts(7, 4, "\n\n\n")),
                Arguments.of("duplicate lines", "most-duplicate-lines: 0.3", parts(7, 3, "\n"), parts(7, 4, "\n\n")),
                // 24 of 120 characters, and of 119
                Arguments.of(
                        "characters in duplicate paragraphs",
                        "most-duplicate-paragraph-characters: 0.2",
                        fresh(0, 5) + "\n\n" + fresh(0, 5) + "\n\n" + "x".repeat(120 - 52),
                        fresh(0, 5) + "\n\n" + fresh(0, 5) + "\n\n" + "x".repeat(119 - 52)),
                Arguments.of(
                        "characters in duplicate lines",
                        "most-duplicate-line-characters: 0.2",
                        fresh(0, 5) + "\n" + fresh(0, 5) + "\n" + "x".repeat(120 - 50),
                        fresh(0, 5) + "\n" + fresh(0, 5) + "\n" + "x".repeat(119 - 50)),
                // "abcd efgh" twice: 18 of 90 characters, and of 89
                Arguments.of(
                        "most frequent n-gram",
                        "most-top-ngram-characters: [0.2]",
                        "abcd efgh abcd efgh " + "x".repeat(70),
                        "abcd efgh abcd efgh " + "x".repeat(69)),
                // three words twice: 28 of 140 characters, and of 139
                Arguments.of(
                        "most frequent n-gram",
                        "most-top-ngram-characters: [1, 0.2]",
                        "abcd efgh ijkl " + fresh(0, 5) + " abcd efgh ijkl " + "x".repeat(140 - 55),
                        "abcd efgh ijkl " + fresh(0, 5) + " abcd efgh ijkl " + "x".repeat(139 - 55)),
                // five words again: 20 of 200 characters, and of 199
                Arguments.of(
                        "duplicate n-grams",
                        "most-duplicate-ngram-characters: [0.1]",
                        fresh(0, 5) + " or " + fresh(0, 5) + " " + "x".repeat(200 - 53),
                        fresh(0, 5) + " or " + fresh(0, 5) + " " + "x".repeat(199 - 53)),
                // ten words again: 40 of 400 characters, and of 399
                Arguments.of(
                        "duplicate n-grams",
                        "most-duplicate-ngram-characters: [1, 1, 1, 1, 1, 0.1]",
                        fresh(0, 10) + " or " + fresh(0, 10) + " " + "x".repeat(400 - 103),
                        fresh(0, 10) + " or " + fresh(0, 10) + " " + "x".repeat(399 - 103)));
    }

    private static Stage stage(String setting) {
        String others = Stream.of(OFF.split(", "))
                .filter(off -> !off.startsWith(setting.substring(0, setting.indexOf(':') + 1)))
                .collect(Collectors.joining(", "));
        return Outcomes.stage("gopher-repetition: {" + others + ", " + setting + "}");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void eachRuleKeepsWhatIsAtItsLimitAndRemovesWhatIsBeyond(String reason, String setting, String at, String beyond) {
        assertThat(Outcomes.of(stage(setting), at)).isEqualTo("kept");
        assertThat(Outcomes.of(stage(setting), beyond)).isEqualTo("gopher: " + reason);
    }

    @Test
    void sharesOfRandomTextsAreThoseOfThePublishedRules() {
        Random random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            String text = Naive.randomText(random);
            RepeatedNgrams ngrams = new RepeatedNgrams(Words.of(text.toCharArray()));
            for (int n = 2; n <= 5; n++) {
                ngrams.lengthen();
                assertThat((double) ngrams.topCharacters() / text.length())
                        .as("n = %d in %s", n, text)
                        .isEqualTo(Naive.topShare(text, n));
            }
            for (int n = 5; n <= 10; n++) {
                assertThat((double) ngrams.duplicateCharacters(n) / text.length())
                        .as("n = %d in %s", n, text)
                        .isEqualTo(Naive.duplicateShare(text, n));
            }
            Lines lines = Lines.of(text.toCharArray());
            assertDuplicates(Duplicates.ofLines(lines, line -> lines.length(line) > 0), Naive.duplicates(text, "\n+"));
            assertDuplicates(Duplicates.ofParagraphs(lines), Naive.duplicates(text, "\n{2,}"));
        }
    }

    private static void assertDuplicates(Duplicates duplicates, double[] expected) {
        assertThat(duplicates.share()).isEqualTo(expected[0]);
        assertThat((double) duplicates.characters()).isEqualTo(expected[1]);
    }

    @Test
    void documentsOfOneEndlessLineAreJudgedByTheirBeginning() {
        Stage stage = Outcomes.stage("gopher-repetition");
        String beginning = IntStream.range(0, Shape.EXAMINED / 8)
                .mapToObj(i -> String.format("%07x ", i * 7919))
                .collect(Collectors.joining());
        assertThat(Outcomes.of(stage, beginning)).isEqualTo("kept");
        assertThat(Outcomes.of(stage, beginning + "again ".repeat(10_000_000))).isEqualTo("kept");
        assertThat(Outcomes.of(stage, "again ".repeat(10_000_000))).isEqualTo("gopher: most frequent n-gram");
        assertThat(Outcomes.of(stage, "\n".repeat(10_000_000))).isEqualTo("kept");
        assertThat(Outcomes.of(stage, "x".repeat(10_000_000))).isEqualTo("kept");
    }
}
