package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TttConfig;
import org.hopespark.model.ParameterSpec.Initial;

/** Test-time training, of a linear map or an MLP: {@code ttt.torchscript}. */
record TttMixer(ModelConfig model, TttConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    /** The start of what is learned inside is that of the authors' code; projections start as those of other mixers. */
    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        long width = model.width();
        long heads = heads();
        long d = headWidth();
        long hidden = d * config.hiddenRatio();
        long taps = config.convolutionWidth();
        Initial small = Initial.normal(0.02);
        List<ParameterSpec> mixer = new ArrayList<>();
        mixer.add(specs.constant(prefix + "norm", 1, 1, width));
        mixer.add(specs.matrix(prefix + "query-key-value", 1, ParameterSpecs.perRoot(width), width, 2 * width));
        mixer.add(specs.start(prefix + "convolution", Initial.normal(ParameterSpecs.perRoot(taps)), taps, 2 * width));
        mixer.add(specs.constant(prefix + "convolution-bias", 1, 0, 2 * width));
        mixer.add(specs.matrix(prefix + "rate", 1, 0.02, width, heads));
        mixer.add(specs.constant(prefix + "rate-bias", 1, 0, heads));
        mixer.add(specs.constant(prefix + "offset", 1, 0, (long) config.chunkTokens()));
        mixer.add(specs.start(prefix + "inner.w1", small, heads, d, hidden));
        mixer.add(specs.constant(prefix + "inner.b1", 1, 0, heads, hidden));
        if (config.depth() == 2) {
            mixer.add(specs.start(prefix + "inner.w2", small, heads, hidden, d));
            mixer.add(specs.constant(prefix + "inner.b2", 1, 0, heads, d));
        }
        mixer.add(specs.constant(prefix + "inner-norm", 1, 1, heads, d));
        mixer.add(specs.constant(prefix + "inner-norm-bias", 1, 0, heads, d));
        mixer.add(specs.constant(prefix + "output-norm", 1, 1, width));
        mixer.add(specs.constant(prefix + "output-norm-bias", 1, 0, width));
        mixer.add(specs.matrix(prefix + "gate", 1, ParameterSpecs.perRoot(width), width, width));
        mixer.add(specs.matrix(prefix + "output", 1, specs.residual() * ParameterSpecs.perRoot(width), width, width));
        return mixer;
    }

    private int headWidth() {
        return config.headWidth() == 0 ? model.headWidth() : config.headWidth();
    }

    private int heads() {
        return model.width() / headWidth();
    }

    @Override
    public int parameterCount() {
        return 13 + 2 * config.depth();
    }

    @Override
    public String script() {
        return constant("chunk_tokens", config.chunkTokens())
                + constant("inner_depth", config.depth())
                + constant("base_rate", config.baseRate())
                + resource("ttt");
    }

    @Override
    public boolean hasMemories() {
        return false;
    }

    @Override
    public boolean hasConstantState() {
        return true;
    }

    /**
     * Of each head of width d, for a token: a layer of m outputs is read at the key and at the query, and written, 2 d
     * m each; a second one takes its gradient back besides. Each mixes with the C tokens of the chunk, 2 C (d + m).
     */
    @Override
    public double flopsPerToken() {
        double d = headWidth();
        double m = d * config.hiddenRatio();
        double layers = config.depth() == 1 ? 3 : 7;
        return heads() * (2 * d * m * layers + config.depth() * 2 * config.chunkTokens() * (d + m));
    }

    /**
     * ttt.torchscript. Of the residual stream's width D: x and normalised; scaled, once for each product in bfloat16;
     * what the convolutions read, and for queries and for keys one product a tap but the first; q and k; of the inner
     * loss 6 (centered, normalised, error, gradient in LN, before and after its rate); what moves the answer, and the
     * answer centered and normalised; around the output norm and the gate 4 and a product's input. A hidden layer of
     * width M: two slopes of GELU, the layer, the slope and what it multiplies, their product; what moves the answer,
     * and the layer at the query before and after GELU. A head: overlaps with the chunk for each layer, and some
     * numbers such as deviations.
     */
    @Override
    public long activationBytesPerToken() {
        long width = model.width();
        long scaled = model.precision() == ModelConfig.Precision.BFLOAT16 ? 3 : 1;
        long ofStream = 2 + 1 + 2 * (config.convolutionWidth() - 1L) + 2 + 6 + 3 + 4;
        long ofHidden = config.depth() == 1 ? 0 : 9L * config.hiddenRatio();
        long ofHead = (long) config.depth() * config.chunkTokens() + 8;
        return FLOAT32 * ((ofStream + ofHidden) * width + heads() * ofHead) + product() * (scaled + 1) * width;
    }

    /** Bytes of a number that is kept as input of a large matrix product. */
    private long product() {
        return model.precision() == ModelConfig.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
    }

    /** The inner model as of a chunk's beginning, and the sums of what its tokens teach it. */
    @Override
    public long stateOfSequence(int copies, long tokens) {
        long d = headWidth();
        long m = d * config.hiddenRatio();
        long ofHead = config.depth() == 1 ? d * d + d : 2 * d * m + m + d;
        return heads() * ofHead * (tokens == 0 ? 2L * copies : copies * (tokens / config.chunkTokens()));
    }
}
