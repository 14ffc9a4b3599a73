package org.hopespark.conf;

/**
 * Test-time training of a linear map (Sun et al. 2024, arXiv 2407.04620, section 2.7).
 *
 * @param headWidth width of one head, 0 for {@code model.head-width}
 * @param chunkTokens tokens whose inner gradients are taken at one state; divides the context
 * @param baseRate upper end of the inner learning rate, before it is divided by the width of a head
 * @param convolutionWidth tokens that the convolutions of queries and keys span, 1 for none
 */
public record TttLinearConfig(int headWidth, int chunkTokens, double baseRate, int convolutionWidth)
        implements TttConfig {
    static final TttLinearConfig DEFAULT = new TttLinearConfig(0, 16, 1, 4);

    public TttLinearConfig {
        TttConfig.checkAlone(headWidth, chunkTokens, baseRate, convolutionWidth);
    }

    @Override
    public int depth() {
        return 1;
    }
}
