package org.hopespark.conf;

/**
 * One spelling for the same text.
 *
 * @param form Unicode normalization form (UAX #15), which settles whether an accented letter is one character or two
 * @param lineEnds whether all the line ends that Unicode has become a line feed
 * @param controlCharacters whether control characters other than tab and line feed, and byte order marks, go
 * @param trailingBlanks whether blanks at the ends of lines go
 */
public record NormaliseConfig(Form form, boolean lineEnds, boolean controlCharacters, boolean trailingBlanks)
        implements StageConfig {
    static final NormaliseConfig DEFAULT = new NormaliseConfig(Form.NFC, true, true, true);

    /** A Unicode normalization form; {@code as-is} leaves characters alone. */
    public enum Form {
        AS_IS,
        NFC,
        NFD,
        NFKC,
        NFKD
    }
}
