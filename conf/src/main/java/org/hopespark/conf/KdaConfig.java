package org.hopespark.conf;

/**
 * Kimi Delta Attention (Kimi Team 2025, arXiv 2510.26692): Gated DeltaNet with a decay of each channel, exp(-5
 * sigmoid), so that a token leaves at least e^-5 of it.
 *
 * @param heads number of heads; 0 for {@code model.width} / {@code model.head-width}
 * @param keyWidth width of the keys of a head; 0 for {@code model.head-width}
 * @param valueWidth width of the values of a head; 0 for that of the keys
 * @param convolutionWidth taps of the convolution of queries, keys and values
 * @param negativeEigenvalues whether a key's old value may be erased up to twice
 * @param chunkTokens tokens computed at once, at most 16: changes speed and rounding, not the result
 */
public record KdaConfig(
        int heads, int keyWidth, int valueWidth, int convolutionWidth, boolean negativeEigenvalues, int chunkTokens)
        implements LinearConfig {
    static final KdaConfig DEFAULT = new KdaConfig(0, 0, 0, 4, false, 16);

    @Override
    public Decay decay() {
        return Decay.CHANNEL;
    }

    @Override
    public boolean decayIsSigmoid() {
        return true;
    }

    @Override
    public double leastLogDecay() {
        return -5;
    }

    @Override
    public Gate gate() {
        return Gate.LOW_RANK_SIGMOID;
    }
}
