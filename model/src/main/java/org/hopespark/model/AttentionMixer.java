package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.List;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.ModelConfig;

/** Softmax attention: {@code attention.torchscript}. */
record AttentionMixer(ModelConfig model, AttentionConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        long width = model.width();
        return List.of(
                specs.constant(prefix + "norm", 1, 1, width),
                specs.matrix(
                        prefix + "query-key-value", 1, ParameterSpecs.perRoot(width), width, width + 2 * keyWidth()),
                specs.matrix(prefix + "output", 1, specs.residual() * ParameterSpecs.perRoot(width), width, width));
    }

    @Override
    public int parameterCount() {
        return 3;
    }

    @Override
    public String script() {
        return constant("heads", model.heads(config))
                + constant("key_value_heads", keyValueHeads())
                + constant("window", config.window())
                + constant("documents_carry", model.documents() == ModelConfig.Documents.CARRY)
                + resource("attend")
                + resource("attention");
    }

    @Override
    public boolean hasMemories() {
        return false;
    }

    @Override
    public boolean hasConstantState() {
        return config.window() > 0;
    }

    /** 4 D for each token that is seen; without a window half of the context in the mean. */
    @Override
    public double flopsPerToken() {
        double context = model.contextTokens();
        double window = config.window() == 0 ? context : config.window();
        return 4 * model.width() * (window - window * window / (2 * context));
    }

    /**
     * x, normalised, scaled; then queries, keys and values as projected (the values are a view), rotated queries and
     * keys, outputs; in bfloat16 copies of q, k, v, of the outputs, and of these as a product's input. Where heads
     * share keys and values, a copy of both for each head takes the place of the projection and of the rotated keys.
     * The attention matrix is never whole (Dao et al. 2022, arXiv 2205.14135), a number a head is kept. With a window
     * the keys and values of a token stand in the parts of two runs of queries, and a row of the mask has 2 W - 1
     * bytes.
     */
    @Override
    public long activationBytesPerToken() {
        long width = model.width();
        long heads = FLOAT32 * (long) model.heads(config);
        boolean bfloat16 = model.precision() == ModelConfig.Precision.BFLOAT16;
        int rows = bfloat16 ? 2 * FLOAT32 + 6 * BFLOAT16 : FLOAT32 * (keyWidth() < width ? 7 : 9);
        long whole = rows * width + heads;
        return config.window() == 0 ? whole : whole + 2 * FLOAT32 * width + 2L * config.window();
    }

    @Override
    public long stateOfSequence(int copies, long tokens) {
        return tokens > 0 ? 0 : 2L * Math.max(0, config.window() - 1) * keyWidth();
    }

    private int keyValueHeads() {
        return config.keyValueHeads() == 0 ? model.heads(config) : config.keyValueHeads();
    }

    /** Of the keys, or of the values, of a token: all heads together. */
    private long keyWidth() {
        return (long) keyValueHeads() * model.headWidth(config);
    }
}
