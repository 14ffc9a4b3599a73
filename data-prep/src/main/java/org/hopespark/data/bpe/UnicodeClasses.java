package org.hopespark.data.bpe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Letters ({@code \p{L}}), numbers ({@code \p{N}}), white space ({@code \s}) and all else, in Unicode 17.0.
 *
 * <p>The table is here because ids must not depend on the Java runtime: Java 17 knows Unicode 13. It says what the
 * {@code regex} crate of Rust says to tiktoken 0.14 and what Hugging Face's tokenizers 0.23 find.
 */
final class UnicodeClasses {
    static final byte OTHER = 0;
    static final byte LETTER = 1;
    static final byte NUMBER = 2;
    static final byte SPACE = 3;

    private static final int[] SPACES = {
        '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
        0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000
    };

    private static final byte[] CLASSES = read();

    private UnicodeClasses() {}

    private static byte[] read() {
        byte[] classes = new byte[Character.MAX_CODE_POINT + 1];
        for (int space : SPACES) {
            classes[space] = SPACE;
        }
        try (InputStream in = UnicodeClasses.class.getResourceAsStream("unicode-classes.txt")) {
            if (in == null) {
                throw new IllegalStateException("unicode-classes.txt is missing");
            }
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> fill(classes, line.split(" ")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return classes;
    }

    private static void fill(byte[] classes, String[] line) {
        byte kind = line[0].equals("letter") ? LETTER : NUMBER;
        for (int i = 1; i < line.length; i++) {
            int dash = line[i].indexOf('-');
            int first = Integer.parseInt(dash < 0 ? line[i] : line[i].substring(0, dash), 16);
            int last = dash < 0 ? first : Integer.parseInt(line[i].substring(dash + 1), 16);
            Arrays.fill(classes, first, last + 1, kind);
        }
    }

    static byte of(int codePoint) {
        return CLASSES[codePoint];
    }

    /** The end of the longest run of a class that begins at a place; the place itself where none does. */
    static int runEnd(byte[] utf8, int begin, int end, byte kind) {
        int at = begin;
        while (at < end) {
            int b = utf8[at];
            if (b >= 0) {
                if (CLASSES[b] != kind) {
                    return at;
                }
                at++;
            } else {
                if (CLASSES[codePoint(utf8, at)] != kind) {
                    return at;
                }
                at += bytes(utf8[at]);
            }
        }
        return at;
    }

    /** The class of the code point that begins at a place. */
    static byte at(byte[] utf8, int at) {
        int b = utf8[at];
        return CLASSES[b >= 0 ? b : codePoint(utf8, at)];
    }

    /** How many bytes the code point has whose first byte that is. */
    static int bytes(byte first) {
        return first >= 0 ? 1 : first < (byte) 0xE0 ? 2 : first < (byte) 0xF0 ? 3 : 4;
    }

    /** The code point that begins at a place, which is not ASCII, in well-formed UTF-8. */
    static int codePoint(byte[] utf8, int at) {
        int b = utf8[at];
        if (b < (byte) 0xE0) {
            return (b & 0x1F) << 6 | (utf8[at + 1] & 0x3F);
        } else if (b < (byte) 0xF0) {
            return (b & 0x0F) << 12 | (utf8[at + 1] & 0x3F) << 6 | (utf8[at + 2] & 0x3F);
        }
        return (b & 0x07) << 18 | (utf8[at + 1] & 0x3F) << 12 | (utf8[at + 2] & 0x3F) << 6 | (utf8[at + 3] & 0x3F);
    }
}
