package org.hopespark.data.bpe;

import static org.hopespark.data.bpe.UnicodeClasses.LETTER;
import static org.hopespark.data.bpe.UnicodeClasses.NUMBER;
import static org.hopespark.data.bpe.UnicodeClasses.OTHER;
import static org.hopespark.data.bpe.UnicodeClasses.SPACE;

/**
 * The words of cl100k and of the patterns made after it: {@value #THREE_DIGITS}.
 *
 * @param digits how many a word may have
 */
record Cl100kWords(int digits) implements PreTokenizer {
    private static final String CONTRACTIONS_AND_LETTERS =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String OTHERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /** As Llama 3 writes it. */
    static final String THREE_DIGITS = CONTRACTIONS_AND_LETTERS + "\\p{N}{1,3}" + OTHERS;

    /** As Qwen 2 writes it. */
    static final String ONE_DIGIT = CONTRACTIONS_AND_LETTERS + "\\p{N}" + OTHERS;

    /** The long s, which is an s in another case, in UTF-8. */
    private static final int LONG_S_1 = (byte) 0xC5;

    private static final int LONG_S_2 = (byte) 0xBF;

    @Override
    public int wordEnd(byte[] utf8, int begin, int end) {
        int first = utf8[begin];
        if (first == '\'') {
            int contraction = contractionEnd(utf8, begin, end);
            if (contraction > 0) {
                return contraction;
            }
        }
        byte kind = UnicodeClasses.at(utf8, begin);
        if (kind == LETTER) {
            return UnicodeClasses.runEnd(utf8, begin, end, LETTER);
        } else if (kind == NUMBER) {
            return numberEnd(utf8, begin, end);
        }
        int second = begin + UnicodeClasses.bytes(utf8[begin]);
        if (second < end && !isLineBreak(first)) {
            byte next = UnicodeClasses.at(utf8, second);
            if (next == LETTER) {
                return UnicodeClasses.runEnd(utf8, second, end, LETTER);
            } else if (first == ' ' && next == OTHER) {
                return othersEnd(utf8, second, end);
            }
        }
        return kind == OTHER ? othersEnd(utf8, begin, end) : spaceEnd(utf8, begin, end);
    }

    private int numberEnd(byte[] utf8, int begin, int end) {
        int at = begin;
        for (int i = 0; i < digits && at < end && UnicodeClasses.at(utf8, at) == NUMBER; i++) {
            at += UnicodeClasses.bytes(utf8[at]);
        }
        return at;
    }

    private static int othersEnd(byte[] utf8, int begin, int end) {
        int at = UnicodeClasses.runEnd(utf8, begin, end, OTHER);
        while (at < end && isLineBreak(utf8[at])) {
            at++;
        }
        return at;
    }

    private static int spaceEnd(byte[] utf8, int begin, int end) {
        int runEnd = UnicodeClasses.runEnd(utf8, begin, end, SPACE);
        int lineEnd = runEnd;
        while (lineEnd > begin && !isLineBreak(utf8[lineEnd - 1])) {
            lineEnd--;
        }
        return lineEnd > begin ? lineEnd : Spaces.wordEnd(utf8, begin, runEnd, end);
    }

    private static boolean isLineBreak(int b) {
        return b == '\n' || b == '\r';
    }

    /** The end of 's, 't, 're, 've, 'm, 'll or 'd in either case; 0 where there is none. */
    private static int contractionEnd(byte[] utf8, int begin, int end) {
        if (begin + 1 == end) {
            return 0;
        }
        int first = utf8[begin + 1];
        int second = begin + 2 < end ? utf8[begin + 2] : 0;
        if (first == LONG_S_1 && second == LONG_S_2) {
            return begin + 3;
        }
        return switch (first | 0x20) {
            case 's', 't', 'm', 'd' -> begin + 2;
            case 'r', 'v' -> (second | 0x20) == 'e' ? begin + 3 : 0;
            case 'l' -> (second | 0x20) == 'l' ? begin + 3 : 0;
            default -> 0;
        };
    }
}
