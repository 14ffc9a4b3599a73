package org.hopespark.conf;

/** How the tokens of one block see each other. */
public sealed interface MixerConfig permits TitansConfig, AttentionConfig {

    /** Width of one head; 0 for {@code model.head-width}. */
    int headWidth();

    /** Its name, and in brackets what is set. */
    String text();

    /**
     * What must hold of its settings within a model.
     *
     * @param headWidth its own, or that of the model
     */
    default void check(Checks checks, int width, int headWidth, int contextTokens) {
        checks.that(
                headWidth() == 0 || width % headWidth() == 0,
                "pattern: head-width " + headWidth() + " must divide width " + width);
    }

    /** Tokens at whose multiples documents must start, so that the state can restart; 0 where they start anywhere. */
    default int chunkTokens(ModelConfig model) {
        return 0;
    }

    /** Whether queries and keys turn with their positions. */
    default boolean rotates() {
        return false;
    }
}
