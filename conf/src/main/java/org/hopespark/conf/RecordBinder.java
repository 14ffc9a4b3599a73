package org.hopespark.conf;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Binds a settings tree to records and gathers every mistake on the way.
 *
 * <p>A component {@code warmupSteps} is the key {@code warmup-steps}. A key that is absent takes its value from the
 * record's constant {@code DEFAULT}, the one home of defaults; without one it is required.
 */
final class RecordBinder {
    private final String source;
    private final List<String> problems = new ArrayList<>();

    RecordBinder(String source) {
        this.source = source;
    }

    <R extends Record> R bind(Class<R> type, Map<String, Object> tree) {
        Optional<R> bound = record(type, tree, "", Optional.empty());
        if (!problems.isEmpty()) {
            throw UserException.of(source, problems);
        }
        return bound.orElseThrow();
    }

    private <R extends Record> Optional<R> record(
            Class<R> type, Map<?, ?> tree, String path, Optional<? extends Record> inherited) {
        int before = problems.size();
        Optional<? extends Record> defaults = inherited.isPresent() ? inherited : defaultOf(type);
        RecordComponent[] components = type.getRecordComponents();
        List<String> known = Arrays.stream(components).map(RecordBinder::key).toList();
        for (Object given : tree.keySet()) {
            if (!known.contains(given.toString())) {
                problems.add("unknown setting: " + path + given + nearest(given.toString(), known));
            }
        }
        Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            String at = path + key(component);
            Optional<Object> fallback = defaults.map(record -> read(component, record));
            Object given = tree.get(key(component));
            if (given != null) {
                arguments[i] =
                        value(component.getGenericType(), given, at, fallback).orElse(null);
            } else if (fallback.isPresent()) {
                arguments[i] = fallback.get();
            } else if (component.getType().isRecord()) {
                arguments[i] = record(
                                component.getType().asSubclass(Record.class), Map.of(), at + ".", Optional.empty())
                        .orElse(null);
            } else {
                problems.add("missing setting: " + at);
            }
        }
        return problems.size() > before ? Optional.empty() : construct(type, components, arguments, path);
    }

    private <R extends Record> Optional<R> construct(
            Class<R> type, RecordComponent[] components, @Nullable Object[] arguments, String path) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<R> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(arguments));
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            String where = path.isEmpty() ? "" : path.substring(0, path.length() - 1) + ": ";
            problems.add(where + (cause == null ? e.toString() : String.valueOf(cause.getMessage())));
            return Optional.empty();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Optional<Object> value(Type type, Object given, String at, Optional<Object> fallback) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return list(list.getActualTypeArguments()[0], given, at);
        }
        Class<?> raw = (Class<?>) type;
        if (raw.isRecord()) {
            if (given instanceof Map<?, ?> map) {
                return record(raw.asSubclass(Record.class), map, at + ".", fallback.map(Record.class::cast))
                        .map(Object.class::cast);
            }
            return wrong(at, "a group of settings", given);
        }
        if (raw.isSealed()) {
            return oneOf(raw, given, at);
        }
        if (raw.isEnum()) {
            return Arrays.stream(raw.getEnumConstants())
                    .filter(constant -> kebab(((Enum<?>) constant).name()).equals(given.toString()))
                    .map(Object.class::cast)
                    .findFirst()
                    .or(() -> wrong(
                            at,
                            "one of "
                                    + Arrays.stream(raw.getEnumConstants())
                                            .map(constant -> kebab(((Enum<?>) constant).name()))
                                            .toList(),
                            given));
        }
        return scalar(raw, given, at);
    }

    /** One of a sealed family: its name alone, or its name with settings. */
    private Optional<Object> oneOf(Class<?> family, Object given, String at) {
        Map<String, Class<? extends Record>> known = new LinkedHashMap<>();
        for (Class<? extends Record> member : members(family)) {
            known.put(memberName(member), member);
        }
        if (given instanceof List || (given instanceof Map<?, ?> map && map.size() != 1)) {
            return wrong(at, "one name, alone or with settings", given);
        }
        Map.Entry<?, ?> entry =
                given instanceof Map<?, ?> map ? map.entrySet().iterator().next() : Map.entry(given.toString(), "");
        String name = entry.getKey().toString();
        @Nullable Class<? extends Record> type = known.get(name);
        if (type == null) {
            problems.add("unknown name at " + at + ": " + name + nearest(name, List.copyOf(known.keySet())));
            return Optional.empty();
        }
        if (entry.getValue() instanceof Map<?, ?> settings) {
            return record(type, settings, at + "." + name + ".", Optional.empty())
                    .map(Object.class::cast);
        }
        return entry.getValue().equals("")
                ? record(type, Map.of(), at + "." + name + ".", Optional.empty())
                        .map(Object.class::cast)
                : wrong(at + "." + name, "a group of settings", entry.getValue());
    }

    private Optional<Object> scalar(Class<?> raw, Object given, String at) {
        if (raw == String.class) {
            return given instanceof Map || given instanceof List
                    ? wrong(at, "a text", given)
                    : Optional.of(given.toString());
        }
        if (raw == boolean.class) {
            return given instanceof Boolean ? Optional.of(given) : wrong(at, "true or false", given);
        }
        try {
            String text = given.toString().replace("_", "");
            if (raw == double.class || raw == Double.class) {
                return Optional.of(Double.parseDouble(text));
            }
            return Optional.of(raw == long.class ? (Object) Long.parseLong(text) : (Object) Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return wrong(at, raw == double.class || raw == Double.class ? "a number" : "a whole number", given);
        }
    }

    private Optional<Object> list(Type element, Object given, String at) {
        if (!(given instanceof List<?> items)) {
            return wrong(at, "a list", given);
        }
        List<Object> result = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            value(element, items.get(i), at + "." + i, Optional.empty()).ifPresent(result::add);
        }
        return Optional.of(List.copyOf(result));
    }

    private Optional<Object> wrong(String at, String wanted, Object given) {
        problems.add(at + " must be " + wanted + ", got '" + given + "'");
        return Optional.empty();
    }

    private static String nearest(String given, List<String> known) {
        return known.stream()
                .filter(key -> key.contains(given) || given.contains(key) || sharedLetters(key, given))
                .findFirst()
                .map(key -> " (did you mean " + key + "?)")
                .orElse(" (known here: " + String.join(", ", known) + ")");
    }

    private static boolean sharedLetters(String a, String b) {
        return Math.abs(a.length() - b.length()) <= 1
                && a.chars().sorted().boxed().filter(c -> b.indexOf(c) >= 0).count() >= a.length() - 1;
    }

    static <R extends Record> Optional<R> defaultOf(Class<R> type) {
        try {
            Field field = type.getDeclaredField("DEFAULT");
            field.setAccessible(true);
            return Optional.of(type.cast(field.get(null)));
        } catch (NoSuchFieldException e) {
            return Optional.empty();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    static Object read(RecordComponent component, Record record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static String key(RecordComponent component) {
        return words(component.getName());
    }

    /** The records of a sealed family. */
    static List<Class<? extends Record>> members(Class<?> family) {
        List<Class<? extends Record>> members = new ArrayList<>();
        for (Class<?> member : family.getPermittedSubclasses()) {
            if (member.isRecord()) {
                members.add(member.asSubclass(Record.class));
            } else {
                members.addAll(members(member));
            }
        }
        return members;
    }

    /** The name of a member of a sealed family: {@code gopher-quality} of {@code GopherQualityConfig}. */
    static String memberName(Class<?> member) {
        return words(member.getSimpleName().replaceAll("Config$", ""));
    }

    private static String words(String camelCase) {
        return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    static String kebab(String enumName) {
        return enumName.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Map<String, Object> toTree(Record record) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            tree.put(key(component), toValue(component.getGenericType(), read(component, record)));
        }
        return tree;
    }

    static Object toValue(Type type, Object value) {
        if (value instanceof List<?> list) {
            Type element = ((ParameterizedType) type).getActualTypeArguments()[0];
            return list.stream().map(item -> toValue(element, item)).toList();
        }
        if (value instanceof Record record) {
            return ((Class<?>) type).isSealed()
                    ? Map.of(memberName(record.getClass()), toTree(record))
                    : toTree(record);
        }
        return value instanceof Enum<?> constant ? kebab(constant.name()) : value;
    }
}
