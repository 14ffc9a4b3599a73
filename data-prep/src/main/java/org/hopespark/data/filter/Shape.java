package org.hopespark.data.filter;

import org.jspecify.annotations.Nullable;

/** What the filters look at in a text, found when it is asked for. */
final class Shape {
    /** What comes after so many characters (UTF-16 units) of a document does not count; a long novel is as long. */
    static final int EXAMINED = 1 << 22;

    private final String text;
    private final char[] examined;
    private @Nullable Words words;
    private @Nullable Words wordsBetweenBlanks;
    private @Nullable Lines lines;

    private Shape(String text, char[] examined) {
        this.text = text;
        this.examined = examined;
    }

    static Shape of(String text) {
        char[] examined = new char[Math.min(text.length(), EXAMINED)];
        text.getChars(0, examined.length, examined, 0);
        return new Shape(text, examined);
    }

    /** All of it. */
    String text() {
        return text;
    }

    /** How many characters of it are examined. */
    int characters() {
        return examined.length;
    }

    /** Words in those, punctuation being words of its own. */
    Words words() {
        Words found = words == null ? Words.of(examined) : words;
        words = found;
        return found;
    }

    /** Words in those, punctuation being part of them. */
    Words wordsBetweenBlanks() {
        Words found = wordsBetweenBlanks == null ? Words.betweenBlanks(examined) : wordsBetweenBlanks;
        wordsBetweenBlanks = found;
        return found;
    }

    /** Lines of those. */
    Lines lines() {
        Lines found = lines == null ? Lines.of(examined) : lines;
        lines = found;
        return found;
    }

    /** A part of the whole; 0 of nothing. */
    static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
