package org.hopespark.jobs.run;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.UserException;

/** The lines of a run's {@code metrics.jsonl}. */
public final class RunEvents {
    private static final Logger LOG = LogManager.getLogger(RunEvents.class);

    private static final ObjectReader READER = RunJson.MAPPER
            .readerFor(RunEvent.class)
            .with(
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.ACCEPT_FLOAT_AS_INT);

    private RunEvents() {}

    /** The line of an event. A number that is none is the text NaN, Infinity or -Infinity. */
    public static String write(RunEvent event) {
        try {
            return RunJson.MAPPER.writeValueAsString(event);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a line; what a later version adds is not there: empty for a type that is not known.
     *
     * @throws JacksonException if it is no JSON, as what a killed run has left half written
     * @throws UserException if a key is missing or has a value of another kind
     */
    public static Optional<RunEvent> read(String line) throws JacksonException {
        JsonNode node = READER.readTree(line);
        try {
            return node.isMissingNode() ? Optional.empty() : Optional.ofNullable(READER.readValue(node));
        } catch (MismatchedInputException e) {
            throw wrong(e, node);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a line; empty, too, if it is broken. */
    public static Optional<RunEvent> readIfWhole(String line) {
        try {
            return read(line);
        } catch (JacksonException | UserException e) {
            LOG.debug("a line of the metrics was not read: {}", line, e);
            return Optional.empty();
        }
    }

    /** Goes through what a run has written; skips lines that are broken. */
    public static void forEach(String run, TextFiles files, Consumer<RunEvent> action) throws IOException {
        Path metrics = new Path(RunFolder.metrics(run));
        if (files.hasLines(metrics)) {
            files.forEachLine(metrics, line -> readIfWhole(line).ifPresent(action));
        }
    }

    private static UserException wrong(MismatchedInputException e, JsonNode line) {
        String key = "";
        JsonNode found = line;
        for (Reference step : e.getPath()) {
            key = step.getFieldName() == null ? key : step.getFieldName();
            found = step.getFieldName() == null ? found.path(step.getIndex()) : found.path(step.getFieldName());
        }
        return new UserException(
                "\"" + key + "\" must be " + kind(e.getTargetType()) + ", found "
                        + (found.isMissingNode() ? "nothing" : found) + "; is this the metrics file of a run?",
                e);
    }

    private static String kind(Class<?> type) {
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == String.class) {
            return "a text";
        }
        return List.class.isAssignableFrom(type) ? "a list" : "an object";
    }
}
