package org.hopespark.conf;

/**
 * Softmax attention with rotary positions.
 *
 * @param window tokens that a token sees, itself included (Beltagy et al. 2020, arXiv 2004.05150); 0 for all before it
 * @param headWidth width of one head, 0 for {@code model.head-width}
 */
public record AttentionConfig(int window, int headWidth) implements MixerConfig {
    static final AttentionConfig DEFAULT = new AttentionConfig(0, 0);

    public AttentionConfig {
        if (window < 0 || headWidth < 0) {
            throw new IllegalArgumentException(
                    "window and head-width must be >= 0, got " + window + " and " + headWidth);
        }
    }

    @Override
    public void check(Checks checks, int width, int headWidth, int contextTokens) {
        MixerConfig.super.check(checks, width, headWidth, contextTokens);
        checks.that(headWidth % 2 == 0, "head-width must be even for rotary positions, got " + headWidth);
        checks.that(
                window <= contextTokens,
                "pattern: window " + window + " must be at most context-tokens " + contextTokens);
    }

    @Override
    public boolean rotates() {
        return true;
    }
}
