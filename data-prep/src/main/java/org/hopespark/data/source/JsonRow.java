package org.hopespark.data.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values of some columns of a JSON object; {@code a.b} is a column of that name, or b in the object a. */
final class JsonRow {
    /** Of arrays in arrays; each takes about 100 bytes. */
    private static final int MAX_DEPTH = 1 << 20;

    /** Objects in objects in which columns are looked for. */
    private static final int MAX_COLUMN_DEPTH = 8;

    private final Set<String> wanted;
    private final Map<String, Value> values = new HashMap<>();

    private record Value(String text, boolean isString) {}

    private JsonRow(Set<String> wanted) {
        this.wanted = wanted;
    }

    /**
     * What stands in columns that nobody reads is no reason to lose a row: Python writes NaN and Infinity, which RFC
     * 8259 lacks, and a line has a limit of its own. Names are not kept, as every row may have others.
     */
    static JsonFactory factory() {
        StreamReadConstraints.Builder limits = StreamReadConstraints.builder()
                .maxStringLength(Texts.MAX_BYTES)
                .maxNumberLength(Texts.MAX_BYTES)
                .maxNestingDepth(MAX_DEPTH);
        try {
            // Spark 3.5 carries Jackson 2.15, which has no limit for names and no such method
            StreamReadConstraints.Builder.class
                    .getMethod("maxNameLength", int.class)
                    .invoke(limits, Texts.MAX_BYTES);
        } catch (NoSuchMethodException none) {
            return factory(limits);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        return factory(limits);
    }

    private static JsonFactory factory(StreamReadConstraints.Builder limits) {
        return JsonFactory.builder()
                .streamReadConstraints(limits.build())
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .build();
    }

    /** Reads the object that the parser is at the beginning of, to its end. */
    static JsonRow read(JsonParser parser, Set<String> wanted) throws IOException {
        JsonRow row = new JsonRow(wanted);
        row.read(parser, "", 1);
        return row;
    }

    private void read(JsonParser parser, String prefix, int depth) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String column = prefix + parser.currentName();
            JsonToken value = parser.nextToken();
            if (wanted.contains(column) && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                Value found = new Value(parser.getText(), value == JsonToken.VALUE_STRING);
                if (depth == 1) {
                    values.put(column, found); // a column of that very name goes before a nested one
                } else {
                    values.putIfAbsent(column, found);
                }
            } else if (value == JsonToken.START_OBJECT && depth < MAX_COLUMN_DEPTH && leadsOn(column + ".")) {
                read(parser, column + ".", depth + 1);
            } else {
                parser.skipChildren();
            }
        }
    }

    private boolean leadsOn(String prefix) {
        return wanted.stream().anyMatch(column -> column.startsWith(prefix));
    }

    /** A column that is a text. */
    Optional<String> string(String column) {
        return Optional.ofNullable(values.get(column)).filter(Value::isString).map(Value::text);
    }

    /** A column that is a text, a number or a truth value. */
    Optional<String> scalar(String column) {
        return Optional.ofNullable(values.get(column)).map(Value::text);
    }

    /** The value of the column of ids, if that is not the text itself; otherwise the number of the row. */
    String id(String column, RowText texts, String number) {
        return texts.columns().contains(column) ? number : scalar(column).orElse(number);
    }

    /**
     * The columns of the object that the parser is at the beginning of.
     *
     * @return by name, those of nested objects with points; true if it is not in another one
     */
    static Map<String, Boolean> columns(JsonParser parser) throws IOException {
        Map<String, Boolean> columns = new LinkedHashMap<>();
        columns(parser, "", 1, columns);
        return columns;
    }

    private static void columns(JsonParser parser, String prefix, int depth, Map<String, Boolean> columns)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String column = prefix + parser.currentName();
            columns.putIfAbsent(column, depth == 1);
            if (parser.nextToken() == JsonToken.START_OBJECT && depth < MAX_COLUMN_DEPTH) {
                columns(parser, column + ".", depth + 1, columns);
            } else {
                parser.skipChildren();
            }
        }
    }
}
