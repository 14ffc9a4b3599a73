package org.hopespark.data.filter;

import java.text.Normalizer;

/**
 * Unicode normalization in time linear in the text. Normalizers sort the combining marks behind a letter, the JDK's in
 * quadratic time, and a text may have any number of them; so no more than 30 in a row reach it, which is more than any
 * language writes (UAX 15, 13: stream-safe text).
 */
public final class Normalization {
    private static final int MOST_MARKS = 30;

    /** U+034F, which is no mark to a normalizer, and parts those before it from those behind. */
    private static final char GRAPHEME_JOINER = '\u034F';

    private Normalization() {}

    /** The text in a normal form, with a combining grapheme joiner behind every 30th mark of a row that is longer. */
    public static String of(String text, Normalizer.Form form) {
        return Normalizer.normalize(streamSafe(text), form);
    }

    private static String streamSafe(String text) {
        StringBuilder safe = null;
        int copied = 0;
        int marks = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            marks = isMark(c) ? marks + 1 : 0;
            if (marks > MOST_MARKS) {
                safe = (safe == null ? new StringBuilder(text.length() + text.length() / MOST_MARKS) : safe)
                        .append(text, copied, i)
                        .append(GRAPHEME_JOINER);
                copied = i;
                marks = 1;
            }
            i += Character.charCount(c);
        }
        return safe == null ? text : safe.append(text, copied, text.length()).toString();
    }

    private static boolean isMark(int c) {
        return c >= 0x300
                && c != GRAPHEME_JOINER
                && switch (Character.getType(c)) {
                    case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
                    default -> false;
                };
    }
}
