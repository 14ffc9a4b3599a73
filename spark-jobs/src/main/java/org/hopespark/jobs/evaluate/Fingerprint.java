package org.hopespark.jobs.evaluate;

import org.apache.commons.codec.digest.DigestUtils;

/** SHA-256 of text. */
public final class Fingerprint {
    private Fingerprint() {}

    public static String of(String... parts) {
        return DigestUtils.sha256Hex(String.join("\n", parts));
    }
}
