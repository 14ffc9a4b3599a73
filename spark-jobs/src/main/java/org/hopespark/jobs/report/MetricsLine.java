package org.hopespark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.hopespark.conf.UserException;

/**
 * A JSON object of a metrics file, which knows where it stands.
 *
 * @param place file and line, for messages
 * @param json its fields
 */
record MetricsLine(String place, JsonNode json) {
    String type() {
        return text("type");
    }

    String text(String key) {
        JsonNode node = json.path(key);
        if (!node.isTextual()) {
            throw wrong(key, "a text");
        }
        return node.textValue();
    }

    long whole(String key) {
        JsonNode node = json.path(key);
        if (!node.isIntegralNumber()) {
            throw wrong(key, "a whole number");
        }
        return node.longValue();
    }

    /** A number; what is none of those, such as the loss of a run that diverges, is written as a text. */
    double number(String key) {
        return number(key, json.path(key));
    }

    private double number(String key, JsonNode node) {
        if (node.isTextual() && List.of("NaN", "Infinity", "-Infinity").contains(node.textValue())) {
            return Double.parseDouble(node.textValue());
        }
        if (!node.isNumber()) {
            throw wrong(key, "a number");
        }
        return node.doubleValue();
    }

    List<Double> numbers(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray()) {
            throw wrong(key, "a list of numbers");
        }
        return StreamSupport.stream(node.spliterator(), false)
                .map(child -> number(key, child))
                .toList();
    }

    /** The object below a key. */
    MetricsLine part(String key) {
        return new MetricsLine(place + ", " + key, json.path(key));
    }

    double number(String key, double otherwise) {
        return json.hasNonNull(key) ? number(key) : otherwise;
    }

    List<MetricsLine> list(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray()) {
            throw wrong(key, "a list");
        }
        return StreamSupport.stream(node.spliterator(), false)
                .map(child -> new MetricsLine(place + ", " + key, child))
                .toList();
    }

    private UserException wrong(String key, String wanted) {
        JsonNode node = json.path(key);
        return new UserException(place + ": \"" + key + "\" must be " + wanted + ", found "
                + (node.isMissingNode() ? "nothing" : node) + "; is this the metrics file of a run?");
    }
}
