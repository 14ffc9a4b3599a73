package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.hopespark.cli.ReportCommand;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.run.RunEvent.LevelFacts;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;
import picocli.CommandLine;

class RunReportTest {
    private static final String RUN = MadeUpRun.metrics().lines().findFirst().orElseThrow();
    private static final String STEP = "{\"type\":\"step\",\"attempt\":1,\"step\":1,\"loss\":5.5,\"tokens\":4000,"
            + "\"seconds\":0.9,\"tokens-per-second\":4444,\"learning-rate\":1e-4,\"workers\":2,\"levels\":[]}";

    /** A run that was asked for one step, then for a hundred, and is killed. */
    @Test
    void allStartsOfARunAreCounted() {
        String second = RUN.replace("\"steps\":1000", "\"steps\":100");
        String metrics = String.join(
                "\n",
                RUN,
                STEP,
                "{\"type\":\"finished\",\"step\":1,\"seconds\":3600}",
                second,
                "{\"type\":\"failure\",\"attempt\":1,\"step\":1,\"cause\":\"rank 1 is gone\"}",
                STEP.replace("\"attempt\":1,\"step\":1", "\"attempt\":2,\"step\":2")
                        .replace("0.9", "60"),
                "{\"type\":\"warning\",\"step\":2,\"cause\":\"the gradient jumps\"}",
                "{\"type\":\"checkpoint-failure\",\"step\":2,\"cause\":\"No space left\"}");
        String page = RunReport.html(RunMetrics.parse("metrics.jsonl", metrics), "", Html.NOTHING);
        assertThat(page)
                .contains("not finished at step 2 of 100, start 2 at ")
                .contains("<dt>attempts</dt><dd>3<small>1 failure<")
                .contains("<dd>1 h 1 min<small>of 2 starts<")
                .contains("the gradient jumps", "checkpoint-failure", "No space left");
        String saved = metrics + "\n{\"type\":\"checkpoint\",\"step\":100,\"seconds\":1,\"bytes\":1,\"path\":\"p\"}";
        assertThat(RunReport.html(RunMetrics.parse("metrics.jsonl", saved), "", Html.NOTHING))
                .as("the driver died after it had saved its last step")
                .contains("finished at step 2 of 100")
                .doesNotContain("not finished");
    }

    @Test
    void thePageOfARunIsWrittenIntoItsFolder() throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "made-up-run"));
        Files.writeString(folder.resolve("metrics.jsonl"), MadeUpRun.metrics());
        Files.writeString(folder.resolve("config.yaml"), """
                name: pretrain-20m
                levels:
                - period-steps: 1
                - period-steps: 8
                - period-steps: 64
                """);
        Files.createDirectories(folder.resolve("evaluation"));
        Files.writeString(folder.resolve("evaluation/evaluation.html"), "");
        Files.writeString(folder.resolve("evaluation/results.json"), """
                {"file:/runs/a/checkpoints/step-1000": {
                  "results": {"hellaswag": {"acc,none": 0.2581, "acc_stderr,none": 0.0044,
                                            "acc_norm,none": 0.2603, "acc_norm_stderr,none": 0.0044},
                              "wikitext": {"word_perplexity,none": 812.25, "word_perplexity_stderr,none": "N/A"},
                              "niah_single_2@4096": {"alias": "niah_single_2@4096", "sample_len": 500,
                                            "string_match,none": 0.75, "string_match_stderr,none": 0.0194,
                                            "string_match,depth=50": 0.5, "string_match_stderr,depth=50": 0.0707}},
                  "n-samples": {"hellaswag": {"effective": 10042}, "wikitext": {"effective": 62},
                                "niah_single_2@4096": {"effective": 500}},
                  "config": {"max_length": 256}}}
                """);
        StringWriter out = new StringWriter();
        int code = new CommandLine(new ReportCommand())
                .setOut(new PrintWriter(out))
                .execute(folder.toString());
        assertThat(code).isZero();
        assertThat(out.toString()).contains("report.html");

        String page = Files.readString(folder.resolve("report.html"));
        assertThat(page)
                .contains("<h1>pretrain-20m on books &amp; PEPs</h1>")
                .contains("finished at step 1,000 of 1,000")
                .contains("<dd>19,922,944<")
                .contains("<dd>16,384,000<")
                .contains("<dt>attempts</dt><dd>2<small>1 failure<")
                .contains("<dd>15 min 48 s<")
                .contains("<dd>" + Units.fixed(MadeUpRun.smoothLoss(1000), 4) + "<small>mean of last 50: ")
                .contains("<dd>" + Units.fixed((MadeUpRun.smoothLoss(1000) + 0.05) / 4.01 / Math.log(2), 4)
                        + "<small>unigram: 2.9137")
                .contains("<td class=\"text\">L2</td><td class=\"number\">8</td><td class=\"number\">4,194,304</td>"
                        + "<td class=\"number\">125</td><td class=\"number\">4.19 GB</td>"
                        + "<td class=\"number\">4.19 GB</td><td class=\"number\">12.5 %</td>"
                        + "<td class=\"number\">42</td><td class=\"number\">1.5</td>")
                .contains("the newest 8 of 10")
                .contains("rank 1 silent for 30 s in sum of L2 &lt;lost&gt;")
                .contains(
                        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; acknowledged,\nthat a man &amp; his &quot;dog&quot;")
                .contains(
                        "<td class=\"text\">acc_norm</td><td class=\"number\">0.2603</td><td class=\"number\">± 0.0044</td>"
                                + "<td class=\"number\">10,042</td>")
                .contains(
                        "<td class=\"text\">word_perplexity</td><td class=\"number\">812.2500</td><td class=\"number\"></td>")
                .contains("<td class=\"text\">string_match</td><td class=\"number\">0.7500</td>"
                        + "<td class=\"number\">± 0.0194</td><td class=\"number\">500</td>")
                .contains("<td class=\"text\">string_match depth=50</td><td class=\"number\">0.5000</td>"
                        + "<td class=\"number\">± 0.0707</td><td class=\"number\"></td>")
                .contains("href=\"evaluation/evaluation.html\"")
                .contains("- period-steps: 64")
                .contains("<td class=\"text\">spark</td>");
        assertThat(page).as("nothing from elsewhere").doesNotContain("http://", "https://", "src=", "@import", "url(");
        assertThat(page).doesNotContain("NaN");
        assertThat(page)
                .as("standard errors, names and counts are no metrics")
                .doesNotContain("stderr", "alias", "sample_len");
    }

    @Test
    void everyPlotIsWellFormedAndShowsItsPoints() throws Exception {
        String page = RunReport.html(RunMetrics.parse("m", MadeUpRun.metrics()), "", Html.NOTHING);
        List<String> plots = List.of(page.split("(?=<svg )|(?<=</svg>)")).stream()
                .filter(p -> p.startsWith("<svg"))
                .toList();
        assertThat(plots).hasSize(12 + 2);
        assertThat(plots.get(12)).contains("lambada_openai, acc", "class=\"quiet");
        assertThat(plots.get(13)).contains("wikitext, word_perplexity");
        assertThat(plots.get(7).split("<polyline", -1))
                .as("drift of three levels")
                .hasSize(3 + 1);
        assertThat(plots.get(8))
                .as("eta of 0.02 at the last step")
                .contains(" 834.0,12.0 \"></polyline>")
                .contains("y=\"16.0\" text-anchor=\"end\">0.02<");
        for (String plot : plots) {
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(plot)));
        }
        assertThat(plots.get(0).split("<circle", -1)).as("validations").hasSize(10 + 1);
        assertThat(plots.get(0))
                .contains("failure at step 431")
                .contains("step 100: " + Units.digits(MadeUpRun.smoothLoss(100) + 0.05));
        assertThat(plots.get(5).split("<polyline", -1))
                .as("full sync, all, three levels")
                .hasSize(5 + 1);
        assertThat(page).contains("L3, C = 64");
    }

    @Test
    void trafficIsCountedByLevelAgainstFullSync() {
        RunMetrics metrics = RunMetrics.parse("m", MadeUpRun.metrics());
        LevelTraffic slow = LevelTraffic.of(metrics.run().levels().get(2), metrics.steps());
        assertThat(slow.boundaries()).isEqualTo(1000 / 64);
        assertThat(slow.bytesSent()).isEqualTo(15 * (8 * 4_194_304L + MadeUpRun.HEADERS));
        assertThat(slow.bytesOfFullSync()).isEqualTo(1000.0 * 8 * 4_194_304);
        assertThat(slow.bytesByFormula()).isEqualTo(slow.bytesOfFullSync() / 64);
        assertThat(slow.meanMilliseconds()).isEqualTo(43, within(1e-9));
        assertThat(slow.cumulative().get(62)).isZero();
        assertThat(slow.cumulative().get(63)).isEqualTo(8.0 * 4_194_304 + MadeUpRun.HEADERS);
        // N = 4: each of four workers sends 2 * 3/4 * 4 bytes a parameter.
        assertThat(LevelTraffic.bytesAtOneBoundary(new LevelFacts(1, 1, 100, 4, 4, 1), 4))
                .isEqualTo(4 * 600.0);
        assertThat(LevelTraffic.bytesAtOneBoundary(new LevelFacts(1, 1, 100, 4, 4, 1), 1))
                .isZero();
    }

    @Test
    void afterARestartTheLastLineOfAStepCounts() {
        RunMetrics metrics = RunMetrics.parse("m", RUN + "\n" + STEP + "\n" + STEP.replace("5.5", "4.5") + "\n");
        assertThat(metrics.steps()).hasSize(1);
        assertThat(metrics.steps().get(0).loss()).isEqualTo(4.5);
        RunMetrics long_ = RunMetrics.parse("m", MadeUpRun.metrics());
        assertThat(long_.steps())
                .extracting(StepDone::step)
                .doesNotHaveDuplicates()
                .isSorted()
                .hasSize(1000);
        assertThat(long_.steps().get(400).attempt()).isEqualTo(2);
        assertThat(long_.attempts()).isEqualTo(2);
    }

    @Test
    void aBrokenLastLineIsNotReadAndABrokenLineElsewhereIsTold() {
        String killed = RUN + "\n" + STEP + "\n" + STEP.substring(0, 50);
        assertThat(RunMetrics.parse("m", killed).steps()).hasSize(1);
        assertThatThrownBy(() -> RunMetrics.parse("runs/a/metrics.jsonl", killed + "\n" + STEP))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("runs/a/metrics.jsonl line 3 is not valid JSON")
                .hasMessageContaining("remove this one");
        assertThatThrownBy(() -> RunMetrics.parse("m", RUN + "\n" + STEP.replace("\"loss\":5.5", "\"loss\":\"x\"")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("m line 2: \"loss\" must be a number, found \"x\"");
        assertThatThrownBy(() -> RunMetrics.parse("m", STEP))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("m has no line of type \"run\"");
    }

    @Test
    void aRunThatHasJustBegunOrDivergesStillGetsAPage() {
        String begun = RunReport.html(RunMetrics.parse("m", RUN), "", Html.NOTHING);
        assertThat(begun).contains("no step yet").contains("nothing yet").contains("<td class=\"number\">–</td>");
        String diverged = STEP.replace("5.5", "\"NaN\"");
        String page = RunReport.html(
                RunMetrics.parse("m", RUN + "\n" + STEP + "\n" + diverged.replace("\"step\":1", "\"step\":2")),
                "",
                Html.NOTHING);
        assertThat(page).contains("<dt>final loss</dt><dd>NaN<").contains("not finished");
        String alone = RunReport.html(
                RunMetrics.parse("m", RUN + "\n" + STEP.replace("\"workers\":2", "\"workers\":1")), "", Html.NOTHING);
        assertThat(alone).contains("0 B");
    }

    @Test
    void aFolderThatIsNoRunIsRefused(@TempDir Path folder) {
        StringWriter err = new StringWriter();
        CommandLine command = new CommandLine(new ReportCommand()).setExecutionExceptionHandler((e, c, r) -> {
            err.write(String.valueOf(e.getMessage()));
            return 2;
        });
        assertThat(command.execute(folder.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("no metrics.jsonl in " + folder);
        assertThat(command.execute(folder.toString(), "--evaluation", "nowhere.json"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("no such file: nowhere.json");
    }

    @Test
    void numbersReadWell() {
        assertThat(Units.bytes(0)).isEqualTo("0 B");
        assertThat(Units.bytes(999)).isEqualTo("999 B");
        assertThat(Units.bytes(999_600)).isEqualTo("1 MB");
        assertThat(Units.bytes(12_345_678)).isEqualTo("12.3 MB");
        assertThat(Units.digits(1234.5)).isEqualTo("1,235");
        assertThat(Units.digits(0.00001)).isEqualTo("1.00e-05");
        assertThat(Units.digits(485867777)).isEqualTo("4.86e+08");
        assertThat(Units.digits(100)).isEqualTo("100");
        assertThat(Units.digits(10)).isEqualTo("10");
        assertThat(Units.duration(59)).isEqualTo("59 s");
        assertThat(Units.duration(3599.6)).isEqualTo("1 h 0 min");
        assertThat(Units.duration(90_000)).isEqualTo("1 d 1 h");
        assertThat(Axis.around(3.1, 10.4, 5).ticks()).containsExactly(2.0, 4.0, 6.0, 8.0, 10.0, 12.0);
        assertThat(Axis.around(2, 2, 5).share(2)).isBetween(0.0, 1.0);
    }
}
