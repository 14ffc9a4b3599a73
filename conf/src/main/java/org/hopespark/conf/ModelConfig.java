package org.hopespark.conf;

/**
 * The architecture of Hope: self-modifying Titans followed by a continuum memory in every block (Nested Learning,
 * section 8.3).
 *
 * @param vocabularySize token ids, those that mark documents included
 * @param width D of the residual stream
 * @param blocks number of blocks
 * @param headWidth width of one head of the mixer; divides {@code width}
 * @param memoryHiddenRatio hidden width of a head's memories in units of {@code headWidth}
 * @param chunkTokens tokens for which inner gradients are taken at one state (Eq. 90); a power of two that divides the
 *     context
 * @param contextTokens tokens of a training sequence
 * @param convolutionWidth taps of the causal depth-wise convolution of q, k and v
 * @param read which write a token's read sees
 * @param documents what happens to inner state where a document starts
 * @param activation of the continuum-memory MLPs
 * @param etaMax upper end of the inner learning rate
 * @param retentionBias b in alpha = sigmoid(b + linear)
 */
public record ModelConfig(
        int vocabularySize,
        int width,
        int blocks,
        int headWidth,
        int memoryHiddenRatio,
        int chunkTokens,
        int contextTokens,
        int convolutionWidth,
        Read read,
        Documents documents,
        Activation activation,
        double etaMax,
        double retentionBias) {

    /** Which state of the main memory a token reads. */
    public enum Read {
        AFTER_WRITE,
        BEFORE_WRITE
    }

    /** What a document start inside a sequence does to the inner state. */
    public enum Documents {
        RESET,
        CARRY
    }

    /** Nonlinearity of the continuum-memory MLPs. */
    public enum Activation {
        GELU,
        SILU_GATED
    }

    static final ModelConfig DEFAULT = new ModelConfig(
            257, 256, 4, 64, 1, 64, 512, 4, Read.AFTER_WRITE, Documents.RESET, Activation.SILU_GATED, 0.3, 4.0);

    public ModelConfig {
        check(vocabularySize > 1, "vocabulary-size must be > 1, got " + vocabularySize);
        check(
                width > 0 && headWidth > 0 && width % headWidth == 0,
                "head-width " + headWidth + " must divide width " + width);
        check(blocks > 0, "blocks must be >= 1, got " + blocks);
        check(memoryHiddenRatio > 0, "memory-hidden-ratio must be >= 1, got " + memoryHiddenRatio);
        check(
                chunkTokens > 0 && Integer.bitCount(chunkTokens) == 1,
                "chunk-tokens must be a power of two, got " + chunkTokens);
        check(
                contextTokens > 0 && contextTokens % chunkTokens == 0,
                "chunk-tokens " + chunkTokens + " must divide context-tokens " + contextTokens);
        check(convolutionWidth > 0, "convolution-width must be >= 1, got " + convolutionWidth);
        check(etaMax >= 0 && etaMax <= 1, "eta-max must lie in 0..1, got " + etaMax);
    }

    /** Number of heads. */
    public int heads() {
        return width / headWidth;
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
