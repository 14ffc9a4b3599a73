package org.hopespark.model.eval;

import java.util.List;
import java.util.regex.Pattern;
import org.hopespark.model.eval.MultipleChoice.Fields;
import org.hopespark.model.eval.MultipleChoice.Metric;

/** HellaSwag (Zellers et al. 2019): which of four endings continues a scene. */
final class HellaSwag {
    private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]");

    private HellaSwag() {}

    static Task task() {
        return new MultipleChoice(
                "hellaswag",
                1,
                NeededFile.only(
                        "hellaswag_val.jsonl",
                        "hellaswag_val.jsonl.gz",
                        "hellaswag_validation.jsonl",
                        "hellaswag_validation.jsonl.gz"),
                10_042,
                0.25,
                List.of(Metric.ACC, Metric.ACC_NORM),
                HellaSwag::question);
    }

    /** Lines as published, or with context and choices already put together ("query", "choices", "gold"). */
    private static Question question(Fields line) {
        if (line.has("query")) {
            return Question.of(line.text("query"), line.texts("choices"), line.number("gold"));
        }
        String scene = line.text("ctx_a") + " " + PythonText.capitalize(line.text("ctx_b"));
        return Question.of(
                clean(line.text("activity_label") + ": " + scene),
                line.texts("endings").stream().map(HellaSwag::clean).toList(),
                line.number("label"));
    }

    /** Brackets are left-overs of the WikiHow pages that half of the scenes come from. */
    static String clean(String text) {
        String titles = PythonText.strip(text).replace(" [title]", ". ");
        return BRACKETS.matcher(titles).replaceAll("").replace("  ", " ");
    }
}
