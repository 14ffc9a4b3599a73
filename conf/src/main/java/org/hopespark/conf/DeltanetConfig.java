package org.hopespark.conf;

/**
 * DeltaNet (Yang et al. 2024, arXiv 2406.06484): linear attention that erases what a key recalls before it writes.
 *
 * @param heads number of heads; 0 for {@code model.width} / {@code model.head-width}
 * @param keyWidth width of the keys of a head; 0 for {@code model.head-width}
 * @param valueWidth width of the values of a head; 0 for that of the keys
 * @param convolutionWidth taps of the convolution of queries, keys and values
 * @param negativeEigenvalues whether a key's old value may be erased up to twice, which parity and state tracking need
 *     (Grazzi et al. 2024, arXiv 2411.12537)
 * @param chunkTokens tokens computed at once: changes speed and rounding, not the result
 */
public record DeltanetConfig(
        int heads, int keyWidth, int valueWidth, int convolutionWidth, boolean negativeEigenvalues, int chunkTokens)
        implements LinearConfig {
    static final DeltanetConfig DEFAULT = new DeltanetConfig(0, 0, 0, 4, false, 64);
}
