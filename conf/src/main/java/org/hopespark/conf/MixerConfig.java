package org.hopespark.conf;

/** How the tokens of one block see each other. */
public sealed interface MixerConfig permits TitansConfig, AttentionConfig {

    /** Width of one head; 0 for {@code model.head-width}. */
    int headWidth();

    /** Its name, and in brackets what is set. */
    String text();
}
