package org.hopespark.conf;

/**
 * Gated DeltaNet (Yang et al. 2025, arXiv 2412.06464): DeltaNet with a decay of each token and head.
 *
 * @param heads number of heads; 0 for three quarters of {@code model.width} / {@code model.head-width}
 * @param keyWidth width of the keys of a head; 0 for {@code model.head-width}
 * @param valueWidth width of the values of a head; 0 for twice that of the keys
 * @param convolutionWidth taps of the convolution of queries, keys and values
 * @param negativeEigenvalues whether a key's old value may be erased up to twice
 * @param chunkTokens tokens computed at once: changes speed and rounding, not the result
 */
public record GatedDeltanetConfig(
        int heads, int keyWidth, int valueWidth, int convolutionWidth, boolean negativeEigenvalues, int chunkTokens)
        implements LinearConfig {
    static final GatedDeltanetConfig DEFAULT = new GatedDeltanetConfig(0, 0, 0, 4, false, 64);

    @Override
    public int heads(ModelConfig model) {
        return heads == 0 ? Math.max(1, 3 * model.heads() / 4) : heads;
    }

    @Override
    public Decay decay() {
        return Decay.TOKEN;
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
