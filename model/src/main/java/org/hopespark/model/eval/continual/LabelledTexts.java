package org.hopespark.model.eval.continual;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.TaskFile;

/**
 * A data set of texts with one class each.
 *
 * @param labels names of the classes, in the order in which the training part first has them; underscores are spaces
 * @param train to learn from
 * @param test to be asked
 */
public record LabelledTexts(List<String> labels, List<Example> train, List<Example> test) {
    public LabelledTexts {
        labels = List.copyOf(labels);
        train = List.copyOf(train);
        test = List.copyOf(test);
    }

    /**
     * CLINC150 (Larson et al. 2019), {@code data_full.json}: {@code {"train": [[text, class], ...], "test": ...}}. The
     * texts that are out of scope, and those for validation, are left out.
     */
    public static LabelledTexts clinc150(TaskFile file) {
        JsonNode all;
        try {
            all = new ObjectMapper().readTree(file.text());
        } catch (JacksonException e) {
            throw new UserException(
                    file.path() + " line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + " is not valid JSON ("
                            + e.getOriginalMessage() + "); get the file again, whole",
                    e);
        }
        return of(file.path().toString(), pairs(file, all, "train"), file.path().toString(), pairs(file, all, "test"));
    }

    /** Banking77 (Casanueva et al. 2020) and the like: a header with the columns text and category, then rows. */
    public static LabelledTexts csv(TaskFile train, TaskFile test) {
        return of(train.path().toString(), rows(train), test.path().toString(), rows(test));
    }

    /** Lines of {@code {"text": ..., "label": ...}}. */
    public static LabelledTexts jsonLines(TaskFile train, TaskFile test) {
        return of(train.path().toString(), lines(train), test.path().toString(), lines(test));
    }

    /** A text as it was read. */
    private record Raw(String text, String label, String place) {
        Raw {
            if (text.isBlank() || label.isBlank()) {
                throw new UserException(
                        place + " has an empty " + (text.isBlank() ? "text" : "label") + "; mend or remove it");
            }
            label = label.strip().replace('_', ' ');
        }
    }

    private static LabelledTexts of(String trainPath, List<Raw> train, String testPath, List<Raw> test) {
        refuseEmpty(trainPath, train);
        refuseEmpty(testPath, test);
        Map<String, Integer> places = new LinkedHashMap<>();
        train.forEach(raw -> places.putIfAbsent(raw.label, places.size()));
        return new LabelledTexts(
                new ArrayList<>(places.keySet()),
                train.stream().map(raw -> example(raw, places)).toList(),
                test.stream().map(raw -> example(raw, places)).toList());
    }

    private static void refuseEmpty(String path, List<Raw> texts) {
        if (texts.isEmpty()) {
            throw new UserException(path + " has no labelled text; get the file again, whole");
        }
    }

    private static Example example(Raw raw, Map<String, Integer> places) {
        Integer label = places.get(raw.label);
        if (label == null) {
            throw new UserException(
                    raw.place + ": no training text has the label '" + raw.label + "'; mend or remove it");
        }
        return new Example(raw.text, label);
    }

    private static List<Raw> pairs(TaskFile file, JsonNode all, String part) {
        List<Raw> result = new ArrayList<>();
        int entry = 0;
        for (JsonNode pair : all.path(part)) {
            String place = file.path() + " \"" + part + "\" entry " + ++entry;
            if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
                throw new UserException(place + " must be [text, class], found " + shorten(pair.toString()));
            }
            result.add(new Raw(pair.get(0).textValue(), pair.get(1).textValue(), place));
        }
        if (result.isEmpty()) {
            throw new UserException(
                    file.path() + " has no texts under \"" + part + "\"; get data_full.json again, whole");
        }
        return result;
    }

    private static List<Raw> rows(TaskFile file) {
        List<CsvRows.Row> rows = CsvRows.of(file.path().toString(), file.text());
        if (rows.isEmpty()) {
            throw new UserException(file.path() + " is empty; get the file again, whole");
        }
        CsvRows.Row header = rows.get(0);
        int text = header.fields().indexOf("text");
        int label = header.fields().indexOf("category");
        if (text < 0 || label < 0) {
            throw new UserException(file.path() + " line " + header.line()
                    + ": the header must have text and category, found " + header.fields());
        }
        List<Raw> result = new ArrayList<>();
        for (CsvRows.Row row : rows.subList(1, rows.size())) {
            String place = file.path() + " line " + row.line();
            if (row.fields().size() != header.fields().size()) {
                throw new UserException(place + " has " + row.fields().size() + " fields, the header has "
                        + header.fields().size() + ": " + shorten(row.fields().toString()));
            }
            result.add(new Raw(row.fields().get(text), row.fields().get(label), place));
        }
        return result;
    }

    private static List<Raw> lines(TaskFile file) {
        return file.jsonLines(0, (line, place) -> {
            if (!line.path("text").isTextual() || !line.path("label").isTextual()) {
                throw new UserException(
                        place + ": \"text\" and \"label\" must be texts, found " + shorten(line.toString()));
            }
            return new Raw(line.get("text").textValue(), line.get("label").textValue(), place);
        });
    }

    private static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
