package org.hopespark.conf;

/**
 * The rules of C4 (Raffel et al. 2020, JMLR 21, section 2.2, and its published code), in the order and with the limits
 * of datatrove's {@code C4QualityFilter}. Lines that break a rule are dropped; what is left of them is the document.
 * FineWeb switches {@code terminalPunctuation} off.
 *
 * @param mostWordCharacters drop lines with a longer word; words are separated by blanks here
 * @param citations whether {@code [1]}, {@code []}, {@code [edit]} and {@code [citation needed]} are cut out
 * @param terminalPunctuation whether lines that do not end in one of {@code . ? ! " '}, or end in three points, drop
 * @param leastWordsPerLine drop lines with fewer words
 * @param loremIpsum whether a line with "lorem ipsum" removes the document
 * @param javascript whether lines that mention it drop
 * @param curlyBracket whether a line with an opening curly bracket removes the document
 * @param policy whether lines about privacy, cookies and terms of use drop
 * @param leastSentences remove documents of which fewer are left
 */
public record C4Config(
        int mostWordCharacters,
        boolean citations,
        boolean terminalPunctuation,
        int leastWordsPerLine,
        boolean loremIpsum,
        boolean javascript,
        boolean curlyBracket,
        boolean policy,
        int leastSentences)
        implements StageConfig {
    static final C4Config DEFAULT = new C4Config(1000, true, true, 3, true, true, true, true, 5);
}
