package org.hopespark.conf;

/**
 * How rotary positions are stretched so that a network reads longer texts than it was trained on. A pair of channels
 * that turns n times within the original context turns by 1/factor of its angle a token where n is small, and as before
 * where n is large.
 *
 * @param type {@code none}; {@code linear}: every pair turns slower (Chen et al. 2023, arXiv 2306.15595);
 *     {@code llama3}: those that turn less than {@code low-frequency-factor} times do, those that turn more than
 *     {@code high-frequency-factor} times do not, in between by degrees (Llama 3.1)
 * @param factor by which the context grows
 * @param lowFrequencyFactor of {@code llama3}
 * @param highFrequencyFactor of {@code llama3}
 * @param originalContextTokens of {@code llama3}: context of the training before
 */
public record RopeScalingConfig(
        Type type, double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContextTokens) {

    /** Which pairs of channels turn slower. */
    public enum Type {
        NONE,
        LINEAR,
        LLAMA3
    }

    static final RopeScalingConfig DEFAULT = new RopeScalingConfig(Type.NONE, 1, 1, 4, 8_192);

    void check(Checks checks) {
        checks.that(
                type == Type.NONE ? factor == 1 : factor >= 1,
                "rope-scaling.factor must be " + (type == Type.NONE ? "1 without a rope-scaling.type" : ">= 1")
                        + ", got " + factor);
        checks.that(
                lowFrequencyFactor > 0 && highFrequencyFactor > lowFrequencyFactor,
                "rope-scaling.low-frequency-factor must be > 0 and less than high-frequency-factor, got "
                        + lowFrequencyFactor + " and " + highFrequencyFactor);
        checks.that(
                originalContextTokens > 0,
                "rope-scaling.original-context-tokens must be >= 1, got " + originalContextTokens);
    }
}
