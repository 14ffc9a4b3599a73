package org.hopespark.conf;

/**
 * Selective state space of Mamba (Gu and Dao 2023, arXiv 2312.00752): every channel has a state that decays and is
 * written as the token says.
 *
 * @param stateWidth numbers of the state of a channel
 * @param expand channels for each of {@code model.width}
 * @param dtRank width that the step sizes of the channels are made from, 0 for {@code model.width} / 16, rounded up
 * @param convolutionWidth tokens that the convolution before the state spans, 1 for none
 */
public record MambaConfig(int stateWidth, int expand, int dtRank, int convolutionWidth) implements MixerConfig {
    static final MambaConfig DEFAULT = new MambaConfig(16, 2, 0, 4);

    public MambaConfig {
        Checks checks = new Checks();
        checks.that(stateWidth >= 1, "state-width must be >= 1, got " + stateWidth);
        checks.that(expand >= 1, "expand must be >= 1, got " + expand);
        checks.that(dtRank >= 0, "dt-rank must be >= 0, got " + dtRank);
        checks.that(convolutionWidth >= 1, "convolution-width must be >= 1, got " + convolutionWidth);
        checks.done();
    }

    /** Width that step sizes are made from, in a model of this width. */
    public int rank(int width) {
        return dtRank == 0 ? (width + 15) / 16 : dtRank;
    }
}
