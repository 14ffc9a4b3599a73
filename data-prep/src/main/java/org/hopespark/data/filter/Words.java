package org.hopespark.data.filter;

import java.util.Arrays;

/**
 * The words of a text, punctuation included, as the published filters count them.
 *
 * <p>A word is a run of letters and digits, with an apostrophe or underscore between two of them, or a point or comma
 * between two digits; or one ideograph or kana; or a run of one and the same other character. So {@code don't} and
 * {@code 3.14} are words, {@code well-known} is three, and {@code ...} is one. The tokenizers behind datatrove (spaCy,
 * NLTK) differ in that they part {@code don't} into {@code do} and {@code n't} and know abbreviations, and cut scripts
 * without blanks by a dictionary. These rules need no model and are the same everywhere.
 *
 * <p>Lengths are in UTF-16 units.
 */
final class Words {
    private int count;
    private int[] ends = new int[256];
    private long[] hashes = new long[256];
    private int symbols;
    private int symbolCharacters;
    private int alphabetic;
    private int hashSigns;
    private int ellipses;

    private final char[] text;

    private Words(char[] text) {
        this.text = text;
    }

    static Words of(char[] text) {
        Words words = new Words(text);
        words.find();
        return words;
    }

    /** The runs of characters between blanks, whatever they are, and single ideographs. */
    static Words betweenBlanks(char[] text) {
        Words words = new Words(text);
        words.findBetweenBlanks();
        return words;
    }

    /** Words, punctuation included. */
    int count() {
        return count;
    }

    /** Words that are not punctuation alone; all of them between blanks. */
    int proper() {
        return count - symbols;
    }

    /** Mean length of the proper words. */
    double meanCharacters() {
        return Shape.share(characters(0, count) - symbolCharacters, proper());
    }

    /** Words with a letter. */
    int alphabetic() {
        return alphabetic;
    }

    /** Hash signs in the text. */
    int hashSigns() {
        return hashSigns;
    }

    /** Ellipses in the text, one character or three points. */
    int ellipses() {
        return ellipses;
    }

    /** Hash of one word; that of {@link Hashes#of} its characters. */
    long hash(int word) {
        return hashes[word];
    }

    /** Hash of some words in a row. */
    long hash(int from, int words) {
        long hash = hashes[from];
        for (int i = from + 1; i < from + words; i++) {
            hash = Hashes.append(hash, hashes[i]);
        }
        return hash;
    }

    /** Length of some words in a row, without what is between them. */
    int characters(int from, int words) {
        int to = from + words;
        return (to == 0 ? 0 : ends[to - 1]) - (from == 0 ? 0 : ends[from - 1]);
    }

    private void find() {
        int i = 0;
        while (i < text.length) {
            i = switch (kindAt(i)) {
                case Chars.BLANK -> i + 1;
                case Chars.LETTER, Chars.DIGIT -> word(i);
                case Chars.IDEOGRAPH -> ideograph(i);
                default -> symbol(i);
            };
        }
    }

    private void findBetweenBlanks() {
        int i = 0;
        while (i < text.length) {
            i = switch (kindAt(i)) {
                case Chars.BLANK -> i + 1;
                case Chars.IDEOGRAPH -> ideograph(i);
                default -> run(i);
            };
        }
    }

    private int run(int start) {
        long hash = Hashes.SEED;
        boolean letter = false;
        int points = 0;
        int i = start;
        for (byte kind = kindAt(i);
                kind != Chars.BLANK && kind != Chars.IDEOGRAPH;
                kind = i < text.length ? kindAt(i) : Chars.BLANK) {
            letter |= kind == Chars.LETTER;
            char c = text[i];
            hashSigns += c == '#' ? 1 : 0;
            points = c == '.' ? points + 1 : 0;
            ellipses += c == '\u2026' || (points > 0 && points % 3 == 0) ? 1 : 0;
            for (int end = i + (isPair(i) ? 2 : 1); i < end; i++) {
                hash = Hashes.add(hash, text[i]);
            }
        }
        alphabetic += letter ? 1 : 0;
        add(Hashes.finish(hash), i - start);
        return i;
    }

    private int word(int start) {
        long hash = Hashes.SEED;
        boolean letter = false;
        int i = start;
        while (i < text.length) {
            char c = text[i];
            byte kind = Chars.kind(c);
            if (kind == Chars.LETTER) {
                letter = true;
            } else if (kind == Chars.SURROGATE) {
                byte pair = kindOfPair(i);
                if (pair != Chars.LETTER && pair != Chars.DIGIT && pair != Chars.MARK) {
                    break;
                }
                letter |= pair == Chars.LETTER;
                hash = Hashes.add(hash, c);
                c = text[++i];
            } else if (kind != Chars.DIGIT && kind != Chars.MARK && !joins(c, i)) {
                break;
            }
            hash = Hashes.add(hash, c);
            i++;
        }
        if (letter) {
            alphabetic++;
        }
        add(Hashes.finish(hash), i - start);
        return i;
    }

    private boolean joins(char c, int at) {
        if (at + 1 == text.length) {
            return false;
        }
        byte next = kindAt(at + 1);
        if (c == '\'' || c == '\u2019' || c == '_') {
            return next == Chars.LETTER || next == Chars.DIGIT;
        }
        return (c == '.' || c == ',') && next == Chars.DIGIT && Chars.kind(text[at - 1]) == Chars.DIGIT;
    }

    private int ideograph(int start) {
        int end = start + (Character.isHighSurrogate(text[start]) ? 2 : 1);
        alphabetic++;
        add(hashOf(start, end), end - start);
        return end;
    }

    private int symbol(int start) {
        char c = text[start];
        int width = isPair(start) ? 2 : 1;
        int end = start + width;
        while (end + width <= text.length && text[end] == c && text[end + width - 1] == text[start + width - 1]) {
            end += width;
        }
        int length = end - start;
        if (c == '#') {
            hashSigns += length;
        } else if (c == '.') {
            ellipses += length / 3;
        } else if (c == '\u2026') {
            ellipses += length;
        }
        symbols++;
        symbolCharacters += length;
        add(hashOf(start, end), length);
        return end;
    }

    private long hashOf(int start, int end) {
        long hash = Hashes.SEED;
        for (int i = start; i < end; i++) {
            hash = Hashes.add(hash, text[i]);
        }
        return Hashes.finish(hash);
    }

    private boolean isPair(int at) {
        return Character.isHighSurrogate(text[at]) && at + 1 < text.length && Character.isLowSurrogate(text[at + 1]);
    }

    private byte kindAt(int at) {
        byte kind = Chars.kind(text[at]);
        return kind == Chars.SURROGATE ? kindOfPair(at) : kind;
    }

    private byte kindOfPair(int at) {
        return isPair(at) ? Chars.kindOf(Character.toCodePoint(text[at], text[at + 1])) : Chars.SYMBOL;
    }

    private void add(long hash, int length) {
        if (count == hashes.length) {
            hashes = Arrays.copyOf(hashes, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        hashes[count] = hash;
        ends[count] = length + (count == 0 ? 0 : ends[count - 1]);
        count++;
    }
}
