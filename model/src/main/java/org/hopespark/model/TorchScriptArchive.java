package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Writes the TorchScript of this package as an archive that {@code torch.jit.load} reads: a zip of source text and a
 * module, empty where Java keeps the parameters, or with all that a forward pass needs.
 */
public final class TorchScriptArchive {
    private static final List<String> FORWARD = List.of("memory", "titans", "attention", "continuum", "forward");
    private static final List<String> TRAINING = List.of("decoder", "head", "optimizer", "network");
    private static final String EXPORT = "export";
    private static final String MODULE = "Hope";
    private static final String FOLDER = "hope/";
    private static final byte[] FORMAT = "3\n".getBytes(StandardCharsets.US_ASCII);
    /**
     * Of logits at once: tensors below 32 MB are recycled by the allocator, larger ones go back to the kernel each
     * time.
     */
    private static final long HEAD_BYTES = 16L << 20;

    private TorchScriptArchive() {}

    /** The archive of the functions, with the constants of {@code config} compiled in. */
    static byte[] write(ModelConfig config, ElementType type) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (StoredZip zip = new StoredZip(bytes)) {
            String source = constants(config, type) + resources(FORWARD) + resources(TRAINING);
            put(zip, source, new ModulePickle(MODULE).attribute("training", true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Writes the network as one archive that needs nothing of this program: {@code forward(ids [B,T]) -> logits
     * [B,T,V]}, with the parameters inside under their names.
     *
     * @param parameters at least those of the architecture that a forward pass uses
     * @param out closed at the end
     */
    public static void export(Architecture architecture, List<NamedTensor> parameters, OutputStream out)
            throws IOException {
        Map<String, NamedTensor> byName = new TreeMap<>();
        parameters.forEach(tensor -> byName.put(tensor.name(), tensor));
        List<NamedTensor> used = architecture.forward().stream()
                .map(spec -> requireNonNull(byName.get(spec.name()), spec.name()))
                .toList();
        ModulePickle module = new ModulePickle(MODULE);
        for (int i = 0; i < used.size(); i++) {
            module.parameter(used.get(i), Integer.toString(i));
        }
        ElementType type = used.get(0).data().type();
        try (StoredZip zip = new StoredZip(out)) {
            String source = constants(architecture.model(), type) + resources(FORWARD) + exported(architecture);
            put(zip, source, module.attribute("training", false));
            for (int i = 0; i < used.size(); i++) {
                zip.put(FOLDER + "data/" + i, used.get(i).data().slices());
            }
        }
    }

    /** Names with dots and dashes are no identifiers, but attributes all the same: {@code state_dict()} shows them. */
    private static String exported(Architecture architecture) {
        List<String> names =
                architecture.forward().stream().map(ParameterSpec::name).toList();
        String blocks = architecture.blocks().stream()
                .map(block -> block.stream().map(p -> attribute(p)).collect(Collectors.joining(", ", "[", "]")))
                .collect(Collectors.joining(",\n        ", "[", "]"));
        return resource(EXPORT)
                .formatted(
                        names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ")),
                        names.stream()
                                .map(name -> "  __annotations__[\"" + name + "\"] = Tensor")
                                .collect(Collectors.joining("\n")),
                        attribute(architecture.embedding()) + ", " + blocks + ", " + attribute(architecture.norm()));
    }

    private static String attribute(ParameterSpec spec) {
        return "getattr(self, \"" + spec.name() + "\")";
    }

    /** Rows of logits at once. */
    static long headRows(ModelConfig config, ElementType type) {
        return Math.max(1, HEAD_BYTES / ((long) config.vocabularySize() * type.bytes()));
    }

    private static String constants(ModelConfig config, ElementType type) {
        MemoryConfig memory = config.memory();
        return constant("chunk_tokens", config.chunkTokens())
                + constant("main_chunk_tokens", config.mainChunkTokens())
                + constant("memories", memory.count())
                + constant("key_readers", memory.keyReaders())
                + constant("memory_depth", memory.depth())
                + constant("mixer_parameters", Architecture.mixerParameters(config))
                + constant("heads", config.heads())
                + constant("head_rows", headRows(config, type))
                + constant("eta_max", config.etaMaxOfToken())
                + constant("others_rate", memory.othersRate())
                + constant("input_rate", memory.inputRate())
                + constant("others_input_rate", memory.othersInputRate())
                + constant("value_scale", memory.valueScale())
                + constant("error_cap_scale", memory.errorCap())
                + constant("inner_momentum", memory.innerMomentum())
                + constant("rope_base", config.ropeBase())
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
                + constant("gated", config.activation() == ModelConfig.Activation.SILU_GATED)
                + constant("side_by_side", config.continuum() == ModelConfig.Continuum.INDEPENDENT)
                + constant("bfloat16", config.precision() == ModelConfig.Precision.BFLOAT16)
                + mixer(config.mixer());
    }

    /** A network has one mixer; its script then needs no operation that only the other one calls. */
    private static String mixer(ModelConfig.Mixer mixer) {
        return "def mixer(x: Tensor, position: Tensor, keep: Tensor, resets: Tensor, state: List[Tensor],"
                + " p: List[Tensor], carry: bool, watch: bool) -> List[Tensor]:\n  return __torch__."
                + (mixer == ModelConfig.Mixer.ATTENTION
                        ? "attention(x, position, resets, state, p, carry)"
                        : "titans(x, position, keep, resets, state, p, carry, watch)")
                + "\n\n";
    }

    private static String constant(String name, long value) {
        return constant(name, "int", Long.toString(value));
    }

    private static String constant(String name, double value) {
        return constant(name, "float", Double.toString(value));
    }

    private static String constant(String name, boolean value) {
        return constant(name, "bool", value ? "True" : "False");
    }

    private static String constant(String name, String type, String value) {
        return "def " + name + "() -> " + type + ":\n  return " + value + "\n\n";
    }

    private static String resources(List<String> names) {
        return names.stream().map(name -> resource(name) + '\n').collect(Collectors.joining());
    }

    private static String resource(String name) {
        try (@Nullable InputStream in = TorchScriptArchive.class.getResourceAsStream(name + ".torchscript")) {
            if (in == null) {
                throw new IllegalStateException(name + ".torchscript is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(StoredZip zip, String source, ModulePickle module) throws IOException {
        zip.put(FOLDER + "data.pkl", module.finish());
        zip.put(FOLDER + "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
        zip.put(FOLDER + "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // an empty tuple
        zip.put(FOLDER + "version", FORMAT);
    }
}
