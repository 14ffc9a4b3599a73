package org.hopespark.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;

/** Texts out of several fields of the rows of a file of JSON lines. */
public final class JsonFields {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonFields() {}

    /**
     * The texts of all rows: the fields in order, parted by blanks, and one text for each item of a field that is a
     * list.
     *
     * @param fields names, with points between those of fields in fields
     * @throws UserException if a row has no such field
     */
    public static List<String> texts(InputFile file, List<String> fields, Storage storage) {
        List<String> texts = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(Texts.open(file, storage), StandardCharsets.UTF_8))) {
            long number = 1;
            for (String line = reader.readLine(); line != null; line = reader.readLine(), number++) {
                if (!line.isBlank()) {
                    texts.addAll(texts(line, fields, file.path() + ", line " + number));
                }
            }
        } catch (IOException e) {
            throw Texts.unreadable(file.path(), e);
        }
        return texts;
    }

    private static List<String> texts(String line, List<String> fields, String place) {
        try {
            JsonNode row = JSON.readTree(line);
            List<String> texts = List.of("");
            for (String field : fields) {
                JsonNode value = row.at("/" + field.replace('.', '/'));
                if (!value.isValueNode() && !value.isArray()) {
                    Iterable<String> present = row::fieldNames;
                    throw new UserException(
                            place + ": no text in field '" + field + "'; the row has " + String.join(", ", present));
                }
                texts = joined(texts, value);
            }
            return texts;
        } catch (JsonProcessingException e) {
            throw CorruptInputException.row(place, "not valid JSON: " + e.getOriginalMessage());
        }
    }

    private static List<String> joined(List<String> texts, JsonNode value) {
        List<String> result = new ArrayList<>();
        for (String text : texts) {
            for (JsonNode item : value.isArray() ? value : List.of(value)) {
                result.add((text + " " + item.asText()).strip());
            }
        }
        return result;
    }
}
