package org.hopespark.conf;

/**
 * What both layers of test-time training have in common (Sun et al. 2024, arXiv 2407.04620): a small model that learns,
 * while a sequence is read, to turn keys into values.
 */
public sealed interface TttConfig extends MixerConfig permits TttLinearConfig, TttMlpConfig {
    /** Tokens whose inner gradients are taken at one state. */
    int chunkTokens();

    /** Upper end of the inner learning rate, before it is divided by the width of a head. */
    double baseRate();

    /** Tokens that the convolutions of queries and keys span. */
    int convolutionWidth();

    /** Layers of the inner model, 1 or 2. */
    int depth();

    /** Width of the hidden layer of the inner model, in widths of a head. */
    default int hiddenRatio() {
        return depth() == 1 ? 1 : 4;
    }

    /** What must hold of the settings alone. */
    static void checkAlone(int headWidth, int chunkTokens, double baseRate, int convolutionWidth) {
        Checks checks = new Checks();
        checks.that(headWidth >= 0, "head-width must be >= 0, got " + headWidth);
        checks.that(chunkTokens >= 1, "chunk-tokens must be >= 1, got " + chunkTokens);
        checks.that(baseRate > 0 && Double.isFinite(baseRate), "base-rate must be > 0, got " + baseRate);
        checks.that(convolutionWidth >= 1, "convolution-width must be >= 1, got " + convolutionWidth);
        checks.done();
    }

    @Override
    default void check(Checks checks, int width, int ownHeadWidth, int contextTokens) {
        MixerConfig.super.check(checks, width, ownHeadWidth, contextTokens);
        checks.that(ownHeadWidth % 2 == 0, "head-width must be even for rotary positions, got " + ownHeadWidth);
        checks.that(
                contextTokens % chunkTokens() == 0,
                "pattern: chunk-tokens " + chunkTokens() + " must divide context-tokens " + contextTokens);
    }

    @Override
    default int restartTokens(ModelConfig model) {
        return chunkTokens();
    }

    @Override
    default boolean rotates() {
        return true;
    }
}
