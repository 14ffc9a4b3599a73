package org.hopespark.conf;

/**
 * The rules that FineWeb adds to those of C4 and Gopher (Penedo et al. 2024, arXiv:2406.17557, section 3.6), with the
 * limits of datatrove's {@code FineWebQualityFilter}. Lines of blanks alone do not count.
 *
 * @param leastPunctuatedLines share of lines that end in terminal punctuation, at least
 * @param keepUnpunctuated whether a document with no such line at all passes that rule
 * @param mostShortLines share of short lines, at most
 * @param shortLineCharacters the length up to which a line is short
 * @param mostDuplicateLineCharacters share of characters in lines that occurred before, at most
 * @param mostLineFeedsPerWord line feeds per word, at most: lists have more
 */
public record FinewebQualityConfig(
        double leastPunctuatedLines,
        boolean keepUnpunctuated,
        double mostShortLines,
        int shortLineCharacters,
        double mostDuplicateLineCharacters,
        double mostLineFeedsPerWord)
        implements StageConfig {
    static final FinewebQualityConfig DEFAULT = new FinewebQualityConfig(0.12, false, 0.67, 30, 0.01, 0.3);
}
