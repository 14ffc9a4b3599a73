package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.hopespark.data.filter.Stage.Keep;
import org.hopespark.data.source.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class C4Test {
    private static final Stage STAGE = Outcomes.stage("c4");
    private static final String FIVE = "One is here. Two is here. Three is here. Four is here. Five is here.";

    static Stream<Arguments> droppedLines() {
        return Stream.of(
                Arguments.of("It is " + "x".repeat(999) + ".", "It is " + "x".repeat(1000) + "."),
                Arguments.of("It is so.", "It is."),
                Arguments.of("It ends so!", "It ends so"),
                Arguments.of("It ends so?", "It ends so..."),
                Arguments.of("He said \"so it is\"", "He said so it is..."),
                Arguments.of("'It is so'", "(It is so.)"),
                Arguments.of("We know Java Script well.", "We know JavaScript well."),
                Arguments.of("Terms of the use.", "Our TERMS OF USE apply."),
                Arguments.of("Privacy policies are dull.", "Read the Privacy Policy today."),
                Arguments.of("She uses a cookie.", "The site uses cookies."),
                Arguments.of("The use of a cookie.", "The use of cookies is common."),
                Arguments.of("They use the cookies.", "We use cookies here."),
                Arguments.of("A cookie is policy.", "Our cookie policy is this."));
    }

    @ParameterizedTest
    @MethodSource("droppedLines")
    void linesThatBreakARuleDrop(String kept, String dropped) {
        assertThat(Outcomes.changed(STAGE, FIVE + "\n" + kept)).isEqualTo(FIVE + "\n" + kept);
        assertThat(Outcomes.changed(STAGE, dropped + "\n" + FIVE)).isEqualTo(FIVE);
    }

    @ParameterizedTest
    @CsvSource({
        "terminal-punctuation, It ends so",
        "javascript, We know JavaScript well.",
        "policy, We use cookies here.",
        "lorem-ipsum, Lorem Ipsum is here.",
        "curly-bracket, It is {so}.",
    })
    void everyRuleCanBeSwitchedOff(String rule, String line) {
        assertThat(Outcomes.changed(Outcomes.stage("c4: {" + rule + ": false}"), FIVE + "\n" + line))
                .isEqualTo(FIVE + "\n" + line);
    }

    @Test
    void documentsAreRemovedForLoremIpsumAndCurlyBrackets() {
        assertThat(Outcomes.of(STAGE, FIVE + "\nThe Lorem Ipsum of old.")).isEqualTo("c4: lorem ipsum");
        assertThat(Outcomes.of(STAGE, FIVE + "\nSet {x} to one.")).isEqualTo("c4: curly bracket");
        assertThat(Outcomes.of(STAGE, FIVE + "\nif (x) {"))
                .as("the line drops before")
                .isEqualTo("kept");
        assertThat(Outcomes.of(STAGE, FIVE + "\nThe javascript {x} is."))
                .as("the line drops before")
                .isEqualTo("kept");
    }

    @Test
    void documentsOfTooFewSentencesAreRemoved() {
        assertThat(Outcomes.of(STAGE, FIVE)).isEqualTo("kept");
        assertThat(Outcomes.of(STAGE, FIVE.replace("here. Five", "here, and five")))
                .isEqualTo("c4: too few sentences");
        assertThat(Outcomes.of(STAGE, "")).isEqualTo("c4: too few sentences");
        assertThat(Outcomes.of(Outcomes.stage("c4: {least-sentences: 0}"), "Menu\nHome"))
                .isEqualTo("c4: nothing left");
    }

    @Test
    void citationsAreCutOut() {
        String cited = FIVE.replace("Two is here.", "Two [citation needed]is[12][] here[edit]. ")
                .replace("  ", " ");
        assertThat(Outcomes.changed(STAGE, cited + "[1]")).isEqualTo(FIVE);
        assertThat(Outcomes.changed(STAGE, FIVE + "\nSee [a1] and [1a].")).endsWith("See [a1] and [1a].");
        assertThat(Outcomes.changed(Outcomes.stage("c4: {citations: false}"), cited))
                .isEqualTo(cited);
    }

    @Test
    void whatLosesNothingStaysTheSameObject() {
        Document document = new Document("1", FIVE, "test");
        assertThat(((Keep) STAGE.apply(document)).document()).isSameAs(document);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | One",
                "1 | One.",
                "2 | One. Two",
                "2 | One! Two?",
                "1 | One. two",
                "1 | Mr. Smith and Dr. No, i.e. J. Smith.",
                "2 | He said \"One.\" Then he left.",
                "2 | (One.) Two...",
                "1 | Version 3.14 is out.",
                "3 | What?! No. 'Yes.'",
                "0 | ' '",
            })
    void sentencesAreCountedByTheirEnds(int sentences, String text) {
        assertThat(Sentences.in(text.toCharArray(), 0, text.length())).isEqualTo(sentences);
    }

    /** The published rules with the means of the library. */
    private static String naive(String text) {
        List<String> kept = new ArrayList<>();
        int sentences = 0;
        for (String untrimmed : text.split("\n", -1)) {
            String line = untrimmed.strip();
            List<String> words = Arrays.stream(line.split("\\s+"))
                    .filter(word -> !word.isEmpty())
                    .toList();
            if (words.stream().anyMatch(word -> word.length() > 1000)) {
                continue;
            }
            line = line.replaceAll("\\[[0-9]*]|\\[edit]|\\[citation needed]", "");
            if (!line.matches(".*[.?!\"']") || line.endsWith("...") || words.size() < 3) {
                continue;
            }
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.contains("lorem ipsum")) {
                return "c4: lorem ipsum";
            } else if (lower.contains("javascript")) {
                continue;
            } else if (line.contains("{")) {
                return "c4: curly bracket";
            } else if (lower.matches(
                    ".*(terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use" + " cookies).*")) {
                continue;
            }
            sentences += Sentences.in(line.toCharArray(), 0, line.length());
            kept.add(line);
        }
        return sentences < 5 ? "c4: too few sentences" : String.join("\n", kept).strip();
    }

    @Test
    void randomTextsBecomeWhatTheRulesWordForWordMakeOfThem() {
        String[] vocabulary = {
            "one",
            "two.",
            "Three!",
            "four...",
            "\"five\"",
            "it's",
            "[1]",
            "[edit]",
            "[x]",
            "use",
            "cookies",
            "Cookies.",
            "Use",
            "of",
            "terms",
            "javascript",
            "{",
            "lorem",
            "ipsum",
            "x".repeat(1001),
            "6.",
            "\n",
            "\n",
            "\n",
            "privacy",
            "policy.",
            "uses",
            "?",
            "'",
            "[citation needed]"
        };
        Random random = new Random(3);
        int kept = 0;
        for (int i = 0; i < 5000; i++) {
            StringBuilder text = new StringBuilder();
            int used = 1 + random.nextInt(vocabulary.length);
            for (int k = random.nextInt(80); k > 0; k--) {
                text.append(vocabulary[random.nextInt(used)]).append(random.nextInt(8) == 0 ? "" : " ");
            }
            String expected = naive(text.toString());
            String reason = Outcomes.of(STAGE, text.toString());
            assertThat(reason.equals("kept") ? Outcomes.changed(STAGE, text.toString()) : reason)
                    .as(text.toString())
                    .isEqualTo(expected);
            kept += reason.equals("kept") ? 1 : 0;
        }
        assertThat(kept).isBetween(100, 4900);
    }

    @Test
    void oneEndlessLineIsDroppedOrKeptWhole() {
        assertThat(Outcomes.of(STAGE, "x".repeat(20_000_000))).isEqualTo("c4: too few sentences");
        assertThat(Outcomes.of(STAGE, "[".repeat(20_000_000))).isEqualTo("c4: too few sentences");
        assertThat(Outcomes.of(STAGE, "It is so. ".repeat(2_000_000))).isEqualTo("kept");
    }
}
