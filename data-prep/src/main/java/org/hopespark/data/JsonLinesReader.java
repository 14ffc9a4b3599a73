package org.hopespark.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One JSON object a line, plain or compressed. */
final class JsonLinesReader implements DocumentReader {
    /** Of arrays in arrays; each takes about 100 bytes. */
    private static final int MAX_DEPTH = 1 << 20;

    private final InputFile file;
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long line;
    private Optional<CorruptInputException> failure = Optional.empty();
    private final JsonFactory json = factory();

    /**
     * What stands in columns that nobody reads is no reason to lose a row: Python writes NaN and Infinity, which RFC
     * 8259 lacks, and a line has a limit of its own. Names are not kept, as every row may have others.
     */
    private static JsonFactory factory() {
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

    JsonLinesReader(InputFile file, Storage storage) {
        this.file = file;
        in = Texts.open(file, storage);
    }

    @Override
    public Optional<Document> next() {
        while (true) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            Optional<byte[]> bytes = nextLine();
            if (bytes.isEmpty() && failure.isEmpty()) {
                return Optional.empty();
            }
            try {
                Optional<Document> document = bytes.flatMap(this::document);
                if (document.isPresent()) {
                    return document;
                }
            } catch (CorruptInputException e) {
                throw failure.orElse(e); // a line that is cut tells less than why it is
            }
        }
    }

    private Optional<Document> document(byte[] bytes) {
        String place = file.path() + ", line " + line;
        String text = Texts.withoutMark(Texts.decode(place, bytes));
        return text.isBlank() ? Optional.empty() : Optional.of(parse(place, text));
    }

    private Document parse(String place, String row) {
        @Nullable String text = null;
        @Nullable String id = null;
        try (JsonParser parser = json.createParser(row)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw CorruptInputException.row(place, "not a JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                JsonToken value = parser.nextToken();
                if (field.equals(file.textColumn()) && value == JsonToken.VALUE_STRING) {
                    text = parser.getText();
                } else if (field.equals(file.idColumn()) && value.isScalarValue() && value != JsonToken.VALUE_NULL) {
                    id = parser.getText();
                } else {
                    parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw CorruptInputException.row(place, "more than one JSON value");
            }
        } catch (JsonProcessingException e) {
            throw CorruptInputException.row(place, "not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
        if (text == null) {
            throw CorruptInputException.row(
                    place,
                    "no text in column '" + file.textColumn()
                            + "' (--text-column, or text-column of the input, names another)");
        }
        String known = id == null ? Long.toString(line) : Texts.requireEncodable(place + ", its id", id);
        return new Document(known, Texts.requireEncodable(place, text), file.name());
    }

    /**
     * The names of the next row's columns; empty at the end.
     *
     * @throws CorruptInputException if the row is none
     */
    Optional<Set<String>> nextColumns() {
        Optional<byte[]> bytes = nextLine();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return bytes.map(this::columns);
    }

    private Set<String> columns(byte[] bytes) {
        String place = file.path() + ", line " + line;
        Set<String> columns = new LinkedHashSet<>();
        try (JsonParser parser = json.createParser(Texts.withoutMark(Texts.decode(place, bytes)))) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    columns.add(parser.currentName());
                    parser.nextToken();
                    parser.skipChildren();
                }
            }
            return columns;
        } catch (IOException e) {
            throw CorruptInputException.row(place, "not valid JSON");
        }
    }

    private Optional<byte[]> nextLine() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean any = false;
        boolean tooLong = false;
        line++;
        while (true) {
            if (position == limit && !fill()) {
                return any ? Optional.of(whole(bytes, tooLong)) : Optional.empty();
            }
            any = true;
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            tooLong |= bytes.size() + (end - position) > Texts.MAX_BYTES;
            if (!tooLong) {
                bytes.write(buffer, position, end - position);
            }
            position = end;
            if (end < limit) {
                position++;
                return Optional.of(whole(bytes, tooLong));
            }
        }
    }

    private byte[] whole(ByteArrayOutputStream bytes, boolean tooLong) {
        if (tooLong) {
            throw Texts.tooLong(file.path() + ", line " + line);
        }
        return bytes.toByteArray();
    }

    /** False at the end, also where it comes too early. */
    private boolean fill() {
        try {
            position = 0;
            limit = Math.max(0, in.read(buffer));
            return limit > 0;
        } catch (IOException e) {
            failure = Optional.of(Texts.unreadable(file.path() + ", after line " + (line - 1), e));
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
