package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.List;
import org.hopespark.conf.MambaConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.model.ParameterSpec.Initial;
import org.hopespark.model.ParameterSpec.InverseSoftplus;
import org.hopespark.model.ParameterSpec.LogOfCount;
import org.hopespark.model.ParameterSpec.Uniform;

/** Selective state space of Mamba: {@code mamba.torchscript}. */
record MambaMixer(ModelConfig model, MambaConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    /** Tokens that are scanned at once, 2 to the power of {@link #SCAN_STEPS}: more of them take more steps. */
    private static final int SCAN_TOKENS = 16;

    private static final int SCAN_STEPS = 4;

    /** State and steps start as in the authors' code: decays from slow to fast, steps from 0.001 to 0.1. */
    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        long width = model.width();
        long channels = channels();
        long n = config.stateWidth();
        long rank = config.rank(model.width());
        long taps = config.convolutionWidth();
        double root = ParameterSpecs.perRoot(rank);
        return List.of(
                specs.constant(prefix + "norm", 1, 1, width),
                specs.matrix(prefix + "input", 1, ParameterSpecs.perRoot(width), width, 2 * channels),
                specs.start(prefix + "convolution", Initial.normal(ParameterSpecs.perRoot(taps)), taps, channels),
                specs.constant(prefix + "convolution-bias", 1, 0, channels),
                specs.matrix(prefix + "select", 1, ParameterSpecs.perRoot(channels), channels, rank + 2 * n),
                specs.matrix(prefix + "step", 1, new Uniform(-root, root), rank, channels),
                specs.start(prefix + "step-bias", new InverseSoftplus(0.001, 0.1), channels),
                specs.start(prefix + "a-log", new LogOfCount(n), channels, n),
                specs.constant(prefix + "skip", 1, 1, channels),
                specs.matrix(
                        prefix + "output", 1, specs.residual() * ParameterSpecs.perRoot(channels), channels, width));
    }

    private long channels() {
        return (long) config.expand() * model.width();
    }

    @Override
    public int parameterCount() {
        return 10;
    }

    @Override
    public String script() {
        return constant("scan_tokens", SCAN_TOKENS) + resource("mamba");
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
     * For each number of the state: 2 to make its factor and its summand, 3 a step of the scan, 2 to continue what came
     * before, 2 to read it.
     */
    @Override
    public double flopsPerToken() {
        return channels() * config.stateWidth() * (2.0 + 3 * SCAN_STEPS + 2 + 2);
    }

    /**
     * mamba.torchscript. Of the residual stream's width: x and normalised; scaled. Of a channel: its input and its
     * gate, the input with padding, one product a tap but the first, the argument of SiLU, u, the step before and after
     * softplus, step times u, the output and its gate, and two inputs of products, of which one is u. Of each number of
     * the state: factors and summands before and between the steps of the scan, factors after them, the state itself.
     */
    @Override
    public long activationBytesPerToken() {
        boolean bfloat16 = model.precision() == ModelConfig.Precision.BFLOAT16;
        long width = model.width();
        long made = config.rank(model.width()) + 2L * config.stateWidth();
        long ofChannel = 9L + config.convolutionWidth() + config.stateWidth() * (2L * SCAN_STEPS + 2);
        long float32 = 2 * width + ofChannel * channels() + made;
        return FLOAT32 * float32
                + (bfloat16
                        ? BFLOAT16 * (width + 2 * channels() + config.rank(model.width()))
                        : FLOAT32 * (width + channels()));
    }

    /** What enters a chunk of the scan stands among the states of the chunk before. */
    @Override
    public long stateOfSequence(int copies, long tokens) {
        return tokens > 0 ? 0 : copies * channels() * config.stateWidth();
    }
}
