package org.hopespark.data.corpus;

import java.io.Serializable;
import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.hopespark.data.filter.Normalization;

/**
 * Signatures of texts whose bands are equal with a probability that follows from the texts' Jaccard similarity s of
 * shingles (Broder 1997): two documents share at least one of b bands of r rows with probability 1 - (1 - s^r)^b.
 *
 * @param shingleWords words of a shingle
 * @param bands b
 * @param rows r
 * @param seed of the hash functions
 */
public record MinHash(int shingleWords, int bands, int rows, long seed) implements Serializable {
    /** Which words a text has; signatures of other versions are not comparable. */
    public static final int VERSION = 2;

    /**
     * Scripts that do not separate words: those that UAX 14 breaks between ideographs (ID), by a dictionary (SA), or at
     * syllables (AK).
     */
    private static final Set<UnicodeScript> WITHOUT_BLANKS = EnumSet.of(
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.BOPOMOFO,
            UnicodeScript.YI,
            UnicodeScript.THAI,
            UnicodeScript.LAO,
            UnicodeScript.KHMER,
            UnicodeScript.MYANMAR,
            UnicodeScript.TAI_LE,
            UnicodeScript.NEW_TAI_LUE,
            UnicodeScript.TAI_THAM,
            UnicodeScript.TAI_VIET,
            UnicodeScript.AHOM,
            UnicodeScript.BALINESE,
            UnicodeScript.JAVANESE);

    /** Below come scripts that separate words by blanks; Tibetan and Thai are the first that do not. */
    private static final char FIRST_WITHOUT_BLANKS = '\u0E00';

    /** Hash functions x -> (a x + b) mod p (Carter and Wegman 1979). */
    private static final long PRIME = (1L << 61) - 1;

    public MinHash {
        if (shingleWords < 1 || bands < 1 || rows < 1) {
            throw new IllegalArgumentException(
                    "shingle-words, bands and rows must be >= 1, got " + shingleWords + ", " + bands + ", " + rows);
        }
    }

    /** Probability that two documents of a Jaccard similarity share a band. */
    public double probability(double similarity) {
        return 1 - Math.pow(1 - Math.pow(similarity, rows), bands);
    }

    /** What is kept between documents: one a thread. */
    public final class Signer {
        private final long[] factors = new long[bands * rows];
        private final long[] summands = new long[bands * rows];
        private final long[] minima = new long[bands * rows];
        private final long[] words = new long[shingleWords];

        public Signer() {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < factors.length; i++) {
                factors[i] = random.nextLong(1, PRIME);
                summands[i] = random.nextLong(0, PRIME);
            }
        }

        /** The hash of every band; none for a text without words. */
        public long[] bands(String text) {
            Arrays.fill(minima, Long.MAX_VALUE);
            CharSequence folded = fold(text);
            int count = 0;
            int at = 0;
            while (at < folded.length()) {
                long word = 0xcbf29ce484222325L;
                int start = at;
                for (; at < folded.length() && folded.charAt(at) != ' '; at++) {
                    word = (word ^ folded.charAt(at)) * 0x100000001b3L;
                }
                if (at > start) {
                    words[count++ % shingleWords] = word;
                    if (count >= shingleWords) {
                        add(shingle(count, shingleWords));
                    }
                }
                at++;
            }
            if (count == 0) {
                return new long[0];
            }
            if (count < shingleWords) {
                add(shingle(count, count));
            }
            return banded();
        }

        /** Of the last words, in their order. */
        private long shingle(int count, int length) {
            long hash = length;
            for (int i = count - length; i < count; i++) {
                hash = mix(hash * 0x9E3779B97F4A7C15L + words[i % shingleWords]);
            }
            return hash;
        }

        private void add(long shingle) {
            long x = reduce(shingle & Long.MAX_VALUE);
            for (int i = 0; i < minima.length; i++) {
                minima[i] = Math.min(minima[i], modulo(factors[i], x, summands[i]));
            }
        }

        private long[] banded() {
            long[] hashes = new long[bands];
            for (int band = 0; band < bands; band++) {
                long hash = band;
                for (int row = 0; row < rows; row++) {
                    hash = mix(hash * 0x9E3779B97F4A7C15L + minima[band * rows + row]);
                }
                hashes[band] = hash;
            }
            return hashes;
        }
    }

    private static long modulo(long a, long x, long b) {
        long high = Math.multiplyHigh(a, x);
        long low = a * x;
        // 2^61 is 1 modulo the prime
        return reduce((low & PRIME) + ((high << 3) | (low >>> 61)) + b);
    }

    private static long reduce(long value) {
        long folded = (value & PRIME) + (value >>> 61);
        return folded >= PRIME ? folded - PRIME : folded;
    }

    private static long mix(long value) {
        long x = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return x ^ (x >>> 33);
    }

    /**
     * Lower case, no diacritics, every digit a 0, letters and digits only, words one blank apart. A letter of a script
     * without blanks is a word with the vowels and tones that are written around it, as is a Tibetan syllable: whatever
     * the script, a change of one place changes the few shingles around it, and not all of a sentence.
     */
    public static CharSequence fold(String text) {
        String decomposed = Normalization.of(text, Normalizer.Form.NFD).toLowerCase(Locale.ROOT);
        Words words = new Words(decomposed.length());
        for (int i = 0; i < decomposed.length(); ) {
            int c = decomposed.codePointAt(i);
            i += Character.charCount(c);
            words.add(c);
        }
        return words.folded;
    }

    private static final class Words {
        private final StringBuilder folded;
        private boolean endsInLetterWithoutBlank;

        Words(int length) {
            folded = new StringBuilder(length);
        }

        void add(int c) {
            int type = Character.getType(c);
            boolean isMark = type == Character.NON_SPACING_MARK || type == Character.COMBINING_SPACING_MARK;
            if (c >= FIRST_WITHOUT_BLANKS
                    && (isMark || Character.isLetter(c))
                    && WITHOUT_BLANKS.contains(UnicodeScript.of(c))) {
                if (!isMark) {
                    part();
                }
                folded.appendCodePoint(c);
                endsInLetterWithoutBlank = true;
            } else if (Character.isLetter(c)) {
                append(c);
            } else if (type == Character.DECIMAL_DIGIT_NUMBER) {
                append('0');
            } else if (type == Character.OTHER_NUMBER || type == Character.LETTER_NUMBER) {
                append(c);
            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c) || partsWords(c)) {
                part();
            }
        }

        private void append(int c) {
            if (endsInLetterWithoutBlank) {
                part();
            }
            folded.appendCodePoint(c);
        }

        private void part() {
            endsInLetterWithoutBlank = false;
            if (folded.length() > 0 && folded.charAt(folded.length() - 1) != ' ') {
                folded.append(' ');
            }
        }

        /** Points that stand where other scripts have a blank: of Tibetan, Ethiopic, Samaritan and cuneiform. */
        private static boolean partsWords(int c) {
            return c == 0x0F0B || c == 0x0F0C || c == 0x0F0D || c == 0x1361 || c == 0x0830 || c == 0x12470;
        }
    }
}
