package org.hopespark.data;

import java.io.Serializable;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

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

    /** Lower case, no diacritics, every digit a 0, letters and digits only, words one blank apart. */
    static CharSequence fold(String text) {
        String decomposed = Normalization.of(text, Normalizer.Form.NFD).toLowerCase(Locale.ROOT);
        StringBuilder folded = new StringBuilder(decomposed.length());
        for (int i = 0; i < decomposed.length(); ) {
            int c = decomposed.codePointAt(i);
            i += Character.charCount(c);
            int type = Character.getType(c);
            if (Character.isLetter(c)) {
                folded.appendCodePoint(c);
            } else if (type == Character.DECIMAL_DIGIT_NUMBER) {
                folded.append('0');
            } else if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                if (folded.length() > 0 && folded.charAt(folded.length() - 1) != ' ') {
                    folded.append(' ');
                }
            } else if (type == Character.OTHER_NUMBER || type == Character.LETTER_NUMBER) {
                folded.appendCodePoint(c);
            }
        }
        return folded;
    }
}
