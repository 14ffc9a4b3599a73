package org.hopespark.data.filter;

/** Kinds of characters, looked up. */
final class Chars {
    static final byte BLANK = 0;
    static final byte SYMBOL = 1;
    static final byte LETTER = 2;
    static final byte DIGIT = 3;
    /** Combining marks, joiners and the like: part of the word that they follow. */
    static final byte MARK = 4;
    /** A character of a script that does not part words by blanks; a word of its own. */
    static final byte IDEOGRAPH = 5;

    static final byte SURROGATE = 6;

    private static final byte[] KINDS = new byte[1 << 16];

    static {
        for (int c = 0; c < KINDS.length; c++) {
            KINDS[c] = Character.isSurrogate((char) c) ? SURROGATE : kindOf(c);
        }
    }

    private Chars() {}

    static byte kind(char c) {
        return KINDS[c];
    }

    static byte kindOf(int codePoint) {
        if (Character.isIdeographic(codePoint) || (codePoint >= 0x3041 && codePoint <= 0x30FA)) {
            return IDEOGRAPH;
        } else if (Character.isLetter(codePoint)) {
            return LETTER;
        } else if (Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint)) {
            return BLANK;
        }
        return switch (Character.getType(codePoint)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> DIGIT;
            case Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT -> MARK;
            case Character.CONTROL -> BLANK;
            default -> SYMBOL;
        };
    }

    static boolean isBlank(char c) {
        return KINDS[c] == BLANK;
    }
}
