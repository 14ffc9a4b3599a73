package org.hopespark.conf;

/**
 * Gated DeltaNet-2 (Hatamizadeh et al. 2026, arXiv 2605.22791): a decay of each channel, and rates of erasing and
 * writing of each channel, too. A token leaves at least e^-5 of a channel, as with {@code kda}; the paper has no such
 * bound.
 *
 * @param heads number of heads; 0 for {@code model.width} / {@code model.head-width}
 * @param keyWidth width of the keys of a head; 0 for {@code model.head-width}
 * @param valueWidth width of the values of a head; 0 for that of the keys
 * @param convolutionWidth taps of the convolution of queries, keys and values
 * @param negativeEigenvalues whether a key's old value may be erased up to twice
 * @param chunkTokens tokens computed at once, at most 16: changes speed and rounding, not the result
 */
public record GatedDeltanet2Config(
        int heads, int keyWidth, int valueWidth, int convolutionWidth, boolean negativeEigenvalues, int chunkTokens)
        implements LinearConfig {
    static final GatedDeltanet2Config DEFAULT = new GatedDeltanet2Config(0, 0, 0, 4, false, 16);

    @Override
    public Decay decay() {
        return Decay.CHANNEL;
    }

    @Override
    public double leastLogDecay() {
        return -5;
    }

    @Override
    public boolean writesChannels() {
        return true;
    }

    @Override
    public Gate gate() {
        return Gate.LOW_RANK_SILU;
    }
}
