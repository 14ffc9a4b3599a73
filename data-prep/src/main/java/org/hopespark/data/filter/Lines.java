package org.hopespark.data.filter;

import java.util.Arrays;

/** The lines of a text, parted by line feeds; one at the very end begins no other line. */
final class Lines {
    private static final String TERMINAL =
            ".?!\"'\u201D\u2019\u2026\u3002\uFF1F\uFF01\u061F\u06D4\u0964\u0965\u1362\u104B";

    private final char[] text;
    private int count;
    private int[] starts = new int[64];
    private int[] lengths = new int[64];
    private long[] hashes = new long[64];

    private Lines(char[] text) {
        this.text = text;
    }

    static Lines of(char[] text) {
        Lines lines = new Lines(text);
        int start = 0;
        while (start < text.length) {
            start = lines.add(start) + 1;
        }
        return lines;
    }

    int count() {
        return count;
    }

    /** Line feeds in the text. */
    int feeds() {
        return count - (text.length > 0 && text[text.length - 1] == '\n' ? 0 : Math.min(count, 1));
    }

    int length(int line) {
        return lengths[line];
    }

    long hash(int line) {
        return hashes[line];
    }

    /** Where the line's first character lies that is not blank; its end if all are. */
    int firstProper(int line) {
        int i = starts[line];
        while (i < starts[line] + lengths[line] && Chars.isBlank(text[i])) {
            i++;
        }
        return i;
    }

    boolean isBlank(int line) {
        return firstProper(line) == starts[line] + lengths[line];
    }

    /** Whether the line begins with a bullet, blanks aside. */
    boolean isBullet(int line) {
        int first = firstProper(line);
        return first < starts[line] + lengths[line] && (text[first] == '\u2022' || text[first] == '-');
    }

    /** Whether the line ends in an ellipsis, blanks aside. */
    boolean endsInEllipsis(int line) {
        int end = starts[line] + lengths[line];
        while (end > starts[line] && Chars.isBlank(text[end - 1])) {
            end--;
        }
        return end > starts[line]
                && (text[end - 1] == '\u2026'
                        || (end - starts[line] >= 3
                                && text[end - 1] == '.'
                                && text[end - 2] == '.'
                                && text[end - 3] == '.'));
    }

    /** Whether the line ends in a mark that ends sentences, or in a quote; of any common script. */
    boolean isPunctuated(int line) {
        return lengths[line] > 0 && TERMINAL.indexOf(text[starts[line] + lengths[line] - 1]) >= 0;
    }

    private int add(int start) {
        long hash = Hashes.SEED;
        int end = start;
        while (end < text.length && text[end] != '\n') {
            hash = Hashes.add(hash, text[end]);
            end++;
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            lengths = Arrays.copyOf(lengths, 2 * count);
            hashes = Arrays.copyOf(hashes, 2 * count);
        }
        starts[count] = start;
        lengths[count] = end - start;
        hashes[count] = Hashes.finish(hash);
        count++;
        return end;
    }
}
