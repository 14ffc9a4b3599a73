package org.hopespark.data.filter;

import java.text.Normalizer;
import java.util.Locale;

/**
 * The n-grams of a text's words without case, accents and punctuation, and with 0 for every number, one after the
 * other.
 *
 * <p>Words are runs of letters and digits, and single ideographs; all else parts them.
 */
final class NormalNgrams {
    private static final char PARTS = 0;
    private static final char SKIPPED = 1;
    /** Ideographs, and halves of pairs. */
    private static final char SPECIAL = 2;

    private static final char FIRST_IDEOGRAPH = 0x2E80;
    private static final char[] FOLDED = new char[1 << 16];

    static {
        for (int c = 0; c < FOLDED.length; c++) {
            FOLDED[c] = folded((char) c);
        }
    }

    private final char[] text;
    private final long[] hashes;
    private final int[] starts;
    /** What the word that leaves the n-gram has been multiplied by. */
    private final long leaving;

    private int position;
    private int wordEnd;
    /** Of the oldest word, the next to leave. */
    private int place;

    private long words;
    private long sum;

    NormalNgrams(String text, int n) {
        this.text = text.toCharArray();
        hashes = new long[n];
        starts = new int[n];
        long power = 1;
        for (int i = 0; i < n; i++) {
            power = Hashes.append(power, 0);
        }
        leaving = power;
    }

    /** Goes on to the next n-gram; whether there is one. */
    boolean next() {
        do {
            if (!nextWord()) {
                return false;
            }
        } while (words < hashes.length);
        return true;
    }

    /** Hash of the n-gram, the same in every run. */
    long hash() {
        return Hashes.finish(sum);
    }

    /** The n-gram as it is written. */
    String text() {
        int start = starts[place];
        return new String(text, start, wordEnd - start);
    }

    private boolean nextWord() {
        long before = words;
        while (words == before && position < text.length) {
            if (isSeparator(position)) {
                position++;
            } else {
                takeWord();
            }
        }
        return words > before;
    }

    /** Takes the word that begins here; marks that stand alone are none. */
    private void takeWord() {
        int start = position;
        int i = start;
        long hash = Hashes.SEED;
        char before = 0;
        do {
            char folded = FOLDED[text[i]];
            if (folded == SPECIAL) {
                folded = text[i];
                if (i > start && isIdeograph(i)) {
                    break;
                }
            }
            if (folded != SKIPPED && !(folded == '0' && before == '0')) {
                hash = Hashes.add(hash, folded);
                before = folded;
            }
            i++;
        } while (i < text.length && !isSeparator(i) && !isIdeograph(i - 1));
        position = i;
        if (before != 0) {
            add(Hashes.finish(hash), start, i);
        }
    }

    private boolean isIdeograph(int at) {
        return text[at] >= FIRST_IDEOGRAPH && Chars.kind(text[at]) == Chars.IDEOGRAPH;
    }

    private boolean isSeparator(int at) {
        char folded = FOLDED[text[at]];
        return folded == PARTS || (folded == SPECIAL && isSymbolPair(at));
    }

    /** Whether the character is half of a pair that is no letter, digit or ideograph. */
    private boolean isSymbolPair(int at) {
        char c = text[at];
        if (!Character.isSurrogate(c)) {
            return false;
        }
        int high = Character.isHighSurrogate(c) ? at : at - 1;
        if (high < 0 || high + 1 >= text.length || !Character.isSurrogatePair(text[high], text[high + 1])) {
            return true;
        }
        byte kind = Chars.kindOf(Character.toCodePoint(text[high], text[high + 1]));
        return kind == Chars.SYMBOL || kind == Chars.BLANK;
    }

    private void add(long hash, int start, int end) {
        sum = Hashes.append(sum, hash) - hashes[place] * leaving;
        hashes[place] = hash;
        starts[place] = start;
        place = place + 1 == hashes.length ? 0 : place + 1;
        wordEnd = end;
        words++;
    }

    private static char folded(char c) {
        switch (Chars.kind(c)) {
            case Chars.DIGIT -> {
                return '0';
            }
            case Chars.IDEOGRAPH, Chars.SURROGATE -> {
                return SPECIAL;
            }
            case Chars.MARK -> {
                return SKIPPED;
            }
            case Chars.LETTER -> {
                String lower = String.valueOf(c).toLowerCase(Locale.ROOT);
                String bare = Normalizer.normalize(lower, Normalizer.Form.NFD).replaceAll("\\p{Mn}", "");
                return bare.length() == 1 ? bare.charAt(0) : lower.charAt(0);
            }
            default -> {
                return PARTS;
            }
        }
    }
}
