package org.hopespark.data.source;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.hopespark.data.io.Storage;
import org.jspecify.annotations.Nullable;

/**
 * A file of JSON objects: the items of one array, or one after the other over as many lines as they like. The id of an
 * object without one is its number.
 */
final class JsonReader implements RowReader {
    private static final int LONGEST_BLANK = 1 << 16;

    private final InputFile file;
    private final RowText texts;
    private final JsonParser parser;
    private long number;

    private JsonReader(InputFile file, InputStream in) throws IOException {
        this.file = file;
        texts = new RowText(file);
        parser = JsonRow.factory().createParser(in);
    }

    /** Many call a file of lines .json, too; where an object ends with its line, a bad line costs no other. */
    static RowReader open(InputFile file, Storage storage) {
        BufferedInputStream in = new BufferedInputStream(Texts.openText(file, storage), LONGEST_BLANK);
        try {
            in.mark(LONGEST_BLANK);
            byte[] head = in.readNBytes(LONGEST_BLANK);
            if (startsWithLineOfJson(head)) {
                in.close();
                return new JsonLinesReader(file, storage);
            }
            in.reset();
            return new JsonReader(file, in);
        } catch (IOException e) {
            throw Texts.unreadable(file.path(), e);
        }
    }

    /** One object to the end of its line, and behind it nothing, or another one. */
    private static boolean startsWithLineOfJson(byte[] head) {
        String[] lines = new String(head, StandardCharsets.UTF_8).stripLeading().split("\n", 3);
        boolean isCut = lines.length == 1 && head.length == LONGEST_BLANK;
        return lines[0].startsWith("{")
                && (isCut || lines[0].stripTrailing().endsWith("}"))
                && (lines.length == 1 || lines[1].isBlank() || lines[1].startsWith("{"));
    }

    @Override
    public Optional<Document> next() {
        return nextRow(row -> JsonRow.read(row, texts.wanted())).map(row -> {
            String id = row.id(file.input().idColumn(), texts, Long.toString(number));
            return texts.document(place(), texts.joins() ? row::scalar : row::string, id);
        });
    }

    @Override
    public Optional<Map<String, Boolean>> nextColumns() {
        return nextRow(JsonRow::columns);
    }

    private interface Read<R> {
        R of(JsonParser parser) throws IOException;
    }

    private <R> Optional<R> nextRow(Read<R> read) {
        number++;
        try {
            @Nullable JsonToken token = parser.nextToken();
            while (token == JsonToken.END_ARRAY || (token == JsonToken.START_ARRAY && isAtTop())) {
                token = parser.nextToken();
            }
            if (token == null) {
                return Optional.empty();
            }
            if (token != JsonToken.START_OBJECT) {
                parser.skipChildren();
                throw CorruptInputException.row(place(), "not a JSON object");
            }
            return Optional.of(read.of(parser));
        } catch (IOException e) {
            throw Texts.unreadable(place(), e);
        }
    }

    private boolean isAtTop() {
        return parser.getParsingContext().getParent().inRoot();
    }

    private String place() {
        return file.path() + ", object " + number;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
