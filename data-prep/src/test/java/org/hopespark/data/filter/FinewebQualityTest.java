package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FinewebQualityTest {
    /** Lines of 40 characters and an end, of which no two are alike. */
    private static String lines(int from, int count, String end) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> String.format("line number %05d and so on and so forth%s%n", i, end))
                .collect(Collectors.joining());
    }

    static Stream<Arguments> limits() {
        return Stream.of(
                // 3 of 25 lines, and 3 of 26
                Arguments.of(
                        "lines without punctuation",
                        lines(0, 3, ".") + lines(3, 22, ""),
                        lines(0, 3, "!") + lines(3, 23, "")),
                // 67 of 100 lines of 30 characters, and 68
                Arguments.of("short lines", shorts(67) + lines(0, 33, "."), shorts(68) + lines(0, 32, ".")),
                // a line of 41 characters again in 4,100, and in 4,099
                Arguments.of(
                        "characters in duplicate lines",
                        lines(0, 98, ".") + "\n \n \n" + lines(0, 1, ".") + "x ".repeat(19) + "x",
                        lines(0, 98, ".") + "\n" + lines(0, 1, ".") + "x ".repeat(20)),
                // 3 line feeds and 10 words, and 9
                Arguments.of(
                        "line feeds",
                        "one and two and three and fourteen\n\n\nthe end.",
                        "one plus and two and threefourteen\n\n\nthe end."));
    }

    private static String shorts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.format("line %03d of 30 characters, so.%n", i))
                .collect(Collectors.joining());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void eachRuleKeepsWhatIsAtItsLimitAndRemovesWhatIsBeyond(String reason, String at, String beyond) {
        assertThat(Outcomes.of(Outcomes.stage("fineweb-quality"), at)).isEqualTo("kept");
        assertThat(Outcomes.of(Outcomes.stage("fineweb-quality"), beyond)).isEqualTo("fineweb: " + reason);
    }

    @Test
    void documentsWithoutAnyPunctuationMayPass() {
        assertThat(Outcomes.of(Outcomes.stage("fineweb-quality: {keep-unpunctuated: true}"), lines(0, 30, "")))
                .isEqualTo("kept");
        assertThat(Outcomes.of(
                        Outcomes.stage("fineweb-quality: {keep-unpunctuated: true}"),
                        lines(0, 1, ".") + lines(1, 30, "")))
                .isEqualTo("fineweb: lines without punctuation");
    }

    @Test
    void linesOfOtherScriptsEndInTheirOwnMarks() {
        String chinese = "\u8fd9\u662f\u4e00\u4e2a\u53e5\u5b50".repeat(8) + "\u3002\n";
        String hindi = "\u092f\u0939 \u090f\u0915 \u0935\u093e\u0915\u094d\u092f \u0939\u0948 ".repeat(4) + "\u0964\n";
        assertThat(Outcomes.of(Outcomes.stage("fineweb-quality"), chinese + hindi))
                .isEqualTo("kept");
    }

    @Test
    void blankDocumentsAreRemoved() {
        assertThat(Outcomes.of(Outcomes.stage("fineweb-quality"), " \n\t\n")).isEqualTo("fineweb: blank");
    }
}
