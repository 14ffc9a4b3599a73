package org.hopespark.text;

import java.util.Locale;

/**
 * Text with nothing in it that acts instead of being read. A file name or a document may hold escape sequences, which a
 * terminal obeys, and controls of direction, which show letters in another order than they have (CVE-2021-42574).
 */
public final class Printable {
    private Printable() {}

    /**
     * The text with C0, C1 and bidirectional controls, line separators and lone surrogates written as
     * {@code \}{@code u001b}; line feeds and tabs stay.
     */
    public static String of(String text) {
        int first = 0;
        while (first < text.length() && isPlain(text, first)) {
            first++;
        }
        if (first == text.length()) {
            return text; // nearly always
        }
        StringBuilder result = new StringBuilder(text.length() + 16).append(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            if (isPlain(text, i)) {
                result.append(text.charAt(i));
            } else {
                result.append(String.format(Locale.ROOT, "\\u%04x", (int) text.charAt(i)));
            }
        }
        return result.toString();
    }

    private static boolean isPlain(String text, int index) {
        char c = text.charAt(index);
        if (c < 0x7F) {
            return c >= ' ' || c == '\n' || c == '\t';
        }
        if (Character.isHighSurrogate(c)) {
            return index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
        }
        return c > 0x9F && !isDirection(c) && c != '\u2028' && c != '\u2029';
    }

    /** UAX 9, 2: marks, embeddings, overrides and isolates. */
    private static boolean isDirection(char c) {
        return c == '\u061C'
                || c == '\u200E'
                || c == '\u200F'
                || (c >= '\u202A' && c <= '\u202E')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
