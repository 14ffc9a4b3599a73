package org.hopespark.conf;

import java.util.List;

/**
 * The repetition rules of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1), as datatrove's
 * {@code GopherRepetitionFilter} reads them. Each is the largest share that a document may have; 1 or more switches a
 * rule off.
 *
 * @param mostDuplicateParagraphs paragraphs, separated by empty lines, that occurred before
 * @param mostDuplicateParagraphCharacters the characters in them
 * @param mostDuplicateLines lines that occurred before, empty ones aside
 * @param mostDuplicateLineCharacters the characters in them
 * @param mostTopNgramCharacters characters in all occurrences of the most frequent n-gram of words, for n = 2, 3, ...
 * @param mostDuplicateNgramCharacters characters in n-grams of words that occurred before, for n = 5, 6, ...
 */
public record GopherRepetitionConfig(
        double mostDuplicateParagraphs,
        double mostDuplicateParagraphCharacters,
        double mostDuplicateLines,
        double mostDuplicateLineCharacters,
        List<Double> mostTopNgramCharacters,
        List<Double> mostDuplicateNgramCharacters)
        implements StageConfig {
    static final GopherRepetitionConfig DEFAULT = new GopherRepetitionConfig(
            0.3, 0.2, 0.3, 0.2, List.of(0.2, 0.18, 0.16), List.of(0.15, 0.14, 0.13, 0.12, 0.11, 0.1));

    public GopherRepetitionConfig {
        mostTopNgramCharacters = List.copyOf(mostTopNgramCharacters);
        mostDuplicateNgramCharacters = List.copyOf(mostDuplicateNgramCharacters);
        if (mostTopNgramCharacters.size() > 4) {
            throw new IllegalArgumentException("most-top-ngram-characters has limits for n = 2, 3, 4, 5 at most, got "
                    + mostTopNgramCharacters.size() + " limits");
        }
    }
}
