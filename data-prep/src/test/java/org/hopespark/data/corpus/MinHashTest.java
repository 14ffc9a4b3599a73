package org.hopespark.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MinHashTest {
    private static final MinHash STANDARD = new MinHash(5, 14, 8, 1);

    /** Pairs of a known similarity share a band as often as 1 - (1 - s^r)^b says, within four standard deviations. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.65, 0.75, 0.8, 0.9})
    void pairsAreFoundAtTheRateThatTheoryPredicts(double wanted) {
        int pairs = 1000;
        Random random = new Random(11);
        MinHash.Signer signer = new MinHash(1, 14, 8, 1).new Signer();
        double expected = 0;
        double variance = 0;
        int found = 0;
        for (int i = 0; i < pairs; i++) {
            Set<String> a = words(random, 100);
            int shared = (int) Math.round(200 * wanted / (1 + wanted));
            List<String> both = new ArrayList<>(a);
            Collections.shuffle(both, random);
            Set<String> b = new HashSet<>(both.subList(0, shared));
            while (b.size() < 100) {
                b.add(word(random));
            }
            double probability = STANDARD.probability(jaccard(a, b));
            expected += probability;
            variance += probability * (1 - probability);
            found += share(signer.bands(String.join(" ", a)), signer.bands(String.join(" ", b))) ? 1 : 0;
        }
        assertThat((double) found).isCloseTo(expected, within(4 * Math.sqrt(variance) + 1));
    }

    @Test
    void caseAccentsDigitsAndPunctuationDoNotMatter() {
        MinHash.Signer signer = STANDARD.new Signer();
        assertThat(signer.bands("Grüße, the 3 «quick» foxes\njumped   over 12 dogs!"))
                .isEqualTo(signer.bands("grusse the 7 quick foxes jumped over 99 dogs".replace("ss", "ß")));
        assertThat(signer.bands("the quick brown fox jumps over"))
                .isNotEqualTo(signer.bands("the quick brown fox over jumps"));
    }

    @Test
    void aTextOfFewWordsIsOneShingleAndOneWithoutWordsNone() {
        MinHash.Signer signer = STANDARD.new Signer();
        assertThat(signer.bands("two words")).hasSize(14).isEqualTo(signer.bands("Two, words."));
        assertThat(signer.bands("two words")).isNotEqualTo(signer.bands("words two"));
        assertThat(signer.bands(" -- !")).isEmpty();
    }

    /** Minima over a set of shingles: neither their order nor how often they occur matters. */
    @Test
    void onlyTheSetOfShinglesCounts() {
        MinHash.Signer signer = new MinHash(2, 14, 8, 1).new Signer();
        assertThat(signer.bands("a b a b a b")).isEqualTo(signer.bands("b a b a"));
        assertThat(signer.bands("a b a b a b")).isNotEqualTo(signer.bands("a b c"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "English, 'the quick brown fox', 'the quick brown fox'",
        "Chinese, 中国人，abc文, 中 国 人 abc 文",
        "Japanese, ラーメン と猫。, ラ ー メ ン と 猫",
        "Thai, ที่นี่, ที่ นี่",
        "Khmer, កុំ, កុំ",
        "Tibetan, བོད་ཡིག།, བད ཡག",
        "Ethiopic, ሰላም፡ለኪ, ሰላም ለኪ",
    })
    void aWordIsWhatItsScriptPartsOrASingleLetterWhereItPartsNone(String script, String text, String words) {
        assertThat(MinHash.fold(text).toString().strip()).isEqualTo(words);
    }

    /** Of 30 clauses of twenty words one is another: a Jaccard similarity of 0.92. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "Latin, 0x61, 26, 5",
        "Han, 0x4E00, 3000, 0",
        "Hiragana, 0x3041, 80, 0",
        "Thai, 0x0E01, 46, 0",
        "Khmer, 0x1780, 36, 0",
        "Myanmar, 0x1000, 42, 0",
        "Hangul, 0xAC00, 11000, 5"
    })
    void nearDuplicatesAreFoundInEveryScript(String script, String first, int letters, int wordLetters) {
        Random random = new Random(3);
        MinHash.Signer signer = STANDARD.new Signer();
        int found = 0;
        int mistaken = 0;
        for (int i = 0; i < 50; i++) {
            List<String> clauses = new ArrayList<>();
            for (int k = 0; k < 30; k++) {
                clauses.add(clause(random, Integer.decode(first), letters, wordLetters));
            }
            String text = String.join("", clauses);
            clauses.set(15, clause(random, Integer.decode(first), letters, wordLetters));
            found += share(signer.bands(text), signer.bands(String.join("", clauses))) ? 1 : 0;
            String other =
                    clause(random, Integer.decode(first), letters, wordLetters).repeat(30);
            mistaken += share(signer.bands(text), signer.bands(other)) ? 1 : 0;
        }
        assertThat(found).isGreaterThanOrEqualTo(48);
        assertThat(mistaken).isZero();
    }

    private static String clause(Random random, int first, int letters, int wordLetters) {
        StringBuilder clause = new StringBuilder();
        for (int i = 0; i < 20 * Math.max(1, wordLetters); i++) {
            clause.appendCodePoint(first + random.nextInt(letters));
            clause.append(wordLetters > 0 && i % wordLetters == wordLetters - 1 ? " " : "");
        }
        return clause.toString();
    }

    private static boolean share(long[] a, long[] b) {
        for (int band = 0; band < a.length; band++) {
            if (a[band] == b[band]) {
                return true;
            }
        }
        return false;
    }

    private static double jaccard(Set<String> a, Set<String> b) {
        Set<String> both = new HashSet<>(a);
        both.retainAll(b);
        return (double) both.size() / (a.size() + b.size() - both.size());
    }

    private static Set<String> words(Random random, int count) {
        Set<String> words = new HashSet<>();
        while (words.size() < count) {
            words.add(word(random));
        }
        return words;
    }

    private static String word(Random random) {
        return random.ints(8, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
