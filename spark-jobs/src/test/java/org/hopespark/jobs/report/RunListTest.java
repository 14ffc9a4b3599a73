package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cli.Main;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.TextFiles;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Several runs on one page. */
final class RunListTest {
    private static final TextFiles FILES = new TextFiles(new Configuration());

    @TempDir
    private Path folder;

    private Path run(String name, String started, String... settings) throws IOException {
        Path run = Files.createDirectories(folder.resolve(name));
        Files.writeString(run.resolve("metrics.jsonl"), MadeUpRun.metrics().replace("2026-11-23T09:30:00Z", started));
        Files.writeString(
                run.resolve("config.yaml"),
                RunConfig.ofPreset("hope-nano", List.of(settings)).print());
        return run;
    }

    @Test
    void runsAreListedWithTheNewestFirstAndComparedSettingBySetting() throws IOException {
        run("first", "2026-11-23T09:30:00Z", "training.learning-rate=1e-3");
        Path second = run("night/my second", "2026-11-24T09:30:00Z", "training.learning-rate=2e-3", "name=other");
        Files.writeString(second.resolve("report.html"), "page");
        Files.createDirectories(second.resolve("checkpoints/step-00000001"));
        StringWriter out = new StringWriter();
        CommandLine command = Main.commandLine().setOut(new java.io.PrintWriter(out));

        assertThat(command.execute("run", "list", folder.toString())).isZero();

        assertThat(out.toString().lines()).hasSize(4).satisfies(lines -> {
            assertThat(lines.get(1))
                    .startsWith("night/my second")
                    .contains("1,000/1,000")
                    .endsWith("finished");
            assertThat(lines.get(2)).startsWith("first ");
            assertThat(lines.get(3)).endsWith("runs.html");
        });
        Document page = Jsoup.parse(Files.readString(folder.resolve("runs.html")));
        assertThat(page.select("input").eachAttr("id")).containsExactly("run-0", "run-1");
        assertThat(page.select("label[for=run-0]").text()).isEqualTo("night/my second");
        assertThat(page.select("a").eachAttr("href")).containsExactly("night/my%20second/report.html");
        // loss over tokens and over time, and validation
        assertThat(page.select("polyline.run-0")).hasSize(3);
        assertThat(page.select("polyline.run-1")).hasSize(3);
        List<Element> rows = page.select("h2:contains(differ) ~ div tr");
        assertThat(rows)
                .extracting(Element::text)
                .containsExactly("setting night/my second first", "training.learning-rate 0.002 0.001");
        assertThat(rows.get(1).select("td.run-1").text()).isEqualTo("0.001");
    }

    @Test
    void figuresAreThoseOfTheAttemptThatCounts() throws IOException {
        Path run = run("a", "2026-11-23T09:30:00Z");
        RunSummary summary = RunSummary.read(new org.apache.hadoop.fs.Path(run.toUri()), FILES);
        assertThat(summary.step()).isEqualTo(MadeUpRun.STEPS);
        assertThat(summary.tokens()).isEqualTo(16_384L * MadeUpRun.STEPS);
        double last = 0;
        for (long step = 951; step <= 1000; step++) {
            last += MadeUpRun.smoothLoss(step) / 50;
        }
        assertThat(summary.loss()).isCloseTo(last, within(0.05));
        List<Double> tokens = summary.lossByTokens().xs();
        assertThat(tokens).hasSizeBetween(200, 400).isSorted();
        // each of three steps, the last of one
        assertThat(tokens.get(0)).isEqualTo(2 * 16_384.0);
        assertThat(tokens.get(tokens.size() - 1)).isEqualTo(1000 * 16_384.0);
    }

    @Test
    void aRunThatCannotBeReadIsLeftOutWithTheReason() throws IOException {
        run("sound", "2026-11-23T09:30:00Z");
        Path broken = run("broken", "2026-11-24T09:30:00Z");
        Files.writeString(broken.resolve("metrics.jsonl"), "{\"type\":\"run\"\n" + MadeUpRun.metrics());
        RunList runs = RunList.read(List.of(folder.toString()), FILES);
        assertThat(runs.lines()).hasSize(3).satisfies(lines -> {
            assertThat(lines.get(1)).startsWith("sound ");
            assertThat(lines.get(2)).startsWith("left out: file:" + broken).contains("line 1 is not valid JSON");
        });
        assertThat(Jsoup.parse(runs.page(RunList.Links.WRITTEN)).select("li").text())
                .contains("broken", "line 1");
    }

    @Test
    void whatIsNoFolderOfRunsIsRefused() throws IOException {
        assertThatThrownBy(() -> RunList.read(List.of(folder.resolve("nowhere").toString()), FILES))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such folder: ")
                .hasMessageContaining("nowhere");
        Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> RunList.read(List.of(folder.toString()), FILES))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no run (a folder with metrics.jsonl) in ");
    }
}
