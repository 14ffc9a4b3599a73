package org.hopespark.conf;

/**
 * The memories of self-modifying Titans (Nested Learning, section 8.1). Each ingredient is a setting of its own, so
 * that every row of the paper's ablation is one configuration.
 *
 * @param depth layers of a memory: 2 for M(z) = z + gelu(z up) down, 1 for M(z) = z + z up
 * @param hiddenRatio hidden width of a memory of depth 2 in units of the head's width
 * @param mainChunkTokens chunk of the main memory where it differs from {@code model.chunk-tokens}, that of the others;
 *     0 where it does not; one of the two divides the other
 * @param convolutionWidth taps of the causal depth-wise convolution of q, k and v
 * @param read which state of the main memory a token reads
 * @param innerRule what a write is besides a step along the gradient
 * @param innerMomentum decay of the momentum of writes; 0 for none
 * @param retention whether memories forget by a gate alpha; otherwise alpha = 1
 * @param retentionBias b in alpha = sigmoid(b + linear)
 * @param etaMax upper end of the inner learning rate
 * @param adaptiveKey whether keys come from a memory rather than from the projection alone
 * @param adaptiveValue the same for values
 * @param adaptiveQuery the same for queries
 */
public record MemoryConfig(
        int depth,
        int hiddenRatio,
        int mainChunkTokens,
        int convolutionWidth,
        Read read,
        InnerRule innerRule,
        double innerMomentum,
        boolean retention,
        double retentionBias,
        double etaMax,
        boolean adaptiveKey,
        boolean adaptiveValue,
        boolean adaptiveQuery) {

    /** Which state of the main memory a token reads. */
    public enum Read {
        /** Its own write included. */
        AFTER_WRITE,
        /** Writes of all tokens before it. */
        BEFORE_WRITE,
        /** The state that enters its chunk, as the paper prints it (Eq. 90). */
        CHUNK_START
    }

    /** Delta gradient descent (Eq. 88), which also erases what a key recalls, or plain gradient descent. */
    public enum InnerRule {
        DGD,
        GD
    }

    static final MemoryConfig DEFAULT =
            new MemoryConfig(2, 1, 0, 4, Read.AFTER_WRITE, InnerRule.DGD, 0, true, 4.0, 0.3, true, true, false);

    public MemoryConfig {
        check(depth == 1 || depth == 2, "depth must be 1 or 2, got " + depth);
        check(hiddenRatio > 0, "hidden-ratio must be >= 1, got " + hiddenRatio);
        check(
                depth == 2 || hiddenRatio == 1,
                "hidden-ratio must be 1 for memories of depth 1, which have no hidden layer, got " + hiddenRatio);
        check(mainChunkTokens >= 0, "main-chunk-tokens must be >= 0, got " + mainChunkTokens);
        check(convolutionWidth > 0, "convolution-width must be >= 1, got " + convolutionWidth);
        check(
                innerMomentum >= 0 && innerMomentum < 1,
                "inner-momentum must lie in 0..1, 1 excluded, got " + innerMomentum);
        check(etaMax >= 0 && etaMax <= 1, "eta-max must lie in 0..1, got " + etaMax);
    }

    /** Memories of a head that make the key, eta and alpha of a token out of its key input. */
    public int keyReaders() {
        return (adaptiveKey ? 1 : 0) + 1 + (retention ? 1 : 0);
    }

    /** Memories of a head, the main one included. */
    public int count() {
        return keyReaders() + (adaptiveValue ? 1 : 0) + (adaptiveQuery ? 1 : 0) + 1;
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
