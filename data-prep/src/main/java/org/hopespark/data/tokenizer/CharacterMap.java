package org.hopespark.data.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The compiled map of characters of a SentencePiece normalizer: the length of a double-array trie (Yata et al. 2007, as
 * darts-clone writes it), the trie, and the texts that it leads to, each behind its place in them and before a zero.
 * The native libraries follow its numbers wherever they lead.
 */
final class CharacterMap {
    private static final int LEAF = 1 << 31;
    private static final int LABELS = 0xFF;

    private CharacterMap() {}

    /** Whether whatever text is looked up stays within the map; an empty one maps nothing. */
    static boolean isSound(byte[] map) {
        if (map.length < Integer.BYTES) {
            return map.length == 0;
        }
        ByteBuffer in = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
        long trieBytes = Integer.toUnsignedLong(in.getInt());
        if (trieBytes % Integer.BYTES != 0 || trieBytes == 0 || trieBytes >= in.remaining()) {
            return false;
        }
        int[] units = new int[(int) trieBytes / Integer.BYTES];
        in.asIntBuffer().get(units);
        byte[] texts = Arrays.copyOfRange(map, Integer.BYTES + (int) trieBytes, map.length);
        return texts[texts.length - 1] == 0
                && new String(texts, StandardCharsets.UTF_8).indexOf('\uFFFD') < 0
                && isSound(units, texts);
    }

    private static boolean isSound(int[] units, byte[] texts) {
        for (int i = 0; i < units.length; i++) {
            int unit = units[i];
            if ((unit & LEAF) != 0) {
                int place = unit & ~LEAF;
                if (place >= texts.length || (texts[place] & 0xC0) == 0x80) {
                    return false;
                }
            } else {
                int children = i ^ ((unit >>> 10) << ((unit & (1 << 9)) >>> 6));
                if (children < 0 || (children | LABELS) >= units.length) {
                    return false;
                }
            }
        }
        return true;
    }
}
