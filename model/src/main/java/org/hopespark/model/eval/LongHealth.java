package org.hopespark.model.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.hopespark.model.eval.MultipleChoice.Asked;
import org.hopespark.model.eval.MultipleChoice.Metric;

/**
 * LongHealth (Adams et al. 2024, arXiv 2401.14490): questions with five choices about the letters of one patient, all
 * of which stand before the question. Nested Learning asks it for its figure on the number of levels.
 *
 * <p>The authors ask chat models for a letter; here the likeliest answer counts, as in the other sets.
 */
final class LongHealth {
    private static final int QUESTIONS = 400;
    private static final List<String> CHOICES = List.of("answer_a", "answer_b", "answer_c", "answer_d", "answer_e");

    private LongHealth() {}

    static Task task() {
        return new MultipleChoice(
                "longhealth",
                1,
                NeededFile.only("longhealth.json", "longhealth.json.gz", "benchmark_v5.json", "benchmark_v5.json.gz"),
                QUESTIONS,
                1.0 / CHOICES.size(),
                List.of(Metric.ACC, Metric.ACC_NORM),
                LongHealth::questions);
    }

    /** {@code {"patient_01": {"texts": {"text_0": ...}, "questions": [...]}, ...}}. */
    private static List<Asked> questions(TaskFile file, int limit) {
        List<Asked> asked = new ArrayList<>();
        for (JsonPlace patient : JsonPlace.of(file).values()) {
            String letters = patient.of("texts").values().stream()
                    .map(JsonPlace::text)
                    .map(PythonText::strip)
                    .collect(Collectors.joining("\n\n"));
            for (JsonPlace question : patient.list("questions")) {
                if (limit > 0 && asked.size() == limit) {
                    return asked;
                }
                asked.add(new Asked(question.node(), question(letters, question)));
            }
        }
        if (asked.isEmpty()) {
            throw JsonPlace.of(file).isNo("patients with questions");
        }
        return asked;
    }

    private static Question question(String letters, JsonPlace question) {
        List<String> choices = CHOICES.stream().map(question::text).toList();
        int right = choices.indexOf(question.text("correct"));
        if (right < 0) {
            throw question.of("correct").isNo("one of the five answers");
        }
        return Question.of(letters + "\n\nQuestion: " + question.text("question") + "\nAnswer:", choices, right);
    }
}
