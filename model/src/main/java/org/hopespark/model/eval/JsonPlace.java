package org.hopespark.model.eval;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.hopespark.conf.UserException;

/**
 * A part of a JSON file that can say where it stands.
 *
 * @param file it belongs to
 * @param path in it, such as {@code data[3].paragraphs[0]}
 * @param node its content
 */
public record JsonPlace(TaskFile file, String path, JsonNode node) {

    /** All of a file. */
    public static JsonPlace of(TaskFile file) {
        return new JsonPlace(file, "", file.json());
    }

    /** The list below a key. */
    public List<JsonPlace> list(String key) {
        return of(key).items();
    }

    /** What the list has. */
    public List<JsonPlace> items() {
        if (!node.isArray()) {
            throw isNo("a list");
        }
        return IntStream.range(0, node.size()).mapToObj(this::item).toList();
    }

    /** The values of an object, in the file's order. */
    public List<JsonPlace> values() {
        if (!node.isObject()) {
            throw isNo("an object");
        }
        return node.properties().stream().map(Map.Entry::getKey).map(this::of).toList();
    }

    public JsonPlace item(int index) {
        return new JsonPlace(file, path + "[" + index + "]", node.path(index));
    }

    public String text(String key) {
        return of(key).text();
    }

    public String text() {
        if (!node.isTextual()) {
            throw isNo("a text");
        }
        return node.textValue();
    }

    /** What is below a key, which may be nothing. */
    public JsonPlace of(String key) {
        return new JsonPlace(file, path.isEmpty() ? key : path + "." + key, node.path(key));
    }

    /** The error that something else is expected here. */
    public UserException isNo(String wanted) {
        String found = node.isMissingNode()
                ? "nothing"
                : node.isContainerNode()
                        ? node.getNodeType().name().toLowerCase(Locale.ROOT)
                        : PythonText.shorten(node.toString());
        return new UserException(file.path() + ": " + (path.isEmpty() ? "the file" : path) + " must be " + wanted
                + ", found " + found + "; get the published file again, whole");
    }
}
