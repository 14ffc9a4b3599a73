package org.hopespark.text;

import java.security.SecureRandom;

/**
 * Spreads numbers over tables in a way that nobody foresees who does not know the key, so that no input can be made to
 * fall into one place of a table (Crosby and Wallach 2003). It is for places in memory alone: nothing that is written
 * or counted may depend on it.
 *
 * @param addend any number
 * @param factor an odd number
 */
public record KeyedHash(long addend, long factor) {
    /** With a key of this process. */
    public static final KeyedHash OF_PROCESS = random();

    public KeyedHash {
        if ((factor & 1) == 0) {
            throw new IllegalArgumentException("the factor must be odd, got " + factor);
        }
    }

    private static KeyedHash random() {
        SecureRandom random = new SecureRandom();
        return new KeyedHash(random.nextLong(), random.nextLong() | 1);
    }

    /**
     * The two halves of a product of 128 bits, folded, as in wyhash: unlike those of the lower half, differences of the
     * upper bits reach all of the result, in a way that the key decides.
     */
    public long of(long value) {
        long keyed = value ^ addend;
        return Math.multiplyHigh(keyed, factor) ^ (keyed * factor);
    }
}
