package org.hopespark.conf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hopespark.text.Secrets;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A tree of settings on its way from YAML to records: a file, the preset it names below it, and {@code key=value}
 * overrides above it.
 *
 * @param source where the tree came from, for messages
 * @param tree keys are words joined by {@code -}; groups are maps
 */
public record Settings(String source, Map<String, Object> tree) {

    /** Reads YAML text. */
    public static Settings parse(String source, String yaml) {
        Object root;
        try {
            root = new Load(LoadSettings.builder().setLabel(source).build()).loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new UserException(source + " is not valid YAML: " + e.getMessage(), e);
        }
        if (root == null) {
            return new Settings(source, new LinkedHashMap<>());
        }
        if (!(root instanceof Map<?, ?> map)) {
            throw new UserException(source + " must hold 'key: value' lines at the top, found "
                    + root.getClass().getSimpleName());
        }
        return new Settings(source, copy(map));
    }

    /**
     * Reads a file, or, when {@code place} ends in no {@code .yaml}, the file of that name that the jar carries; the
     * name of a preset means nothing but that preset.
     */
    public static Settings read(String place) {
        if (PRESETS.contains(place)) {
            return new Settings("preset " + place, Map.of("preset", place));
        }
        if (!isFile(place)) {
            return resource(place + ".yaml");
        }
        try {
            return parse(place, Files.readString(Path.of(place)));
        } catch (NoSuchFileException e) {
            throw new UserException(
                    "no such configuration file: " + place + " (a name without .yaml means one of those in the jar: "
                            + String.join(", ", SHIPPED)
                            + "); where the driver runs on the cluster, give a path of a file"
                            + " system that it reaches, such as hdfs:///"
                            + Path.of(place).getFileName()
                            + ", or ship the file with --files of spark-submit",
                    e);
        } catch (IOException e) {
            throw new UserException("cannot read the configuration " + place + ": " + e, e);
        }
    }

    /** Whether {@link #read} takes a text for the path of a file. */
    public static boolean isFile(String place) {
        return place.endsWith(".yaml") || place.endsWith(".yml");
    }

    /** The configurations that the jar carries. */
    public static final List<String> SHIPPED = List.of(
            "quickstart",
            "pretrain-20m",
            "chaos",
            "ablation/full",
            "ablation/without-dgd",
            "ablation/without-momentum",
            "ablation/without-retention",
            "ablation/without-continuum",
            "ablation/without-key-projection",
            "ablation/without-value-projection",
            "ablation/without-query-projection");

    private static final String ALL = "all-";

    /** Models that Hope is compared with, in the sizes {@code nano}, {@code 20m} and {@code 340m}. */
    private static final List<String> RIVALS = List.of(
            "transformer",
            "retnet",
            "deltanet",
            "gated-deltanet",
            "mamba",
            "mamba2",
            "samba",
            "kda",
            "gated-deltanet2",
            "ttt-linear",
            "ttt-mlp",
            "titans-lmm",
            "titans-mag",
            "titans-mal",
            "titans-mac");

    /** The presets (model and levels) that the jar carries. */
    public static final List<String> PRESETS = Stream.of(
                    Stream.of("hope-nano", "hope-20m", "hope-340m", "hope-760m", "hope-1.3b"),
                    Stream.of("transformer-760m", "transformer-1.3b"),
                    RIVALS.stream().flatMap(rival -> Stream.of(rival + "-nano", rival + "-20m", rival + "-340m")))
            .flatMap(names -> names)
            .toList();

    /**
     * The models that a list names: {@code all-nano} stands for all presets whose names end so, as do {@code all-20m}
     * and {@code all-340m}.
     */
    public static List<String> models(List<String> names) {
        return names.stream()
                .flatMap(name -> {
                    if (!name.startsWith(ALL)) {
                        return Stream.of(name);
                    }
                    String size = name.substring(ALL.length() - 1);
                    List<String> found = PRESETS.stream()
                            .filter(preset -> preset.endsWith(size))
                            .toList();
                    if (found.isEmpty()) {
                        throw new UserException("no preset has the size of '" + name
                                + "'; there are all-nano, all-20m, all-340m, all-760m, all-1.3b");
                    }
                    return found.stream();
                })
                .distinct()
                .toList();
    }

    /**
     * Lays these settings over those of the preset that {@code preset: NAME} names: a preset, a shipped configuration
     * or a file, which may have a preset in turn.
     */
    public Settings withPreset() {
        return withPreset(List.of());
    }

    /** The same with {@code key=value} texts above the preset, but below what these settings say themselves. */
    public Settings withPreset(List<String> abovePreset) {
        return new Settings(source, merge(preset(List.of()).with(abovePreset).tree, tree));
    }

    /** The settings of the preset, those of its own preset below them; none without a preset. */
    private Settings preset(List<String> above) {
        Object name = tree.get("preset");
        if (name == null || name.toString().isEmpty()) {
            return new Settings(source, Map.of());
        }
        String preset = name.toString();
        List<String> path = new ArrayList<>(above);
        path.add(preset);
        if (above.contains(preset)) {
            throw new UserException(source + ": presets form a circle: " + String.join(" -> ", path));
        }
        Settings read = readPreset(preset);
        return new Settings(source, merge(read.preset(path).tree, read.tree));
    }

    private Settings readPreset(String preset) {
        if (PRESETS.contains(preset)) {
            return resource("models/" + preset + ".yaml");
        }
        if (!preset.endsWith(".yaml") && !SHIPPED.contains(preset)) {
            throw new UserException(source + ": unknown preset '" + preset + "'; known: " + String.join(", ", PRESETS)
                    + ", a configuration of the jar (" + String.join(", ", SHIPPED) + "), or the path of a .yaml file");
        }
        return read(preset);
    }

    /** Lays {@code group.key=value} texts over the tree; values are YAML. */
    public Settings with(List<String> overrides) {
        Map<String, Object> result = copy(tree);
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new UserException("--set wants key=value, got '" + override + "'");
            }
            Object value = new Load(LoadSettings.builder().build()).loadFromString(override.substring(equals + 1));
            String[] path = override.substring(0, equals).trim().split("\\.");
            put(result, path, 0, value == null ? "" : value, override);
        }
        return new Settings(source, result);
    }

    @SuppressWarnings("unchecked")
    private static void put(Object into, String[] path, int depth, Object value, String override) {
        boolean last = depth == path.length - 1;
        if (into instanceof List<?> list) {
            int index = path[depth].matches("\\d{1,4}") ? Integer.parseInt(path[depth]) : -1;
            if (index < 0 || index >= list.size()) {
                throw new UserException("--set " + override + ": '" + path[depth] + "' is no place in a list of "
                        + list.size() + " (they count from 0)");
            }
            if (last) {
                ((List<Object>) list).set(index, value);
            } else {
                put(list.get(index), path, depth + 1, value, override);
            }
        } else if (into instanceof Map<?, ?> map) {
            if (last) {
                ((Map<String, Object>) map).put(path[depth], value);
            } else {
                put(
                        ((Map<String, Object>) map)
                                .computeIfAbsent(path[depth], k -> new LinkedHashMap<String, Object>()),
                        path,
                        depth + 1,
                        value,
                        override);
            }
        } else {
            throw new UserException("--set " + override + ": '" + path[depth - 1] + "' is a value, not a group");
        }
    }

    /** Fills a record; every unknown key, missing key and bad value is reported in one {@link UserException}. */
    public <R extends Record> R bind(Class<R> type) {
        return new RecordBinder(source).bind(type, tree);
    }

    /** The YAML of a record, such that {@code parse(...).bind(...)} gives an equal one, but for its secrets. */
    public static String print(Record config) {
        return Secrets.hidden(new Dump(DumpSettings.builder()
                        .setDefaultFlowStyle(FlowStyle.BLOCK)
                        .setWidth(120)
                        .setDereferenceAliases(true) // people read it
                        .build())
                .dumpToString(RecordBinder.toTree(config)));
    }

    /** Every value by its dotted name, in order. */
    public Map<String, String> flat() {
        Map<String, String> flat = new LinkedHashMap<>();
        tree.forEach((key, value) -> flatten(key, value, flat));
        return flat;
    }

    private static void flatten(String name, @Nullable Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, each) -> flatten(name + "." + key, each, flat));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                flatten(name + "." + i, list.get(i), flat);
            }
        } else {
            flat.put(name, String.valueOf(value));
        }
    }

    private static Settings resource(String name) {
        try (@Nullable InputStream in = Settings.class.getResourceAsStream("/hope/" + name)) {
            if (in == null) {
                throw new UserException("no configuration named '" + name.replace(".yaml", "") + "'; there are "
                        + String.join(", ", SHIPPED) + "; presets: " + String.join(", ", PRESETS)
                        + "; or the path of a .yaml file");
            }
            return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> merge(Map<String, Object> below, Map<String, Object> above) {
        Map<String, Object> result = copy(below);
        above.forEach((key, value) -> {
            if (value instanceof Map<?, ?> upper && result.get(key) instanceof Map<?, ?> lower) {
                result.put(key, merge(copy(lower), copy(upper)));
            } else {
                result.put(key, value);
            }
        });
        return result;
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> result.put(String.valueOf(key), copyValue(value)));
        return result;
    }

    private static Object copyValue(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return copy(map);
        }
        if (value instanceof List<?> list) {
            return new ArrayList<>(list.stream().map(Settings::copyValue).toList());
        }
        return value == null ? "" : value;
    }
}
