package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TitansLmmConfig;
import org.hopespark.conf.TitansLmmConfig.Arrangement;
import org.hopespark.model.ParameterSpec.Initial;

/**
 * Titans with a long-term memory, alone or with attention: {@code lmm.torchscript}.
 *
 * <p>The gates begin where public ports let them, near the identity, alpha 0.01 and eta 0.9; theta at half of its
 * bound.
 */
record LmmMixer(ModelConfig model, TitansLmmConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        long width = model.width();
        double root = ParameterSpecs.perRoot(width);
        long heads = model.heads(config);
        long d = model.headWidth(config);
        long hidden = config.memoryDepth() == 2 ? d * config.hiddenRatio() : d;
        List<ParameterSpec> all = new ArrayList<>();
        all.add(specs.constant(prefix + "norm", 1, 1, width));
        all.add(specs.matrix(prefix + "query-key-value", 1, root, width, 3 * width));
        if (config.taps() > 0) {
            all.add(specs.start(prefix + "convolution", Initial.normal(0.5), (long) config.taps(), 3 * width));
        }
        all.add(specs.start(
                prefix + "memory.up", Initial.normal(config.memoryDepth() == 2 ? 0.5 : 0.02), heads, d, hidden));
        if (config.memoryDepth() == 2) {
            all.add(specs.start(prefix + "memory.down", Initial.normal(0.02), heads, hidden, d));
        }
        all.add(specs.start(prefix + "gates", Initial.constant(0), width, 3 * heads));
        all.add(specs.start(prefix + "alpha.bias", Initial.constant(logit(0.01)), heads));
        all.add(specs.start(prefix + "eta.bias", Initial.constant(logit(0.9)), heads));
        all.add(specs.start(prefix + "theta.bias", Initial.constant(logit(0.5)), heads));
        if (config.arrangement().attends()) {
            all.add(specs.matrix(prefix + "attention.query-key-value", 1, root, width, 3 * width));
            all.add(specs.start(
                    prefix + "attention.persistent", Initial.normal(0.02), (long) config.persistentTokens(), width));
        }
        if (hasAttentionNorm()) {
            all.add(specs.constant(prefix + "attention.norm", 1, 1, width));
        }
        all.add(specs.constant(prefix + "output-norm", 1, 1, heads, d));
        if (hasGate()) {
            all.add(specs.matrix(prefix + "gate", 1, root, width, width));
        }
        all.add(specs.matrix(prefix + "output", 1, specs.residual() * root, width, width));
        return all;
    }

    private boolean hasAttentionNorm() {
        return config.arrangement() == Arrangement.MAG || config.arrangement() == Arrangement.MAC;
    }

    private boolean hasGate() {
        return !hasAttentionNorm();
    }

    private static double logit(double share) {
        return Math.log(share / (1 - share));
    }

    @Override
    public int parameterCount() {
        int attention = config.arrangement().attends() ? 2 : 0;
        return 2 + (config.taps() > 0 ? 1 : 0) + config.memoryDepth() + 4 + attention + 1 + 1 + 1;
    }

    @Override
    public String script() {
        Arrangement arrangement = config.arrangement();
        int chunk = config.chunk(model);
        return constant("heads", model.heads(config))
                + constant("chunk_tokens", chunk)
                + constant("memory_depth", config.memoryDepth())
                + constant("theta_max", config.thetaMax() / chunk)
                + constant("convolves", config.taps() > 0)
                + constant("gates_attention", arrangement == Arrangement.MAG)
                + constant("below_attention", arrangement == Arrangement.MAL)
                + constant("around", arrangement == Arrangement.MAC)
                + constant("window", config.window(model))
                + constant("documents_carry", model.documents() == ModelConfig.Documents.CARRY)
                + resource("attend")
                + resource("lmm");
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
     * Of a head of width d, hidden width m and chunks of C tokens, for a token: a layer is applied to the key, its
     * gradient taken, moved with its momentum and read with it, 2 d m each; overlaps and their products with the
     * gradient take 2 C (d + m) for a layer, the coefficients 2 C^2. Attention takes 4 d for each token that is seen.
     */
    @Override
    public double flopsPerToken() {
        double d = model.headWidth(config);
        double m = config.memoryDepth() == 2 ? d * config.hiddenRatio() : d;
        double chunk = config.chunk(model);
        double layers = config.memoryDepth();
        double memory = layers * (2 * d * m * 6 + 2 * chunk * (d + m)) + 2 * chunk * chunk;
        if (config.memoryDepth() == 2) {
            memory += 2 * d * m; // through the second layer to the first
        }
        double attention = 0;
        if (config.arrangement().attends()) {
            double window = config.window(model);
            double seen = config.arrangement() == Arrangement.MAC ? window : window + config.persistentTokens();
            attention = 4 * d * seen;
        }
        if (config.arrangement() == Arrangement.MAC) {
            // what is recalled before, and the projections that go through it: a query for that, and keys and values of
            // it
            memory += layers * 2 * d * m + 2 * d * model.width() * (1 + 3);
        }
        return model.heads(config) * (memory + attention);
    }

    /**
     * lmm.torchscript, what autograd keeps. Of the residual stream's width D: x and normalised; projections, one
     * product a tap but the first, the argument of SiLU and its result; outputs, normalised, the gate before and after
     * SiLU, what it scales. Of a head of width d, hidden width m and chunks of C tokens: queries, keys and values with
     * copies of two, the error, what is read twice and rows that are written twice; of a hidden layer 12 m;
     * coefficients, and two overlaps a layer. Attention over a window takes runs of 2 W keys for W queries.
     */
    @Override
    public long activationBytesPerToken() {
        long width = model.width();
        long d = model.headWidth(config);
        long m = config.memoryDepth() == 2 ? d * config.hiddenRatio() : 0;
        long ofHead = (4 + 2L * config.memoryDepth()) * config.chunk(model) + 12 * m + 10 * d + 3;
        long float32 = (2 + 3L * (config.taps() + 2) + 5) * width + model.heads(config) * ofHead;
        if (config.arrangement().attends()) {
            float32 += (config.arrangement() == Arrangement.MAC ? 28L : 18L) * width;
        }
        int product = model.precision() == ModelConfig.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
        return FLOAT32 * float32 + product * 2L * width;
    }

    /** Layers and momenta, copied at each chunk, and the rows of the taps and of the window. */
    @Override
    public long stateOfSequence(int copies, long tokens) {
        long d = model.headWidth(config);
        long m = config.memoryDepth() == 2 ? d * config.hiddenRatio() : d;
        long layers = 2L * config.memoryDepth() * model.heads(config) * d * m;
        if (tokens > 0) {
            return (tokens + config.chunk(model) - 1) / config.chunk(model) * copies * layers;
        }
        long window = switch (config.arrangement()) {
            case LMM, MAC -> 0;
            case MAG, MAL -> 2L * (config.window(model) - 1) * model.width();
        };
        return layers + Math.max(0, config.taps() - 1) * 3L * model.width() + window;
    }
}
