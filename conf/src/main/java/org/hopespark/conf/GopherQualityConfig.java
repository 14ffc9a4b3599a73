package org.hopespark.conf;

import java.util.List;

/**
 * The quality rules of Gopher (Rae et al. 2021, arXiv:2112.11446, section A.1.1), with the limits of datatrove's
 * {@code GopherQualityFilter}. A document stays if all of them hold.
 *
 * @param words what a word is
 * @param leastWords words, at least
 * @param mostWords the same, at most
 * @param leastMeanWordCharacters their mean length, at least
 * @param mostMeanWordCharacters the same, at most
 * @param mostHashesPerWord hash signs per word, at most
 * @param mostEllipsesPerWord the same for ellipses, {@code …} or three dots
 * @param mostBulletLines share of lines that begin with {@code •} or {@code -}, at most
 * @param mostEllipsisLines share of lines that end in an ellipsis, at most
 * @param leastAlphabeticWords share of words that have a letter, at least
 * @param leastStopWords different ones of {@code stopWords} that occur, at least
 * @param stopWords words without which text is hardly language, as they are written
 */
public record GopherQualityConfig(
        Words words,
        int leastWords,
        int mostWords,
        double leastMeanWordCharacters,
        double mostMeanWordCharacters,
        double mostHashesPerWord,
        double mostEllipsesPerWord,
        double mostBulletLines,
        double mostEllipsisLines,
        double leastAlphabeticWords,
        int leastStopWords,
        List<String> stopWords)
        implements StageConfig {

    /** What the rules count. */
    public enum Words {
        /**
         * What stands between two blanks, punctuation and all, which is how the paper and Dolma are read; and single
         * ideographs, of which the paper says nothing.
         */
        PAPER,
        /**
         * As datatrove's tokenizers split them, whose punctuation is words of its own: it counts for the rules of hash
         * signs, ellipses and letters, and not for the number of words and their mean length. A dialogue is easily a
         * quarter punctuation, which the rule of letters then removes.
         */
        DATATROVE
    }

    static final GopherQualityConfig DEFAULT = new GopherQualityConfig(
            Words.PAPER,
            50,
            100_000,
            3,
            10,
            0.1,
            0.1,
            0.9,
            0.3,
            0.8,
            2,
            List.of("the", "be", "to", "of", "and", "that", "have", "with"));

    public GopherQualityConfig {
        Checks checks = new Checks();
        stopWords = List.copyOf(stopWords);
        checks.that(leastWords >= 1, "least-words must be >= 1, got " + leastWords);
        checks.that(mostWords >= leastWords, "most-words must be >= least-words " + leastWords + ", got " + mostWords);
        checks.that(
                mostMeanWordCharacters >= leastMeanWordCharacters,
                "most-mean-word-characters must be >= least-mean-word-characters " + leastMeanWordCharacters + ", got "
                        + mostMeanWordCharacters);
        checks.that(
                leastStopWords <= stopWords.stream().distinct().count(),
                "least-stop-words must be at most the number of stop-words, got " + leastStopWords);
        checks.done();
    }
}
