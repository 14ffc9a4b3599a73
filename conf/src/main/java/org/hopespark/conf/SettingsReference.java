package org.hopespark.conf;

import com.github.therapi.runtimejavadoc.CommentFormatter;
import com.github.therapi.runtimejavadoc.ParamJavadoc;
import com.github.therapi.runtimejavadoc.RuntimeJavadoc;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.hopespark.text.Secrets;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** What every setting means: the documentation of the records, as a table or as comments of a configuration. */
public final class SettingsReference {
    private static final int WIDTH = 110;
    private static final CommentFormatter TEXT = new CommentFormatter();
    private static final Dump VALUE = new Dump(DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.FLOW)
            .setWidth(10_000)
            .setDereferenceAliases(true)
            .build());

    private SettingsReference() {}

    /**
     * A setting.
     *
     * @param key its dotted name; N stands for a number in a list, counted from 0
     * @param type what its value is
     * @param fallback its value where nobody says it; empty where it must be said
     * @param meaning what it is for
     */
    public record Setting(String key, String type, String fallback, String meaning) {}

    /** All settings below a record, those of each list and each family of named steps included, in order. */
    public static List<Setting> of(Class<? extends Record> root) {
        List<Setting> settings = new ArrayList<>();
        add(root, "", RecordBinder.defaultOf(root), settings);
        return settings;
    }

    private static void add(Class<?> type, String path, Optional<? extends Record> defaults, List<Setting> settings) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = path + RecordBinder.key(component);
            Optional<Object> fallback = defaults.map(record -> RecordBinder.read(component, record));
            Type declared = component.getGenericType();
            if (declared instanceof ParameterizedType list) {
                Class<?> element = (Class<?>) list.getActualTypeArguments()[0];
                settings.add(setting(key, "list of " + name(element), component, fallback));
                addElement(element, key, settings);
            } else if (component.getType().isRecord()) {
                add(component.getType(), key + ".", fallback.map(Record.class::cast), settings);
            } else {
                settings.add(setting(key, name(component.getType()), component, fallback));
            }
        }
    }

    private static void addElement(Class<?> element, String key, List<Setting> settings) {
        if (element.isRecord()) {
            add(element, key + ".N.", RecordBinder.defaultOf(element.asSubclass(Record.class)), settings);
        } else if (element.isSealed()) {
            for (Class<? extends Record> member : RecordBinder.members(element)) {
                String at = key + ".N." + RecordBinder.memberName(member);
                settings.add(new Setting(at, "name, alone or with settings", "", meaning(member)));
                add(member, at + ".", RecordBinder.defaultOf(member), settings);
            }
        }
    }

    private static Setting setting(String key, String type, RecordComponent component, Optional<Object> fallback) {
        return new Setting(
                key, type, fallback.map(value -> value(component, value)).orElse(""), meaning(component));
    }

    private static String value(RecordComponent component, Object value) {
        return VALUE.dumpToString(RecordBinder.toValue(component.getGenericType(), value))
                .strip();
    }

    private static String name(Class<?> type) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> RecordBinder.kebab(((Enum<?>) constant).name()))
                    .collect(Collectors.joining(" | "));
        }
        if (type == String.class) {
            return "text";
        }
        if (type == boolean.class) {
            return "true | false";
        }
        if (type == int.class || type == long.class) {
            return "whole number";
        }
        return type == double.class || type == Double.class ? "number" : "groups";
    }

    /** The first sentences of a class's documentation. */
    private static String meaning(Class<?> type) {
        return flat(TEXT.format(RuntimeJavadoc.getJavadoc(type).getComment()));
    }

    private static String meaning(RecordComponent component) {
        return RuntimeJavadoc.getJavadoc(component.getDeclaringRecord()).getRecordComponents().stream()
                .filter(documented -> documented.getName().equals(component.getName()))
                .map(ParamJavadoc::getComment)
                .map(comment -> flat(TEXT.format(comment)))
                .findFirst()
                .orElse("");
    }

    private static String flat(String text) {
        return text.replaceAll("(?s)<pre>.*", "")
                .replaceAll("</?code>", "`")
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** All of it as a page of Markdown. */
    public static String page() {
        return """
                # Settings

                Every setting of the YAML files, generated from the code (`./hope config --reference`). Any of them can be given as `--set KEY=VALUE`, too; N
                stands for a number in a list, counted from 0. `./hope config hope-20m` prints a whole configuration with these explanations.

                ## `pretrain`
                """ + markdown(RunConfig.class) + "\n## `prepare`\n" + markdown(PrepareConfig.class) + "\n## `corpus`\n"
                + markdown(CorpusConfig.class);
    }

    /** A table of Markdown for each group of settings. */
    private static String markdown(Class<? extends Record> root) {
        StringBuilder text = new StringBuilder();
        Map<String, List<Setting>> groups = new LinkedHashMap<>();
        for (Setting setting : of(root)) {
            groups.computeIfAbsent(group(setting.key), key -> new ArrayList<>()).add(setting);
        }
        groups.forEach((group, settings) -> {
            text.append(group.isEmpty() ? "" : "\n### `" + group + "`\n");
            text.append("\n| setting | value | default | meaning |\n|---|---|---|---|\n");
            for (Setting setting : settings) {
                text.append("| `")
                        .append(setting.key)
                        .append("` | ")
                        .append(cell(setting.type))
                        .append(" | ")
                        .append(setting.fallback.isEmpty() ? "" : "`" + cell(setting.fallback) + "`")
                        .append(" | ")
                        .append(cell(setting.meaning))
                        .append(" |\n");
            }
        });
        return text.toString();
    }

    private static String group(String key) {
        int dot = key.lastIndexOf('.');
        return dot < 0 ? "" : key.substring(0, dot);
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    /** A configuration as YAML, like {@link Settings#print}, with what each setting means above it. */
    public static String commented(Record config) {
        StringBuilder yaml = new StringBuilder();
        append(config, "", "", true, yaml);
        return Secrets.hidden(yaml.toString());
    }

    /** {@code first} begins the first line: the indent, or that with the dash of a list. */
    private static void append(Record record, String indent, String first, boolean explained, StringBuilder yaml) {
        String start = first.isEmpty() ? indent : first;
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            Object value = RecordBinder.read(component, record);
            String meaning = meaning(component);
            if (explained && start.equals(indent) && !meaning.isEmpty()) {
                wrap(meaning, WIDTH - indent.length())
                        .forEach(line ->
                                yaml.append(indent).append("# ").append(line).append('\n'));
            }
            yaml.append(start).append(RecordBinder.key(component)).append(':');
            start = indent;
            if (value instanceof Record group) {
                yaml.append('\n');
                append(group, indent + "  ", "", explained, yaml);
            } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Record) {
                yaml.append('\n');
                appendItems(component, list, indent, explained, yaml);
            } else {
                yaml.append(' ').append(value(component, value)).append('\n');
            }
        }
    }

    private static void appendItems(
            RecordComponent component, List<?> list, String indent, boolean explained, StringBuilder yaml) {
        Class<?> element = (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        for (int i = 0; i < list.size(); i++) {
            if (element.isRecord()) {
                append((Record) list.get(i), indent + "    ", indent + "  - ", explained && i == 0, yaml);
            } else {
                yaml.append(indent)
                        .append("  - ")
                        .append(VALUE.dumpToString(RecordBinder.toValue(element, list.get(i)))
                                .strip())
                        .append('\n');
            }
        }
    }

    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() >= width) {
                lines.add(line.toString().strip());
                line.setLength(0);
            }
            line.append(word).append(' ');
        }
        lines.add(line.toString().strip());
        return lines;
    }
}
