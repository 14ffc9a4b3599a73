package org.hopespark.conf;

/**
 * Titans (Behrouz et al. 2025, arXiv 2501.00663) with one long-term memory a head, written by gradient descent with
 * momentum and forgetting whose rates each token sets: alone, or with attention over a window.
 *
 * @param arrangement how memory and attention stand together
 * @param headWidth width of one head, 0 for {@code model.head-width}
 * @param memoryDepth layers of the memory: 2, z + gelu(z up) down, or 1, z up
 * @param hiddenRatio hidden width of a memory of depth 2 over that of its head
 * @param chunkTokens tokens whose inner gradients are taken at one state; 0 for {@code model.chunk-tokens}
 * @param thetaMax upper end of a rate of writing, as a share of what a whole chunk may write without overshooting; at
 *     most 1
 * @param convolutionWidth taps of the convolution of queries, keys and values; MAC has none
 * @param window tokens that a token sees, or of MAC's segments; 0 for those of a chunk; of no consequence for LMM
 * @param persistentTokens learned tokens that every token sees; of no consequence for LMM
 */
public record TitansLmmConfig(
        Arrangement arrangement,
        int headWidth,
        int memoryDepth,
        int hiddenRatio,
        int chunkTokens,
        double thetaMax,
        int convolutionWidth,
        int window,
        int persistentTokens)
        implements MixerConfig {
    static final TitansLmmConfig DEFAULT = new TitansLmmConfig(Arrangement.LMM, 0, 2, 1, 0, 0.8, 4, 0, 4);

    /** How memory and attention stand together (section 4 of the paper). */
    public enum Arrangement {
        /** The memory alone. */
        LMM,
        /** Memory as a gate: it scales what attention reads. */
        MAG,
        /** Memory as a layer: attention reads what it puts out. */
        MAL,
        /**
         * Memory as a context: attention reads what the memory recalls beside the tokens of a segment, and the memory
         * is written with what comes out. As printed (Eq. 21-25) a token would see what later tokens of its segment ask
         * for; here what is recalled for a token is seen by it and later ones alone.
         */
        MAC;

        /** Whether there is attention. */
        public boolean attends() {
            return this != LMM;
        }
    }

    @Override
    public void check(Checks checks, int width, int head, int contextTokens) {
        MixerConfig.super.check(checks, width, head, contextTokens);
        String at = "titans-lmm: ";
        checks.that(memoryDepth == 1 || memoryDepth == 2, at + "memory-depth must be 1 or 2, got " + memoryDepth);
        checks.that(hiddenRatio > 0, at + "hidden-ratio must be >= 1, got " + hiddenRatio);
        checks.that(chunkTokens >= 0, at + "chunk-tokens must be >= 0, got " + chunkTokens);
        checks.that(
                chunkTokens <= 0 || contextTokens % chunkTokens == 0,
                at + "chunk-tokens " + chunkTokens + " must divide context-tokens " + contextTokens);
        checks.that(thetaMax >= 0 && thetaMax <= 1, at + "theta-max must be from 0 to 1, got " + thetaMax);
        checks.that(convolutionWidth >= 0, at + "convolution-width must be >= 0, got " + convolutionWidth);
        checks.that(persistentTokens >= 0, at + "persistent-tokens must be >= 0, got " + persistentTokens);
        checks.that(
                window >= 0 && window <= contextTokens,
                at + "window must be from 0 to context-tokens " + contextTokens + ", got " + window);
        checks.that(
                !arrangement.attends() || head % 2 == 0,
                at + "head-width must be even for rotary positions, got " + head);
        if (arrangement == Arrangement.MAC && window > 0) {
            checks.that(
                    chunkTokens > 0 && window % chunkTokens == 0,
                    at + "segments of window " + window + " must be whole chunks: set chunk-tokens to a divisor, got "
                            + chunkTokens);
            checks.that(
                    contextTokens % window == 0,
                    at + "segments of window " + window + " must divide context-tokens " + contextTokens);
        }
    }

    /** Tokens whose gradients are taken at one state. */
    public int chunk(ModelConfig model) {
        return chunkTokens == 0 ? model.chunkTokens() : chunkTokens;
    }

    /** Tokens of the window or of a segment. */
    public int window(ModelConfig model) {
        return window == 0 ? chunk(model) : window;
    }

    @Override
    public int restartTokens(ModelConfig model) {
        return arrangement == Arrangement.MAC ? window(model) : chunk(model);
    }

    @Override
    public boolean rotates() {
        return arrangement.attends();
    }

    /** Taps of the convolution that there is. */
    public int taps() {
        return arrangement == Arrangement.MAC ? 0 : convolutionWidth;
    }
}
