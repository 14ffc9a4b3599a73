package org.hopespark.data.bpe;

import java.util.Optional;

/** Cuts text into words; no token reaches from one word into the next. Words have no gaps between them. */
public interface PreTokenizer {
    /**
     * Where the word ends that begins at a place.
     *
     * @param utf8 well-formed UTF-8
     * @param begin where the word begins
     * @param end where the text ends, beyond {@code begin}
     */
    int wordEnd(byte[] utf8, int begin, int end);

    /** The words of GPT-2, {@value Gpt2Words#PATTERN}. */
    static PreTokenizer gpt2() {
        return new Gpt2Words();
    }

    /**
     * The words of cl100k. Newer versions of tiktoken begin a word at all white space that ends a text, line breaks
     * inside or not; the ids are the same, because no token of cl100k has other white space behind its last line break.
     */
    static PreTokenizer cl100k() {
        return new Cl100kWords(3);
    }

    /** The words of a regular expression, where it is one of those that are known here. */
    static Optional<PreTokenizer> ofPattern(String pattern) {
        return switch (pattern) {
            case Gpt2Words.PATTERN -> Optional.of(gpt2());
            case Cl100kWords.THREE_DIGITS -> Optional.of(new Cl100kWords(3));
            case Cl100kWords.ONE_DIGIT -> Optional.of(new Cl100kWords(1));
            default -> Optional.empty();
        };
    }
}
