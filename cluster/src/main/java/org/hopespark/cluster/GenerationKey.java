package org.hopespark.cluster;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the workers of one generation know and nobody else: the driver draws it and hands it out over Spark's own
 * channel. It never travels between workers; they only prove that they have it ({@link Handshake}).
 */
public final class GenerationKey {
    private static final int BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] bytes;

    private GenerationKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a key has " + BYTES + " bytes, not " + bytes.length);
        }
        this.bytes = bytes;
    }

    /** Another one than any before. */
    public static GenerationKey random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new GenerationKey(bytes);
    }

    /** The one that {@link #encode} wrote. */
    public static GenerationKey decode(String hex) {
        return new GenerationKey(HexFormat.of().parseHex(hex));
    }

    /** As text, for Spark's channel only. */
    public String encode() {
        return HexFormat.of().formatHex(bytes);
    }

    /** HMAC-SHA256 (RFC 2104). */
    byte[] sign(byte[] message) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(bytes, ALGORITHM));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /** Nothing of it: what is printed may be logged. */
    @Override
    public String toString() {
        return "a key that is not printed";
    }
}
