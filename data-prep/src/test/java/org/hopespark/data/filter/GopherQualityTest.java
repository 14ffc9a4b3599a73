package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.stream.Stream;
import org.hopespark.data.filter.Stage.Remove;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class GopherQualityTest {
    /** Two stop words and 3.5 characters a word on average. */
    private static final String FOUR_WORDS = "the dogs and cats ";

    private static String times(int count, String text) {
        return text.repeat(count);
    }

    static Stream<Arguments> limits() {
        String fifty = times(12, FOUR_WORDS) + "dogs cats";
        return Stream.of(
                Arguments.of("too few words", "gopher-quality", fifty, fifty.replace("dogs cats", "dogs!?")),
                Arguments.of(
                        "too many words",
                        "gopher-quality",
                        times(25_000, FOUR_WORDS).strip() + "!",
                        times(25_000, FOUR_WORDS) + "one"),
                // 50 words of 150 characters, and of 149
                Arguments.of(
                        "short words",
                        "gopher-quality",
                        "the and " + times(48, "big "),
                        "the and " + times(47, "big ") + "an"),
                // 52 words of 520 characters, and of 521
                Arguments.of(
                        "long words",
                        "gopher-quality",
                        "the and " + times(46, "0123456789 ".replace('0', 'a')) + times(3, "aaaaaaaaaaaaaaa ")
                                + "aaaaaaaaa",
                        "the and " + times(46, "0123456789 ".replace('0', 'a')) + times(3, "aaaaaaaaaaaaaaa ")
                                + "aaaaaaaaaa"),
                // 6 of 60 words, and 6 of 59
                Arguments.of(
                        "hash signs",
                        "gopher-quality",
                        times(13, FOUR_WORDS) + "dogs cats # # # # # #",
                        times(13, FOUR_WORDS) + "dogs # # # # # #"),
                Arguments.of(
                        "ellipses",
                        "gopher-quality",
                        times(13, FOUR_WORDS) + "... \u2026 ... ... \u2026 ... dogs cats",
                        times(13, FOUR_WORDS) + "... \u2026 ... ... \u2026 ... dogs"),
                // 9 of 10 lines, and 10 of 11
                Arguments.of(
                        "bullets",
                        "gopher-quality",
                        times(9, " \u2022 " + FOUR_WORDS + FOUR_WORDS + "\n") + FOUR_WORDS,
                        times(10, "- " + FOUR_WORDS + FOUR_WORDS + "\n") + FOUR_WORDS),
                // 3 of 10 lines, and 4 of 10
                Arguments.of(
                        "lines that end in an ellipsis",
                        "gopher-quality",
                        times(3, FOUR_WORDS + FOUR_WORDS + "... \n") + times(7, FOUR_WORDS + FOUR_WORDS + "\n"),
                        times(4, FOUR_WORDS + FOUR_WORDS + "\u2026\n") + times(6, FOUR_WORDS + FOUR_WORDS + "\n")),
                // 48 of 60 words, and 48 of 61
                Arguments.of(
                        "words without letters",
                        "gopher-quality",
                        times(12, FOUR_WORDS) + times(11, "1234 ") + "!",
                        times(12, FOUR_WORDS) + times(11, "1234 ") + "! -"),
                Arguments.of(
                        "stop words", "gopher-quality", times(60, "dogs ") + "be of", times(60, "dogs ") + "be be Of"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void eachRuleKeepsWhatIsAtItsLimitAndRemovesWhatIsBeyond(String reason, String yaml, String at, String beyond) {
        Stage stage = Outcomes.stage(yaml);
        assertThat(Outcomes.of(stage, at)).isEqualTo("kept");
        assertThat(Outcomes.of(stage, beyond)).isEqualTo("gopher: " + reason);
    }

    /** Of 80 words between blanks all have a letter; with punctuation as words of its own 80 of 120 have one. */
    @Test
    void aDialogueStaysUnlessPunctuationCountsAsWords() {
        String dialogue = times(10, "\u201COh!\u201D said the cat and looked. \u201CYou?\u201D ");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality"), dialogue)).isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {words: paper}"), dialogue))
                .isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {words: datatrove}"), dialogue))
                .isEqualTo("gopher: words without letters");
    }

    @Test
    void punctuationAloneIsOneOfTheWordsOfThePaperAndNoneOfDatatroves() {
        String text = times(12, FOUR_WORDS) + "dogs !?";
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality"), text)).isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {words: datatrove}"), text))
                .isEqualTo("gopher: too few words");
    }

    @Test
    void ideographsAreWordsOfTheirOwnEitherWay() {
        String text = "\u5317\u98ce\u548c\u592a\u9633\uff0c".repeat(20);
        String lenient = "least-mean-word-characters: 1, least-stop-words: 0}";
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {words: paper, " + lenient), text))
                .isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {words: datatrove, " + lenient), text))
                .isEqualTo("kept");
    }

    @Test
    void theReasonIsForCountingAndTheDetailHasTheNumbers() {
        Stage.Outcome outcome = Outcomes.stage("gopher-quality").apply(new Document("1", "too short", "test"));
        assertThat(outcome).isEqualTo(new Remove("gopher: too few words", "2.0, at least 50.0"));
    }

    @Test
    void settingsMoveTheLimits() {
        String text = String.join(" ", Collections.nCopies(30, "le chat et la souris"));
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality"), text)).isEqualTo("gopher: stop words");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {stop-words: [le, la, et]}"), text))
                .isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("gopher-quality: {least-stop-words: 0}"), text))
                .isEqualTo("kept");
    }
}
