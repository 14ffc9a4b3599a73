package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RopeScalingConfig;
import org.jspecify.annotations.Nullable;

/**
 * Writes the TorchScript of this package as an archive that {@code torch.jit.load} reads: a zip of source text and a
 * module, empty where Java keeps the parameters, or with all that a forward pass needs.
 */
public final class TorchScriptArchive {
    private static final List<String> FORWARD = List.of("continuum", "forward");
    private static final List<String> TRAINING = List.of("decoder", "head", "optimizer", "network");
    private static final String EXPORT = "export";
    private static final String MODULE = "Hope";
    private static final Pattern DEFINITION = Pattern.compile("(?m)^def (\\w+)\\(");
    private static final Pattern CALL = Pattern.compile("__torch__\\.(\\w+)");
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
            String source = forward(config, type) + resources(TRAINING) + methods(config);
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
            String source = forward(architecture.model(), type) + exported(architecture);
            put(zip, source, module.attribute("training", false));
            for (int i = 0; i < used.size(); i++) {
                zip.put(FOLDER + "data/" + i, used.get(i).data().slices());
            }
        }
    }

    /**
     * The same of a network before its first step, for programs that only measure. What is drawn from a normal
     * distribution around 0, nearly all of it, is left at 0 for the reader to draw, so that the archive can be
     * compressed to very little.
     *
     * @param seed of the run, for the other values
     * @return the standard deviations of what is left to draw, by name
     */
    public static Map<String, Double> exportUntrained(Architecture architecture, long seed, OutputStream out)
            throws IOException {
        Map<String, Double> deviations = new TreeMap<>();
        List<NamedTensor> parameters = new ArrayList<>();
        for (ParameterSpec spec : architecture.forward()) {
            FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, spec.elements());
            if (spec.initial() instanceof ParameterSpec.Normal normal
                    && normal.deviation() > 0
                    && normal.equals(ParameterSpec.Initial.normal(normal.deviation()))) {
                deviations.put(spec.name(), normal.deviation());
            } else {
                InitialValues.write(spec, seed, values);
            }
            parameters.add(new NamedTensor(spec.name(), spec.shape(), values));
        }
        export(architecture, parameters, out);
        return deviations;
    }

    /** Names with dots and dashes are no identifiers, but attributes all the same: {@code state_dict()} shows them. */
    private static String exported(Architecture architecture) {
        List<String> names =
                architecture.forward().stream().map(ParameterSpec::name).toList();
        String blocks = architecture.blocks().stream()
                .map(block -> block.stream().map(p -> attribute(p)).collect(Collectors.joining(", ", "[", "]")))
                .collect(Collectors.joining(",\n        ", "[", "]"));
        List<Integer> kinds = Mixer.kindOfBlocks(architecture.model());
        String calls = IntStream.range(0, kinds.size())
                .mapToObj(i -> "  x = __torch__.block_" + kinds.get(i)
                        + "(x, position, keep, resets, annotate(List[Tensor], []), blocks[" + i + "], False, False)[0]")
                .collect(Collectors.joining("\n"));
        return resource(EXPORT)
                .formatted(
                        calls,
                        names.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ")),
                        names.stream()
                                .map(name -> "  __annotations__[\"" + name + "\"] = Tensor")
                                .collect(Collectors.joining("\n")),
                        Stream.of(
                                        attribute(architecture.embedding()),
                                        blocks,
                                        attribute(architecture.norm()),
                                        attribute(architecture.head()))
                                .collect(Collectors.joining(", ")));
    }

    private static String attribute(ParameterSpec spec) {
        return "getattr(self, \"" + spec.name() + "\")";
    }

    /** Rows of logits at once. */
    static long headRows(ModelConfig config, ElementType type) {
        return Math.max(1, HEAD_BYTES / ((long) config.vocabularySize() * type.bytes()));
    }

    private static String constants(ModelConfig config, ElementType type) {
        RopeScalingConfig scaling = config.ropeScaling();
        return constant("head_rows", headRows(config, type))
                + constant("gated", config.activation() == ModelConfig.Activation.SILU_GATED)
                + constant("side_by_side", config.continuum() == ModelConfig.Continuum.INDEPENDENT)
                + constant("bfloat16", config.precision() == ModelConfig.Precision.BFLOAT16)
                + constant("norm_epsilon", config.normEpsilon())
                + constant("rope_base", config.ropeBase())
                + constant("rope_factor", scaling.factor())
                + constant("rope_by_frequency", scaling.type() == RopeScalingConfig.Type.LLAMA3)
                + constant("rope_low", scaling.lowFrequencyFactor())
                + constant("rope_high", scaling.highFrequencyFactor())
                + constant("rope_original", (double) scaling.originalContextTokens());
    }

    /** What a forward pass calls: functions of mixers under names of their own, then a block of each. */
    private static String forward(ModelConfig config, ElementType type) {
        StringBuilder source = new StringBuilder(constants(config, type)).append(resource("common"));
        List<Mixer> mixers = Mixer.kinds(config);
        for (int kind = 0; kind < mixers.size(); kind++) {
            Mixer mixer = mixers.get(kind);
            source.append(named(mixer.script(), mixer, kind))
                    .append(resource("block")
                            .replace("KIND", Integer.toString(kind))
                            .replace("PARAMETERS", Integer.toString(mixer.parameterCount())));
        }
        return source + resources(FORWARD);
    }

    private static String methods(ModelConfig config) {
        List<Mixer> mixers = Mixer.kinds(config);
        StringBuilder methods = new StringBuilder();
        for (int kind = 0; kind < mixers.size(); kind++) {
            methods.append(resource("block-module").replace("KIND", Integer.toString(kind)));
        }
        for (Mixer mixer : mixers) {
            if (!mixer.methods().isEmpty()) {
                return methods + named(mixer.methods(), mixer, mixers.indexOf(mixer));
            }
        }
        return methods.toString();
    }

    /** Puts the number of the mixer before the names of its functions. */
    private static String named(String source, Mixer mixer, int kind) {
        Set<String> own = DEFINITION
                .matcher(mixer.script())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        String prefix = "mixer_" + kind + "_";
        String defined = DEFINITION.matcher(source).replaceAll("def " + prefix + "$1(");
        return CALL.matcher(defined)
                .replaceAll(call -> "__torch__." + (own.contains(call.group(1)) ? prefix : "") + call.group(1));
    }

    static String constant(String name, long value) {
        return constant(name, "int", Long.toString(value));
    }

    static String constant(String name, double value) {
        return constant(name, "float", Double.toString(value));
    }

    static String constant(String name, boolean value) {
        return constant(name, "bool", value ? "True" : "False");
    }

    private static String constant(String name, String type, String value) {
        return "def " + name + "() -> " + type + ":\n  return " + value + "\n\n";
    }

    private static String resources(List<String> names) {
        return names.stream().map(name -> resource(name) + '\n').collect(Collectors.joining());
    }

    static String resource(String name) {
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
