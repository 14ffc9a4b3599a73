package org.hopespark.conf;

/**
 * Number format in which a level's gradient travels. All but the first are approximate: what rounding takes away stays
 * with the worker that rounded, and is added to the level's next window.
 */
public enum WireFormat {
    /** As it was computed. */
    FLOAT32(32, "exact"),
    /** The upper half of a float32, rounded to nearest even. */
    BFLOAT16(16, "bfloat16 wire"),
    /**
     * Blocks of 16 numbers with 8 bits each and one power of two for all of them; a shared power of two is how the OCP
     * Microscaling Formats (MX) specification 1.0 scales its blocks, too.
     */
    INT8(8, "int8 wire");

    /** Numbers that share a power of two. */
    public static final int BLOCK = 16;

    private final int bits;
    private final String title;

    WireFormat(int bits, String title) {
        this.bits = bits;
        this.title = title;
    }

    /** Bytes of some neighbouring numbers, of which the first begins a block. */
    public long bytes(long elements) {
        long scales = this == INT8 ? (elements + BLOCK - 1) / BLOCK : 0;
        return elements * (bits / 8) + scales;
    }

    /** How reports call it. */
    public String title() {
        return title;
    }
}
