package org.hopespark.data.bpe;

import java.util.Arrays;
import java.util.Optional;

/** The letters that stand for bytes in the vocabularies of byte-level tokenizers, as GPT-2 chose them. */
public final class ByteAlphabet {
    private static final int LETTERS = 256 + 68;

    private static final int[] BYTE_OF = new int[LETTERS];

    static {
        Arrays.fill(BYTE_OF, -1);
        for (int b = 0; b < 256; b++) {
            BYTE_OF[letter(b)] = b;
        }
    }

    private ByteAlphabet() {}

    /** The letter of a byte, 0 to 255: printable ones are themselves, the others follow from U+0100 on. */
    public static char letter(int b) {
        boolean printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
        if (printable) {
            return (char) b;
        }
        int nth = b <= 32 ? b : b <= 160 ? b - 127 + 33 : 67;
        return (char) (256 + nth);
    }

    /** Bytes as their letters. */
    public static String letters(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append(letter(Byte.toUnsignedInt(b)));
        }
        return text.toString();
    }

    /** Letters as their bytes; empty if one of them stands for none. */
    public static Optional<byte[]> bytes(String letters) {
        byte[] bytes = new byte[letters.length()];
        for (int i = 0; i < bytes.length; i++) {
            char letter = letters.charAt(i);
            if (letter >= LETTERS || BYTE_OF[letter] < 0) {
                return Optional.empty();
            }
            bytes[i] = (byte) BYTE_OF[letter];
        }
        return Optional.of(bytes);
    }
}
