package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.LinearConfig;
import org.hopespark.conf.LinearConfig.Decay;
import org.hopespark.conf.LinearConfig.Gate;
import org.hopespark.conf.ModelConfig;
import org.hopespark.model.ParameterSpec.Initial;
import org.hopespark.model.ParameterSpec.InverseSoftplus;
import org.hopespark.model.ParameterSpec.LogOfUniform;

/**
 * RetNet, DeltaNet, Gated DeltaNet, Mamba-2, Kimi Delta Attention and Gated DeltaNet-2: {@code linear.torchscript}.
 *
 * <p>Matrices and taps begin as those of the other mixers, so that comparisons differ in the mixer alone. Decays begin
 * as published: rates even between 1 and 16, from 0.01 on for Gated DeltaNet, and steps of 0.001 to 0.1 (Gu and Dao
 * 2023), which for Kimi's bounded form are shares of the bound that leave as much.
 */
record LinearMixer(ModelConfig model, LinearConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    private long heads() {
        return config.heads(model);
    }

    /** Of the keys of all heads. */
    private long keys() {
        return (long) config.keyHeads(model) * config.keyWidth(model);
    }

    /** Of the values of all heads. */
    private long values() {
        return heads() * config.valueWidth(model);
    }

    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        long width = model.width();
        double root = ParameterSpecs.perRoot(width);
        long narrow = config.valueWidth(model);
        double narrowRoot = ParameterSpecs.perRoot(narrow);
        long rows = 2 * keys() + values();
        List<ParameterSpec> all = new ArrayList<>();
        all.add(specs.constant(prefix + "norm", 1, 1, width));
        all.add(specs.matrix(prefix + "query-key-value", 1, root, width, rows));
        if (config.convolutionWidth() > 0) {
            all.add(specs.start(prefix + "convolution", Initial.normal(0.5), (long) config.convolutionWidth(), rows));
        }
        if (config.convolutionHasBias()) {
            all.add(specs.start(prefix + "convolution-bias", Initial.constant(0), rows));
        }
        if (config.decay() == Decay.TOKEN) {
            double least = config.erases() ? 0.01 : 1;
            all.add(specs.matrix(prefix + "decay", 1, root, width, heads()));
            all.add(specs.start(prefix + "decay.rate", new LogOfUniform(least, 16), heads()));
            all.add(specs.start(prefix + "decay.bias", new InverseSoftplus(0.001, 0.1), heads()));
        }
        if (config.decay() == Decay.CHANNEL) {
            boolean bounded = config.decayIsSigmoid();
            all.add(specs.matrix(prefix + "decay.down", 1, root, width, narrow));
            all.add(specs.matrix(prefix + "decay.up", 1, narrowRoot, narrow, keys()));
            all.add(specs.start(
                    prefix + "decay.rate", bounded ? Initial.constant(0) : new LogOfUniform(1, 16), heads()));
            // 1 - e^-s of 5 for a step s: as much as rates of 1 to 16 make of steps from 0.001 to 0.1
            all.add(specs.start(
                    prefix + "decay.bias",
                    bounded ? new InverseSoftplus(0.0002, 0.3) : new InverseSoftplus(0.001, 0.1),
                    keys()));
        }
        if (config.erases() && config.writesChannels()) {
            all.add(specs.matrix(prefix + "erase", 1, root, width, keys()));
            all.add(specs.matrix(prefix + "write", 1, root, width, values()));
        } else if (config.erases()) {
            all.add(specs.matrix(prefix + "beta", 1, root, width, heads()));
        }
        if (config.isStateSpace()) {
            all.add(specs.start(prefix + "skip", Initial.constant(1), heads()));
        }
        if (config.gate().isLowRank()) {
            all.add(specs.matrix(prefix + "gate.down", 1, root, width, narrow));
            all.add(specs.matrix(prefix + "gate.up", 1, narrowRoot, narrow, values()));
            all.add(specs.start(prefix + "gate.bias", Initial.constant(0), values()));
        } else if (config.gate() != Gate.NONE) {
            all.add(specs.matrix(prefix + "gate", 1, root, width, values()));
        }
        all.add(specs.constant(prefix + "output-norm", 1, 1, config.isStateSpace() ? values() : narrow));
        all.add(specs.matrix(
                prefix + "output", 1, specs.residual() * ParameterSpecs.perRoot(values()), values(), width));
        return all;
    }

    @Override
    public int parameterCount() {
        int decay = switch (config.decay()) {
            case NONE, HEAD -> 0;
            case TOKEN -> 3;
            case CHANNEL -> 4;
        };
        int convolution = (config.convolutionWidth() > 0 ? 1 : 0) + (config.convolutionHasBias() ? 1 : 0);
        int written = (config.erases() ? 1 : 0) + (config.writesChannels() ? 1 : 0);
        int gate = config.gate().isLowRank() ? 3 : config.gate() == Gate.NONE ? 0 : 1;
        return 4 + convolution + decay + written + (config.isStateSpace() ? 1 : 0) + gate;
    }

    @Override
    public String script() {
        Gate gate = config.gate();
        double scale = config.isStateSpace() ? 1 : ParameterSpecs.perRoot(config.keyWidth(model));
        return constant("heads", heads())
                + constant("key_heads", config.keyHeads(model))
                + constant("key_width", config.keyWidth(model))
                + constant("value_width", config.valueWidth(model))
                + constant("chunk_tokens", config.chunkTokens())
                + constant("convolves", config.convolutionWidth() > 0)
                + constant("convolution_has_bias", config.convolutionHasBias())
                + constant("unit_keys", config.unitKeys())
                + constant("rotates", config.rotates())
                + constant("query_scale", scale)
                + constant("decays_by_head", config.decay() == Decay.HEAD)
                + constant("decays_by_token", config.decay() == Decay.TOKEN)
                + constant("decays_channels", config.decay() == Decay.CHANNEL)
                + constant("decay_is_sigmoid", config.decayIsSigmoid())
                // the largest float32 as "none": the script has no infinity
                + constant("least_log_decay", Math.max(config.leastLogDecay(), -Float.MAX_VALUE))
                + constant("state_space", config.isStateSpace())
                + constant("erases", config.erases())
                + constant("writes_channels", config.writesChannels())
                + constant("negative_eigenvalues", config.negativeEigenvalues())
                + constant("is_gated", gate != Gate.NONE)
                + constant("gate_is_low_rank", gate.isLowRank())
                + constant("gate_is_sigmoid", gate == Gate.LOW_RANK_SIGMOID)
                + resource("linear");
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
     * Of a head with keys of width d and values of width e, for a token of a chunk of C: overlaps of queries and keys 2
     * C d, rows read 2 C e, what is written 2 d e, what is read 2 d e; where it erases overlaps again, the triangular
     * system C (d + e), what the state changes of both, 2 C d and 2 d^2, and 2 d^2 e for a chunk.
     */
    @Override
    public double flopsPerToken() {
        double d = config.keyWidth(model);
        double e = config.valueWidth(model);
        double chunk = config.chunkTokens();
        double written = 2 * chunk * (d + e) + 4 * d * e;
        double erased = config.erases() ? chunk * (2 * d + d + e + 2 * d) + 2 * d * d + 2 * d * d * e / chunk : 0;
        return heads() * (written + erased);
    }

    /**
     * linear.torchscript, what autograd keeps. Of the residual stream's width D: x and normalised; scaled, once for
     * each product in bfloat16. Of queries, keys and values: rows, one product a tap but the first, the argument of
     * SiLU and its result, keys before they are erased; turning keeps nothing. Outputs: as they are and normalised, and
     * with a gate three more. The rest is inside chunks: {@link #ofHead}.
     */
    @Override
    public long activationBytesPerToken() {
        long rows = 2 * keys() + values();
        long float32 = 2L * model.width() + heads() * ofHead() + 2 * values();
        if (config.convolutionWidth() > 0) {
            float32 += (config.convolutionWidth() + 2L) * rows;
        }
        if (config.decay() == Decay.CHANNEL) {
            float32 += (config.decayIsSigmoid() ? 2 : 3) * keys();
        }
        if (config.erases()) {
            float32 += keys();
        }
        if (config.writesChannels()) {
            float32 += keys() + values();
        }
        if (config.gate() != Gate.NONE) {
            float32 += 3 * values();
        }
        boolean bfloat16 = model.precision() == ModelConfig.Precision.BFLOAT16;
        return FLOAT32 * float32
                + (bfloat16 ? BFLOAT16 * products() : FLOAT32) * (long) model.width()
                + (bfloat16 ? BFLOAT16 : FLOAT32) * values();
    }

    /** Products that the normalised x goes into. */
    private long products() {
        boolean decays = config.decay() == Decay.TOKEN || config.decay() == Decay.CHANNEL;
        return 1L
                + (decays ? 1 : 0)
                + (config.erases() ? 1 : 0)
                + (config.writesChannels() ? 1 : 0)
                + (config.gate() != Gate.NONE ? 1 : 0);
    }

    /**
     * Numbers of one head, of keys of width d, values of width e and chunks of C tokens: queries and keys in chunks, as
     * they are read and as they are kept, and the overlaps, with what they were before they decay and the decay itself
     * where the token makes it; values, or where it erases rows of the system and their solution. Channels that decay
     * take an exponential and a product each for queries, keys, what is read and what is kept.
     */
    private long ofHead() {
        long d = config.keyWidth(model);
        long e = config.valueWidth(model);
        long chunk = config.chunkTokens();
        boolean byToken = config.decay() == Decay.TOKEN;
        long all = 4 * d + (byToken ? 3 : 1) * chunk + (config.erases() ? 0 : e);
        if (config.erases()) {
            all += 2 * d + e + (byToken ? 2 : 1) * chunk;
        }
        if (config.decay() == Decay.CHANNEL) {
            all += (config.erases() ? 12 : 8) * d;
        }
        return all;
    }

    /** A matrix for each head at each chunk, and the rows that the next tokens' taps reach. */
    @Override
    public long stateOfSequence(int copies, long tokens) {
        long d = config.keyWidth(model);
        long matrices = heads() * d * config.valueWidth(model);
        if (tokens > 0) {
            long chunks = (tokens + config.chunkTokens() - 1) / config.chunkTokens();
            // the state, what is added to it, and where it erases the matrix that does and its product
            long each = config.erases() ? 3 * matrices + heads() * d * d : 2 * matrices;
            return chunks * each;
        }
        return matrices + Math.max(0L, config.convolutionWidth() - 1L) * (2 * keys() + values());
    }
}
