package org.hopespark.conf;

/**
 * Mamba-2 (Dao and Gu 2024, arXiv 2405.21060): a state-space model with a decay of each token and head, whose heads
 * share keys and queries. It has no MLP of its own: give its levels {@code continuum-hidden: 0} and it twice the
 * blocks.
 *
 * @param keyWidth width of the keys and queries, the state's d_state
 * @param valueWidth width of the values of a head; divides {@code expand} times {@code model.width}
 * @param expand width of all values over {@code model.width}
 * @param convolutionWidth taps of the convolution of queries, keys and values
 * @param chunkTokens tokens computed at once: changes speed and rounding, not the result
 */
public record Mamba2Config(int keyWidth, int valueWidth, int expand, int convolutionWidth, int chunkTokens)
        implements LinearConfig {
    static final Mamba2Config DEFAULT = new Mamba2Config(128, 64, 2, 4, 64);

    @Override
    public void check(Checks checks, int width, int headWidth, int contextTokens) {
        LinearConfig.super.check(checks, width, headWidth, contextTokens);
        checks.that(keyWidth > 0, "mamba2: key-width must be >= 1, got " + keyWidth);
        checks.that(
                expand > 0 && valueWidth > 0 && expand * width % valueWidth == 0,
                "mamba2: value-width " + valueWidth + " must divide expand " + expand + " times width " + width);
    }

    /** As many as its values need. */
    @Override
    public int heads() {
        return 0;
    }

    @Override
    public int heads(ModelConfig model) {
        return expand * model.width() / valueWidth;
    }

    @Override
    public int keyHeads(ModelConfig model) {
        return 1;
    }

    @Override
    public boolean convolutionHasBias() {
        return convolutionWidth > 0;
    }

    @Override
    public boolean unitKeys() {
        return false;
    }

    @Override
    public Decay decay() {
        return Decay.TOKEN;
    }

    @Override
    public boolean isStateSpace() {
        return true;
    }

    @Override
    public boolean erases() {
        return false;
    }

    @Override
    public Gate gate() {
        return Gate.SILU;
    }
}
