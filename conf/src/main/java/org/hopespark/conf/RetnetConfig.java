package org.hopespark.conf;

/**
 * RetNet (Sun et al. 2023, arXiv 2307.08621): linear attention whose heads forget at fixed rates, 1 - 2^(-5-h) for head
 * h, with rotary positions.
 *
 * @param heads number of heads; 0 for {@code model.width} / {@code model.head-width}
 * @param keyWidth width of the keys of a head; 0 for {@code model.head-width}
 * @param valueWidth width of the values of a head; 0 for twice that of the keys
 * @param chunkTokens tokens computed at once: changes speed and rounding, not the result
 */
public record RetnetConfig(int heads, int keyWidth, int valueWidth, int chunkTokens) implements LinearConfig {
    static final RetnetConfig DEFAULT = new RetnetConfig(0, 0, 0, 64);

    @Override
    public int convolutionWidth() {
        return 0;
    }

    @Override
    public boolean unitKeys() {
        return false;
    }

    @Override
    public boolean rotates() {
        return true;
    }

    @Override
    public Decay decay() {
        return Decay.HEAD;
    }

    @Override
    public boolean erases() {
        return false;
    }

    @Override
    public Gate gate() {
        return Gate.SILU;
    }

    @Override
    public int valuesForKey() {
        return 2;
    }
}
