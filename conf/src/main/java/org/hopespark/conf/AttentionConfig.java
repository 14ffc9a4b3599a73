package org.hopespark.conf;

/**
 * Softmax attention with rotary positions.
 *
 * @param window tokens that a token sees, itself included (Beltagy et al. 2020, arXiv 2004.05150); 0 for all before it
 * @param headWidth width of one head, 0 for {@code model.head-width}
 * @param keyValueHeads heads of keys and values, each for as many heads of queries (Ainslie et al. 2023, arXiv
 *     2305.13245); 0 for one a head of queries
 */
public record AttentionConfig(int window, int headWidth, int keyValueHeads) implements MixerConfig {
    static final AttentionConfig DEFAULT = new AttentionConfig(0, 0, 0);

    public AttentionConfig {
        if (window < 0 || headWidth < 0 || keyValueHeads < 0) {
            throw new IllegalArgumentException("window, head-width and key-value-heads must be >= 0, got " + window
                    + ", " + headWidth + " and " + keyValueHeads);
        }
    }

    @Override
    public void check(Checks checks, int width, int headWidth, int contextTokens) {
        MixerConfig.super.check(checks, width, headWidth, contextTokens);
        checks.that(headWidth % 2 == 0, "head-width must be even for rotary positions, got " + headWidth);
        checks.that(
                window <= contextTokens,
                "pattern: window " + window + " must be at most context-tokens " + contextTokens);
        int heads = headWidth > 0 ? width / headWidth : 0;
        checks.that(
                keyValueHeads == 0 || heads % keyValueHeads == 0,
                "pattern: key-value-heads " + keyValueHeads + " must divide the number of heads, " + heads);
    }

    @Override
    public boolean rotates() {
        return true;
    }
}
