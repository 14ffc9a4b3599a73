package org.hopespark.data.filter;

/**
 * What the filters look at in a text.
 *
 * @param text all of it
 * @param characters how many of them are examined
 * @param words found in those
 * @param lines found in those
 */
record Shape(String text, int characters, Words words, Lines lines) {
    /** What comes after so many characters (UTF-16 units) of a document does not count; a long novel is as long. */
    static final int EXAMINED = 1 << 22;

    static Shape of(String text) {
        int characters = Math.min(text.length(), EXAMINED);
        char[] examined = new char[characters];
        text.getChars(0, characters, examined, 0);
        return new Shape(text, characters, Words.of(examined), Lines.of(examined));
    }

    /** A part of the whole; 0 of nothing. */
    static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }
}
