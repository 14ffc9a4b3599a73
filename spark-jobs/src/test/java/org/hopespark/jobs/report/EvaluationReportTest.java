package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.report.EvaluationReport.Row;
import org.hopespark.model.eval.PrefixPolicy;
import org.hopespark.model.eval.TaskResult;
import org.junit.jupiter.api.Test;

class EvaluationReportTest {
    @Test
    void theColumnsOfThePaperStandBesideItsFiguresAndTheMeanOnlyWhereItIsWhole() {
        List<String> tasks = List.of(
                "lambada_openai",
                "piqa",
                "hellaswag",
                "winogrande",
                "arc_easy",
                "arc_challenge",
                "social_iqa",
                "boolq");
        List<Row> all = tasks.stream()
                .map(task -> row("a", 10, task, metric(task), "", 0.5))
                .toList();
        String page = EvaluationReport.html(all, Map.of(), List.of());
        assertThat(page)
                .contains("<td class=\"text\">step-10</td>")
                .contains("<td class=\"number\">50.00</td>")
                .contains("Hope 1.3B, 100 B tokens (paper)")
                .as("mean of the paper's eight accuracies")
                .contains("<td class=\"number\">58.04</td>");
        assertThat(EvaluationReport.html(all.subList(0, 7), Map.of(), List.of()))
                .doesNotContain("50.00</td>");
    }

    @Test
    void theFiguresOfThePaperAreAsPrinted() {
        assertThat(PublishedColumn.all())
                .hasSize(10)
                .contains(
                        new PublishedColumn("Wiki. ppl", "wikitext", "word_perplexity", 18.68, 14.39),
                        new PublishedColumn("BoolQ acc", "boolq", "acc", 0.634, 0.614));
    }

    @Test
    void partsBecomeMapsAndCurves() {
        List<Row> rows = Stream.of(
                        Stream.of(
                                row("a", 10, "niah_single_1@512", "string_match", "depth=50", 1),
                                row("a", 10, "niah_single_1@1024", "string_match", "depth=100", 0)),
                        IntStream.range(0, 2)
                                .mapToObj(i -> row(
                                        "a",
                                        10,
                                        "position_perplexity@512",
                                        "loss",
                                        "position=" + 256 * i + ".." + (256 * i + 255),
                                        3 - i)),
                        Stream.of(row("a", 10, "clinc150@ewc", "acc", "learned=2,task=1", 0.25)),
                        Stream.of(row("a", 20, "piqa", "acc", "", 0.6), row("b", 10, "piqa", "acc", "", 0.55)),
                        Stream.of(row("a", 10, "piqa", "acc", "", 0.5)))
                .flatMap(s -> s)
                .toList();
        assertThat(EvaluationReport.html(rows, Map.of(), List.of("x: <broken>")))
                .contains("niah_single_1, step-10", ">512</text>", ">1,024</text>")
                .contains("clinc150@ewc, step-10", "<title>25 %</title>")
                .contains("position in the text, tokens")
                .contains("<h2>Over training</h2>", "piqa, acc", "<title>step 10: 0.55</title>")
                .contains("x: &lt;broken&gt;")
                .doesNotContain("NaN");
    }

    @Test
    void trainedModelsStandBesideThePaper() {
        List<Row> rows = List.of(
                row("hope", 0, "parity", "acc", "bin=1", 0.992), row("transformer", 0, "parity", "acc", "bin=1", 0.01));
        assertThat(EvaluationReport.html(rows, Map.of(), List.of()))
                .contains("<h2>Synthetic tasks</h2>", ">acc bin=1</td>", ">99.2</td>", ">1.0</td>", ">100.0</td>");
    }

    @Test
    void theScoreOfATaskOfMadIsTheMeanOverItsVariations() {
        List<Row> rows = List.of(
                row("hope", 0, "mad_compression", "macro_accuracy", "", 0.5),
                row("hope", 0, "mad_compression@vocab=32", "macro_accuracy", "", 0.25),
                row("transformer", 0, "mad_compression", "macro_accuracy", "", 0.75));
        assertThat(EvaluationReport.html(rows, Map.of(), List.of()))
                .containsPattern(
                        "macro_accuracy, mean of 2 variations</td>\\s*<td class=\"number\">37.5</td>"
                                + "\\s*<td class=\"number\"></td>\\s*<td class=\"number\">50.0</td>\\s*<td class=\"number\">51.2</td>");
    }

    @Test
    void modelsStandBesideTheirLevels() {
        RunConfig three = RunConfig.ofPreset("hope-nano", List.of());
        RunConfig one = RunConfig.ofPreset("hope-nano", List.of("model.mixer=attention"))
                .with(List.of("levels=[{period-steps: 1, continuum-hidden: 384}]"));
        List<Row> rows = Stream.of(
                        row("a", 10, "validation", "bits_per_byte", "", 2.5),
                        row("a", 20, "validation", "bits_per_byte", "", 2.25),
                        row("a", 20, "piqa", "acc", "", 0.5625),
                        row("b", 10, "validation", "bits_per_byte", "", 2.75),
                        row("c", 10, "validation", "bits_per_byte", "", 9))
                .map(row -> new Row(row.run(), row.run() + "/" + row.checkpoint(), row.step(), row.result()))
                .toList();
        String page = EvaluationReport.html(
                rows, Map.of("a/step-10", three, "a/step-20", three, "b/step-10", one), List.of());
        String levels = page.substring(page.indexOf("<h2>Levels"), page.indexOf("<h2>Over training"));
        assertThat(levels)
                .contains(">L3: period, parameters</th>", ">held-out, bits a byte</th>", ">PIQA acc</th>")
                .contains(">titans</td>", ">attention</td>", ">16, 787,456</td>", ">0.5625</td>", ">2.2500</td>")
                .contains("number of levels")
                .doesNotContain(">2.5000</td>", "c/step-10");
        assertThat(EvaluationReport.html(rows, Map.of(), List.of())).doesNotContain("<h2>Levels");
    }

    private static String metric(String task) {
        return task.equals("hellaswag") || task.equals("arc_challenge") ? "acc_norm" : "acc";
    }

    private static Row row(String run, long step, String task, String metric, String part, double value) {
        TaskResult result = new TaskResult(
                task, 1, metric, part, value, Double.NaN, 9, 0.5, 64, PrefixPolicy.WHEN_EMPTY, "float32", "bytes");
        return new Row(run, step == 0 ? run : "step-" + step, step, result);
    }
}
