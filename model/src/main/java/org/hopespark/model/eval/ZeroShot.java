package org.hopespark.model.eval;

import java.util.List;
import org.hopespark.model.eval.MultipleChoice.Fields;
import org.hopespark.model.eval.MultipleChoice.Metric;

/**
 * The multiple-choice sets of commonsense reasoning that papers on recurrent language models report (Nested Learning,
 * Table 2), with the prompts of lm-evaluation-harness. HellaSwag is in {@link HellaSwag}.
 */
final class ZeroShot {
    private static final double HALF = 0.5;
    private static final double THIRD = 1.0 / 3;
    private static final double QUARTER = 0.25;

    private ZeroShot() {}

    static List<Task> tasks() {
        return List.of(
                piqa(), HellaSwag.task(), winogrande(), arc("easy", 2_376), arc("challenge", 1_172), siqa(), boolq());
    }

    /** PIQA (Bisk et al. 2020): which of two ways reaches a goal. */
    private static Task piqa() {
        return new MultipleChoice(
                "piqa",
                1,
                NeededFile.only("piqa_validation.jsonl", "piqa_validation.jsonl.gz"),
                1_838,
                HALF,
                List.of(Metric.ACC, Metric.ACC_NORM),
                line -> Question.of(
                        "Question: " + line.text("goal") + "\nAnswer:",
                        List.of(line.text("sol1"), line.text("sol2")),
                        line.number("label")));
    }

    /**
     * WinoGrande (Sakaguchi et al. 2020): which of two names fills the gap. The contexts differ and the rest of the
     * sentence is scored after each ("partial" scoring of Trinh and Le 2018).
     */
    private static Task winogrande() {
        return new MultipleChoice(
                "winogrande",
                1,
                NeededFile.only("winogrande_validation.jsonl", "winogrande_validation.jsonl.gz"),
                1_267,
                HALF,
                List.of(Metric.ACC),
                ZeroShot::gap);
    }

    private static Question gap(Fields line) {
        String sentence = line.text("sentence");
        int gap = sentence.indexOf('_');
        if (gap < 0) {
            throw new IllegalArgumentException(
                    "\"sentence\" must have a gap '_', found \"" + PythonText.shorten(sentence) + "\"");
        }
        String rest = " " + PythonText.strip(sentence.substring(gap + 1));
        return new Question(
                List.of(
                        new Request(sentence.substring(0, gap) + line.text("option1"), rest),
                        new Request(sentence.substring(0, gap) + line.text("option2"), rest)),
                line.number("answer") - 1);
    }

    /** ARC (Clark et al. 2018): science questions of schools, easy ones or a challenge. */
    private static Task arc(String kind, int documents) {
        return new MultipleChoice(
                "arc_" + kind,
                1,
                NeededFile.only("arc_" + kind + "_test.jsonl", "arc_" + kind + "_test.jsonl.gz"),
                documents,
                QUARTER,
                List.of(Metric.ACC, Metric.ACC_NORM),
                ZeroShot::science);
    }

    /** Choices as their authors publish them, as the hub serves them, or as texts with the place of the right one. */
    private static Question science(Fields line) {
        if (line.line().path("question").isObject()) {
            Fields asked = new Fields(line.line().path("question"));
            List<String> labels = asked.texts("choices", choice -> choice.text("label"));
            return science(
                    asked.text("stem"),
                    asked.texts("choices", choice -> choice.text("text")),
                    line.place("answerKey", labels));
        }
        return line.has("answerKey")
                ? science(
                        line.text("question"),
                        line.texts("choices", "text"),
                        line.place("answerKey", line.texts("choices", "label")))
                : science(line.text("question"), line.texts("choices"), line.number("gold"));
    }

    private static Question science(String question, List<String> choices, int gold) {
        return Question.of("Question: " + question + "\nAnswer:", choices, gold);
    }

    /** Social IQa (Sap et al. 2019): what people want, feel or do next. */
    private static Task siqa() {
        return new MultipleChoice(
                "social_iqa",
                0,
                NeededFile.only(
                        "siqa_validation.jsonl",
                        "siqa_validation.jsonl.gz",
                        "social_iqa_validation.jsonl",
                        "social_iqa_validation.jsonl.gz"),
                1_954,
                THIRD,
                List.of(Metric.ACC),
                line -> Question.of(
                        "Q: "
                                + (line.has("context_question")
                                        ? line.text("context_question")
                                        : line.text("context") + " " + line.text("question"))
                                + "\nA:",
                        List.of(line.text("answerA"), line.text("answerB"), line.text("answerC")),
                        line.number("label") - 1));
    }

    /** BoolQ (Clark et al. 2019) as in SuperGLUE: yes or no. Who always says yes has 0.6217. */
    private static Task boolq() {
        return new MultipleChoice(
                "boolq",
                2,
                NeededFile.only("boolq_validation.jsonl", "boolq_validation.jsonl.gz"),
                3_270,
                HALF,
                List.of(Metric.ACC),
                line -> Question.of(
                        line.text("passage") + "\nQuestion: " + line.text("question") + "?\nAnswer:",
                        List.of("no", "yes"),
                        line.flag(line.has("answer") ? "answer" : "label")));
    }
}
