package org.hopespark.data.bpe;

import java.text.Normalizer;
import java.util.BitSet;

/**
 * Texts that are in normalization form C by every version of Unicode, because none of their code points decomposes, has
 * a combining class, or composes with what stands before it. Some texts in form C are not among them.
 */
public final class NfcInert {
    /** Below it no code point takes part in composition but as its first part. */
    private static final int FIRST_COMBINING = 0x300;

    private static final BitSet BASIC_PLANE = basicPlane();

    private NfcInert() {}

    private static BitSet basicPlane() {
        BitSet inert = new BitSet(1 << 16);
        for (int c = 0; c < 1 << 16; c++) {
            inert.set(c, isInert(c));
        }
        return inert;
    }

    private static boolean isInert(int c) {
        return switch (Character.getType(c)) {
            case Character.UNASSIGNED,
                    Character.SURROGATE,
                    Character.NON_SPACING_MARK,
                    Character.COMBINING_SPACING_MARK,
                    Character.ENCLOSING_MARK -> false;
            default -> !isVowelOrFinalJamo(c) && Normalizer.isNormalized(Character.toString(c), Normalizer.Form.NFC);
        };
    }

    private static boolean isVowelOrFinalJamo(int c) {
        return (c >= 0x1160 && c <= 0x11FF) || (c >= 0xD7B0 && c <= 0xD7FF);
    }

    /** Whether a text is one of those. */
    public static boolean holds(String text) {
        int length = text.length();
        int i = 0;
        while (i < length) {
            char c = text.charAt(i++);
            if (c < FIRST_COMBINING || BASIC_PLANE.get(c)) {
                continue;
            }
            if (!isEmojiOrIdeograph(text.codePointAt(i - 1))) {
                return false;
            }
            i++;
        }
        return true;
    }

    private static boolean isEmojiOrIdeograph(int codePoint) {
        return (codePoint >= 0x1F000 && codePoint <= 0x1FAFF) || (codePoint >= 0x20000 && codePoint <= 0x2A6DF);
    }
}
