package org.hopespark.model;

import static org.hopespark.model.TorchScriptArchive.constant;
import static org.hopespark.model.TorchScriptArchive.resource;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TitansConfig;
import org.hopespark.model.ParameterSpec.Initial;
import org.hopespark.model.ParameterSpec.Normal;

/** Self-modifying Titans: {@code titans.torchscript} with {@code memory.torchscript}. */
record TitansMixer(ModelConfig model, TitansConfig config) implements Mixer {
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    @Override
    public List<ParameterSpec> parameters(ParameterSpecs specs, String prefix) {
        MemoryConfig memory = model.memory();
        long width = model.width();
        long heads = model.heads(config);
        long d = model.headWidth(config);
        long hidden = d * memory.hiddenRatio();
        List<ParameterSpec> mixer = new ArrayList<>();
        mixer.add(specs.constant(prefix + "norm", 1, 1, width));
        mixer.add(specs.matrix(prefix + "query-key-value", 1, ParameterSpecs.perRoot(width), width, 3 * width));
        mixer.add(
                specs.start(prefix + "convolution", Initial.normal(0.5), (long) memory.convolutionWidth(), 3 * width));
        // a memory of depth 1 is its own output side: small, as that of depth 2
        double up = memory.depth() == 2 ? 0.5 : 0.02;
        mixer.add(specs.start(prefix + "memory.up", Initial.normal(up), heads, d, memory.count() * hidden));
        if (memory.depth() == 2) {
            mixer.add(
                    specs.start(prefix + "memory.down", Initial.normal(0.02), heads, (long) memory.count(), hidden, d));
        }
        mixer.add(specs.start(prefix + "eta.head", Initial.normal(0.02), heads, d));
        mixer.add(specs.start(prefix + "eta.bias", Initial.constant(etaBias()), heads));
        if (memory.retention()) {
            mixer.add(specs.start(prefix + "alpha.head", Initial.normal(0.02), heads, d));
            Initial spread = new Normal(memory.retentionBias(), memory.retentionBiasLast(), 0);
            mixer.add(specs.start(prefix + "alpha.bias", spread, heads));
        }
        if (memory.tokenGates() > 0) {
            mixer.add(specs.start(prefix + "token-gates", Initial.constant(0), width, heads * memory.tokenGates()));
        }
        mixer.add(specs.constant(prefix + "output-norm", 1, 1, heads, d));
        mixer.add(specs.matrix(prefix + "gate", 1, ParameterSpecs.perRoot(width), width, width));
        mixer.add(specs.matrix(prefix + "output", 1, specs.residual() * ParameterSpecs.perRoot(width), width, width));
        return mixer;
    }

    /** The inverse of eta = eta-max * sigmoid(bias); of no consequence where memories are never written. */
    private double etaBias() {
        MemoryConfig memory = model.memory();
        double share = memory.etaMax() == 0 ? 0.5 : memory.firstEta() / memory.etaMax();
        return Math.log(share / (1 - share));
    }

    @Override
    public int parameterCount() {
        MemoryConfig memory = model.memory();
        return 9 + (memory.depth() == 2 ? 1 : 0) + (memory.retention() ? 2 : 0) + (memory.tokenGates() > 0 ? 1 : 0);
    }

    @Override
    public String script() {
        MemoryConfig memory = model.memory();
        return constant("chunk_tokens", model.chunkTokens())
                + constant("main_chunk_tokens", model.mainChunkTokens())
                + constant("align_tokens", model.alignTokens())
                + constant("memories", memory.count())
                + constant("key_readers", memory.keyReaders())
                + constant("memory_depth", memory.depth())
                + constant("eta_max", model.etaMaxOfToken())
                + constant("others_rate", memory.othersRate())
                + constant("input_rate", memory.inputRate())
                + constant("others_input_rate", memory.othersInputRate())
                + constant("value_scale", memory.valueScale())
                + constant("error_cap_scale", memory.errorCap())
                + constant("inner_momentum", memory.innerMomentum())
                + constant("rank_one", memory.innerRule() != MemoryConfig.InnerRule.GD)
                + constant("exact_output", memory.innerRule() == MemoryConfig.InnerRule.DGD)
                + constant("moving_targets", memory.movingTargets())
                + constant("decays_to_start", memory.decay() == MemoryConfig.Decay.START)
                + constant("token_gates", memory.gates() == MemoryConfig.Gates.TOKEN)
                + constant("retention", memory.retention())
                + constant("adaptive_key", memory.adaptiveKey())
                + constant("adaptive_value", memory.adaptiveValue())
                + constant("adaptive_query", memory.adaptiveQuery())
                + constant("read_after_write", memory.read() == MemoryConfig.Read.AFTER_WRITE)
                + constant("read_chunk_start", memory.read() == MemoryConfig.Read.CHUNK_START)
                + resource("memory")
                + resource("titans");
    }

    @Override
    public String methods() {
        return resource("titans-module");
    }

    @Override
    public boolean hasMemories() {
        return true;
    }

    @Override
    public boolean hasConstantState() {
        return true;
    }

    @Override
    public double flopsPerToken() {
        return model.heads(config) * flopsOfHead();
    }

    /**
     * Of the memories of one head, for a token: products with layers of width d and hidden width m, 2 d m each, and
     * with the C tokens of its chunk.
     *
     * <p>An output side takes six layers to write (at the key, and two for the target; error; what is found, what moves
     * on), its overlaps 2 C m and their triangular system C d; an input side four more (error at the chunk's beginning,
     * its gradient, found, moved on), 2 C d and C m. The main memory is read through three layers and 2 C (m + d), and
     * as much and one more where its input side is written; the others through two, or through the first one alone
     * where a number comes out. Memories of depth 1 are output sides whose hidden layer is the key.
     */
    private double flopsOfHead() {
        MemoryConfig memory = model.memory();
        double d = model.headWidth(config);
        double m = d * memory.hiddenRatio();
        int others = memory.count() - 1;
        int gates = memory.retention() ? 2 : 1;
        double chunk = model.chunkTokens();
        double mainChunk = model.mainChunkTokens();
        if (memory.depth() == 1) {
            return 2 * d * d * (4 * (others + 1) + others + 2)
                    + 3 * d * (others * chunk + mainChunk)
                    + 4 * d * mainChunk;
        }
        double layers = 6 * (others + 1) + 2 * (others - gates) + gates + 3;
        double mixing = (2 * m + d) * (others * chunk + mainChunk) + 2 * (m + d) * mainChunk;
        if (memory.othersInputRate() > 0) {
            layers += 4 * others;
            mixing += (2 * d + m) * others * chunk;
        }
        if (memory.inputRate() > 0) {
            layers += 4 + 1;
            mixing += (2 * d + m + 2 * (m + d)) * mainChunk;
        }
        return 2 * d * m * layers + mixing;
    }

    /**
     * titans.torchscript and memory.torchscript, for S memories of hidden width m in each of H heads of width d.
     *
     * <p>Of the residual stream's width D: x and normalised; scaled, once for each product in bfloat16; projections
     * with their padding (3), one product a tap but the first (3 each), the argument of SiLU (3), q and k before they
     * are unit vectors (2), q, k and v (3); around the gate 5 and a product's input. The rest is inside chunks:
     * {@link #ofMemories}.
     */
    @Override
    public long activationBytesPerToken() {
        MemoryConfig memory = model.memory();
        long width = model.width();
        long scaled = model.precision() == ModelConfig.Precision.BFLOAT16 ? 2 : 1;
        long float32 = (2 + 8 + 3L * memory.convolutionWidth() + 5) * width + model.heads(config) * ofMemories();
        return FLOAT32 * float32 + product() * (scaled + 1) * width;
    }

    /**
     * memory.torchscript, one head: rows of its width d, of the hidden width m and of the chunk's length C.
     *
     * <p>Of each memory, d: error, what is found, the system's right side and solution; m: hidden layer before and
     * after gelu at key and value, unit hidden layer, and that scaled; C: overlaps and system. The others make k and v
     * (3 d) and are read (2 m each); the main one is read (3 m, 2 C). What one group shares: 2 C. An input side adds
     * two slopes, its gradient's factors and rows (6 m), the error before and after the cap (2 d) and overlaps (4 C),
     * and its read 2 d and 2 C.
     */
    private long ofMemories() {
        MemoryConfig memory = model.memory();
        long d = model.headWidth(config);
        long m = memory.depth() == 1 ? 0 : d * memory.hiddenRatio();
        long others = memory.count() - 1L;
        long chunk = model.chunkTokens();
        long mainChunk = model.mainChunkTokens();
        long momentum = memory.innerMomentum() > 0 ? memory.count() * (d + m) : 0;
        long numbers = momentum
                + 4 * d * memory.count()
                + 3 * d
                + m * (6 * others + 2 * others + 6 + 3)
                + chunk * (2 * others + 2)
                + mainChunk * (1 + 4 + 2);
        if (memory.othersInputRate() > 0) {
            numbers += others * (6 * m + 2 * d) + 4 * chunk;
        }
        if (memory.inputRate() > 0) {
            numbers += 6 * m + 4 * d + 6 * mainChunk;
        }
        return numbers;
    }

    /** Bytes of a number that is kept as input of a large matrix product. */
    private long product() {
        return model.precision() == ModelConfig.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
    }

    /** The written sides of all memories; momentum is another copy. */
    @Override
    public long stateOfSequence(int copies, long tokens) {
        MemoryConfig memory = model.memory();
        long others = tokens == 0 ? 1 : tokens / model.chunkTokens();
        long main = tokens == 0 ? 1 : tokens / model.mainChunkTokens();
        long side = (long) model.width() * model.headWidth(config) * memory.hiddenRatio();
        int deep = memory.depth() - 1;
        long sidesOfOthers = 1L + (memory.othersInputRate() > 0 ? deep : 0);
        long sidesOfMain = 1L + (memory.inputRate() > 0 ? deep : 0);
        return (memory.innerMomentum() > 0 ? copies + 1 : copies)
                * ((memory.count() - 1L) * others * sidesOfOthers + main * sidesOfMain)
                * side;
    }
}
