package org.hopespark.cluster;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a checkpoint's files, as its manifest gives it. */
final class Sha256 {
    private Sha256() {}

    /** A digest of nothing yet. */
    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The sum of what went in, in hexadecimal. */
    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The sum of some bytes, in hexadecimal. */
    static String hex(byte[] content) {
        return HexFormat.of().formatHex(start().digest(content));
    }
}
