package org.hopespark.data.corpus;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Locale;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.data.filter.Normalization;

/**
 * 128 bits that two texts share when they differ in white space, case and Unicode form alone: the first half of a
 * SHA-256.
 *
 * @param high first eight bytes
 * @param low next eight bytes
 */
public record TextHash(long high, long low) implements Comparable<TextHash>, Serializable {

    /** The hash of a text. */
    public static TextHash of(String text) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(fold(text).getBytes(StandardCharsets.UTF_8)));
        return new TextHash(hash.getLong(), hash.getLong());
    }

    private static String fold(String text) {
        String lower = Normalization.of(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
        StringBuilder folded = new StringBuilder(lower.length());
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (!Character.isWhitespace(c) && !Character.isSpaceChar(c)) {
                folded.append(c);
            } else if (folded.length() > 0 && folded.charAt(folded.length() - 1) != ' ') {
                folded.append(' ');
            }
        }
        int end = folded.length();
        return folded.substring(0, end > 0 && folded.charAt(end - 1) == ' ' ? end - 1 : end);
    }

    @Override
    public int compareTo(TextHash other) {
        int byHigh = Long.compare(high, other.high);
        return byHigh != 0 ? byHigh : Long.compare(low, other.low);
    }
}
