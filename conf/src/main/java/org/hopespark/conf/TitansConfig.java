package org.hopespark.conf;

/**
 * Self-modifying Titans (Nested Learning, section 8.1) with the memories of {@code model.memory}.
 *
 * @param headWidth width of one head, 0 for {@code model.head-width}
 */
public record TitansConfig(int headWidth) implements MixerConfig {
    static final TitansConfig DEFAULT = new TitansConfig(0);

    public TitansConfig {
        if (headWidth < 0) {
            throw new IllegalArgumentException("head-width must be >= 0, got " + headWidth);
        }
    }

    /** A chunk of the memories. */
    @Override
    public int restartTokens(ModelConfig model) {
        return Math.max(model.chunkTokens(), model.mainChunkTokens());
    }
}
