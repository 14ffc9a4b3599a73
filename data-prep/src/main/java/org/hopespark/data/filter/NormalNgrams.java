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
    private static final char[] FOLDED = new char[1 << 16];

    static {
        for (int c = 0; c < FOLDED.length; c++) {
            FOLDED[c] = folded((char) c);
        }
    }

    private final String text;
    private final long[] hashes;
    private final int[] starts;
    /** What the word that leaves the n-gram has been multiplied by. */
    private final long leaving;

    private int position;
    private int wordEnd;
    private long words;
    private long sum;

    NormalNgrams(String text, int n) {
        this.text = text;
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
        return text.substring(starts[(int) (words % hashes.length)], wordEnd);
    }

    private boolean nextWord() {
        long before = words;
        while (words == before && position < text.length()) {
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
        long hash = Hashes.SEED;
        char before = 0;
        do {
            char c = text.charAt(position);
            char folded = Character.isSurrogate(c) ? c : FOLDED[c];
            if (folded != SKIPPED && !(folded == '0' && before == '0')) {
                hash = Hashes.add(hash, folded);
                before = folded;
            }
            position++;
        } while (position < text.length()
                && !isSeparator(position)
                && !isIdeograph(position - 1)
                && !isIdeograph(position));
        if (before != 0) {
            add(Hashes.finish(hash), start, position);
        }
    }

    private boolean isIdeograph(int at) {
        return Chars.kind(text.charAt(at)) == Chars.IDEOGRAPH;
    }

    private boolean isSeparator(int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            byte kind = Chars.kindOf(text.codePointAt(at));
            return kind == Chars.SYMBOL || kind == Chars.BLANK;
        } else if (Character.isLowSurrogate(c)) {
            return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)) || isSeparator(at - 1);
        }
        return FOLDED[c] == PARTS;
    }

    private void add(long hash, int start, int end) {
        int place = (int) (words % hashes.length);
        sum = Hashes.append(sum, hash) - (words < hashes.length ? 0 : hashes[place] * leaving);
        hashes[place] = hash;
        starts[place] = start;
        wordEnd = end;
        words++;
    }

    private static char folded(char c) {
        switch (Chars.kind(c)) {
            case Chars.DIGIT -> {
                return '0';
            }
            case Chars.IDEOGRAPH -> {
                return c;
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
