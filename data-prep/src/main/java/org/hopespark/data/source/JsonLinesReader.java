package org.hopespark.data.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.hopespark.data.io.Storage;

/** One JSON object a line, plain or compressed. */
final class JsonLinesReader implements RowReader {
    private static final byte[] LINE_BREAK = {'\n'};

    private final Pieces lines;
    private final RowText texts;
    private final JsonFactory json = JsonRow.factory();
    private final String idColumn;

    JsonLinesReader(InputFile file, Storage storage) {
        lines = new Pieces(file, Texts.openText(file, storage), LINE_BREAK, "line");
        texts = new RowText(file);
        idColumn = file.input().idColumn();
    }

    @Override
    public Optional<Document> next() {
        while (true) {
            if (lines.failure().isPresent()) {
                throw lines.failure().get();
            }
            Optional<byte[]> bytes = lines.next();
            if (bytes.isEmpty() && lines.failure().isEmpty()) {
                return Optional.empty();
            }
            try {
                Optional<Document> document = bytes.flatMap(this::document);
                if (document.isPresent()) {
                    return document;
                }
            } catch (CorruptInputException e) {
                throw lines.failure().orElse(e); // a line that is cut tells less than why it is
            }
        }
    }

    private Optional<Document> document(byte[] bytes) {
        String text = Texts.withoutMark(Texts.decode(lines.place(), bytes));
        return text.isBlank() ? Optional.empty() : Optional.of(parse(lines.place(), text));
    }

    private Document parse(String place, String line) {
        try (JsonParser parser = json.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw CorruptInputException.row(place, "not a JSON object");
            }
            JsonRow row = JsonRow.read(parser, texts.wanted());
            if (parser.nextToken() != null) {
                throw CorruptInputException.row(place, "more than one JSON value");
            }
            String number = Long.toString(lines.number());
            return texts.document(place, texts.joins() ? row::scalar : row::string, row.id(idColumn, texts, number));
        } catch (JsonProcessingException e) {
            throw CorruptInputException.row(place, "not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory cannot fail", e);
        }
    }

    @Override
    public Optional<Map<String, Boolean>> nextColumns() {
        Optional<byte[]> bytes = lines.next();
        if (lines.failure().isPresent()) {
            throw lines.failure().get();
        }
        return bytes.map(this::columns);
    }

    private Map<String, Boolean> columns(byte[] bytes) {
        String line = Texts.withoutMark(Texts.decode(lines.place(), bytes));
        try (JsonParser parser = json.createParser(line)) {
            return parser.nextToken() == JsonToken.START_OBJECT ? JsonRow.columns(parser) : Map.of();
        } catch (IOException e) {
            throw CorruptInputException.row(lines.place(), "not valid JSON");
        }
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
