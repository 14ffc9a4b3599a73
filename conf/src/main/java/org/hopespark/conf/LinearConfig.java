package org.hopespark.conf;

/**
 * Mixers whose state is a matrix for each head, to which every token is a linear map: {@code linear.torchscript} has
 * the formulas. What is said here holds of a kind unless its record says otherwise.
 */
public sealed interface LinearConfig extends MixerConfig
        permits RetnetConfig, DeltanetConfig, GatedDeltanetConfig, Mamba2Config, KdaConfig, GatedDeltanet2Config {

    /** With e^-5 a token, exp(-80) is still a float32 and exp(80), too. */
    int LONGEST_OF_CHANNELS = 16;

    /** What makes the state decay. */
    enum Decay {
        NONE,
        /** A constant of each head. */
        HEAD,
        /** A number of each token and head. */
        TOKEN,
        /** A number of each token and channel of the keys. */
        CHANNEL
    }

    /** What the outputs are multiplied with, made from the token. */
    enum Gate {
        NONE,
        SILU,
        /** Through a layer as wide as the values of a head. */
        LOW_RANK_SILU,
        LOW_RANK_SIGMOID;

        /** Whether it goes through a narrow layer. */
        public boolean isLowRank() {
            return this == LOW_RANK_SILU || this == LOW_RANK_SIGMOID;
        }
    }

    /** Number of heads; 0 for what the model has. */
    int heads();

    /** Width of the keys and queries of a head; 0 for that of the model's heads. */
    int keyWidth();

    /** Width of the values of a head; 0 for {@link #valuesForKey} times that of the keys. */
    int valueWidth();

    /** Values for each number of a key, where a configuration does not say otherwise. */
    default int valuesForKey() {
        return 1;
    }

    /** Number of heads within a model. */
    default int heads(ModelConfig model) {
        return heads() == 0 ? model.heads() : heads();
    }

    /** Number of heads that have keys and queries of their own. */
    default int keyHeads(ModelConfig model) {
        return heads(model);
    }

    /** Width of the keys and queries of a head within a model. */
    default int keyWidth(ModelConfig model) {
        return keyWidth() == 0 ? model.headWidth() : keyWidth();
    }

    /** Width of the values of a head within a model. */
    default int valueWidth(ModelConfig model) {
        return valueWidth() == 0 ? valuesForKey() * keyWidth(model) : valueWidth();
    }

    /** Tokens that are computed at once. */
    int chunkTokens();

    /** Taps of the convolution of queries, keys and values; 0 for none. */
    int convolutionWidth();

    /** Whether that has a bias. */
    default boolean convolutionHasBias() {
        return false;
    }

    /** Whether keys and queries have length 1. */
    default boolean unitKeys() {
        return true;
    }

    /** What makes the state decay. */
    default Decay decay() {
        return Decay.NONE;
    }

    /** Whether a decay is a share of the lowest one rather than a product with a rate. */
    default boolean decayIsSigmoid() {
        return false;
    }

    /** Lowest logarithm of what a token leaves of the state. */
    default double leastLogDecay() {
        return Double.NEGATIVE_INFINITY;
    }

    /**
     * Whether the step that makes a token decay the state scales its values, too, and these are added to the output.
     */
    default boolean isStateSpace() {
        return false;
    }

    /** Whether a key's old value is erased before the new one is written: the delta rule. */
    default boolean erases() {
        return true;
    }

    /** Whether each channel has its own rates of erasing and writing. */
    default boolean writesChannels() {
        return false;
    }

    /** Whether erasing may turn the sign of what a key recalls. */
    default boolean negativeEigenvalues() {
        return false;
    }

    /** What the outputs are multiplied with. */
    default Gate gate() {
        return Gate.NONE;
    }

    @Override
    default void check(Checks checks, int width, int headWidth, int contextTokens) {
        String at = RecordBinder.memberName(getClass()) + ": ";
        checks.that(heads() >= 0, at + "heads must be >= 0, got " + heads());
        checks.that(keyWidth() >= 0, at + "key-width must be >= 0, got " + keyWidth());
        checks.that(valueWidth() >= 0, at + "value-width must be >= 0, got " + valueWidth());
        checks.that(convolutionWidth() >= 0, at + "convolution-width must be >= 0, got " + convolutionWidth());
        checks.that(chunkTokens() > 0, at + "chunk-tokens must be >= 1, got " + chunkTokens());
        checks.that(
                decay() != Decay.CHANNEL || chunkTokens() <= LONGEST_OF_CHANNELS,
                at + "chunk-tokens must be at most " + LONGEST_OF_CHANNELS + ", so that what decays to e^"
                        + Math.round(leastLogDecay()) + " at every token stays a float32, got " + chunkTokens());
        int keys = keyWidth() == 0 ? headWidth : keyWidth();
        checks.that(!rotates() || keys % 2 == 0, at + "key-width must be even for rotary positions, got " + keys);
    }
}
