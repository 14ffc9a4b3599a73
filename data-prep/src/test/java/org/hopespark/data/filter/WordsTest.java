package org.hopespark.data.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class WordsTest {
    private static List<Long> hashes(Words words) {
        return IntStream.range(0, words.count()).mapToObj(words::hash).toList();
    }

    private static Words words(String text) {
        return Words.of(text.toCharArray());
    }

    private static void assertWords(String text, String... expected) {
        assertThat(Naive.words(text)).containsExactly(expected);
        assertThat(hashes(words(text)))
                .isEqualTo(java.util.Arrays.stream(expected).map(Hashes::of).toList());
    }

    @Test
    void wordsAreRunsOfLettersAndPunctuationIsOfItsOwn() {
        assertWords("Don't stop, it's 3.14...", "Don't", "stop", ",", "it's", "3.14", "...");
        assertWords("(well-known) 'quoted' x_1__", "(", "well", "-", "known", ")", "'", "quoted", "'", "x_1", "__");
        assertWords("1,000 and 1, 2.", "1,000", "and", "1", ",", "2", ".");
    }

    @Test
    void scriptsWithoutBlanksAreCutIntoCharacters() {
        assertWords("\u6771\u4eac is Tokyo", "\u6771", "\u4eac", "is", "Tokyo");
        assertWords("a\uD83D\uDE00\uD83D\uDE00", "a", "\uD83D\uDE00\uD83D\uDE00");
    }

    @Test
    void betweenBlanksPunctuationIsPartOfItsWord() {
        String text =
                "  \u201CDon't... stop,\u201D -- she\u00a0said\u2026 #1 #two \uD835\uDD38b 3.14\n\u6771\u4eac\u3002ok";
        List<String> expected = List.of(
                "\u201CDon't...",
                "stop,\u201D",
                "--",
                "she",
                "said\u2026",
                "#1",
                "#two",
                "\uD835\uDD38b",
                "3.14",
                "\u6771",
                "\u4eac",
                "\u3002ok");
        Words words = Words.betweenBlanks(text.toCharArray());
        assertThat(hashes(words)).isEqualTo(expected.stream().map(Hashes::of).toList());
        assertThat(words.characters(0, words.count()))
                .isEqualTo(String.join("", expected).length());
        assertThat(words.proper()).isEqualTo(12);
        assertThat(words.alphabetic()).isEqualTo(9);
        assertThat(words.hashSigns()).isEqualTo(2);
        assertThat(words.ellipses()).isEqualTo(2);
    }

    @Test
    void wordsOfRandomTextsAreThoseOfAPattern() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            String text = Naive.randomText(random);
            List<String> expected = Naive.words(text);
            Words words = words(text);
            assertThat(hashes(words))
                    .as(text)
                    .isEqualTo(expected.stream().map(Hashes::of).toList());
            assertThat(words.characters(0, words.count()))
                    .isEqualTo(String.join("", expected).length());
            assertThat(words.proper()).isEqualTo((int) expected.stream()
                    .filter(word -> word.matches("(?s).*[\\p{L}\\p{N}].*"))
                    .count());
            assertThat(words.alphabetic()).isEqualTo((int) expected.stream()
                    .filter(word -> word.matches("(?s).*\\p{L}.*"))
                    .count());
        }
    }

    @Test
    void nothingIsToBeFoundInNothing() {
        assertThat(words("").count()).isZero();
        assertThat(words(" \n\t\u00a0").count()).isZero();
        assertThat(words("").meanCharacters()).isZero();
        assertThat(Lines.of(new char[0]).count()).isZero();
    }
}
