package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.TextFiles;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages over HTTP, as a browser asks for them. */
class PageServerTest {
    @TempDir
    private Path folder;

    private PageServer server;
    private Path metrics;

    @BeforeEach
    void serveOneRun() throws Exception {
        Path run = Files.createDirectories(folder.resolve("night/my run"));
        List<String> lines = MadeUpRun.metrics().lines().toList();
        metrics = run.resolve("metrics.jsonl");
        Files.write(metrics, lines.subList(0, 200));
        Files.writeString(folder.resolve("secret.html"), "not yours");
        server = new PageServer(List.of(folder.toString()), new TextFiles(new Configuration()), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String address) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void pagesFollowARunThatTrains() throws Exception {
        HttpResponse<String> list = get(server.address());
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.headers().firstValue("Refresh")).hasValue("30");
        String link = Jsoup.parse(list.body()).select("td a").attr("href");
        assertThat(link).isEqualTo("night/my%20run/report.html");

        String before = get(server.address() + link).body();
        List<String> lines = MadeUpRun.metrics().lines().toList();
        Files.write(metrics, lines.subList(200, lines.size()), StandardOpenOption.APPEND);
        HttpResponse<String> after = get(server.address() + link);
        assertThat(Jsoup.parse(before).select("p.quiet").eachText().get(0)).startsWith("not finished at step");
        assertThat(Jsoup.parse(after.body()).select("p.quiet").eachText().get(0))
                .startsWith("finished at step 1,000 of 1,000");
        assertThat(after.headers().firstValue("Refresh")).isEmpty();
        assertThat(folder.resolve("night/my run/report.html"))
                .as("nothing is written")
                .doesNotExist();
    }

    @Test
    void prometheusReadsFiguresWithLabelsAndBaseUnits() throws Exception {
        Files.createDirectory(folder.resolve("a \"b\" \\c"));
        Files.copy(metrics, folder.resolve("a \"b\" \\c/metrics.jsonl"));
        HttpResponse<String> response = get(server.address() + "metrics");
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        List<String> lines = response.body().lines().toList();
        RunMetrics run = RunMetrics.parse("m", Files.readString(metrics));
        StepDone last = run.steps().get(run.steps().size() - 1);
        assertThat(lines)
                .contains(
                        "# HELP hope_loss_nats Mean training loss of a target token in the last step.",
                        "# TYPE hope_loss_nats gauge",
                        "hope_loss_nats{run=\"night/my run\"} " + last.loss(),
                        "hope_loss_nats{run=\"a \\\"b\\\" \\\\c\"} " + last.loss(),
                        "# TYPE hope_tokens_total counter",
                        "hope_tokens_total{run=\"night/my run\"} " + (double) run.tokens(),
                        "hope_level_boundaries_total{run=\"night/my run\",level=\"2\"} " + (last.step() / 8) + ".0",
                        "hope_finished{run=\"night/my run\"} 0.0");
        assertThat(lines).filteredOn(line -> line.startsWith("# TYPE")).doesNotHaveDuplicates();
        // all samples of a family stand together, below its help and type
        assertThat(lines.stream()
                        .map(line -> line.replaceAll("^# (HELP|TYPE) ", "").replaceAll("[ {].*", ""))
                        .collect(Collectors.groupingBy(name -> name))
                        .size())
                .isEqualTo(countOfRuns(lines));
    }

    /** How often the name changes from line to line, the first one included. */
    private static int countOfRuns(List<String> lines) {
        String name = "";
        int count = 0;
        for (String line : lines) {
            String next = line.replaceAll("^# (HELP|TYPE) ", "").replaceAll("[ {].*", "");
            count += next.equals(name) ? 0 : 1;
            name = next;
        }
        return count;
    }

    @Test
    void nothingIsToldWithoutTheSecretAndNoFileBesideThePages() throws Exception {
        String address = server.address();
        String open = address.replaceAll("/[0-9a-f]{32}/$", "/");
        assertThat(open).isNotEqualTo(address);
        for (String asked : List.of(
                open,
                open + "night/my%20run/report.html",
                open + "metrics",
                open + "0".repeat(32) + "/",
                address + "secret.html",
                address + "night/my%20run/metrics.jsonl",
                address + "night/my%20run/../../secret.html",
                address + "..%2f..%2fsecret.html",
                address + "night/my%20run/evaluation/evaluation.html")) {
            HttpResponse<String> response = get(asked);
            assertThat(response.statusCode()).as(asked).isEqualTo(404);
            assertThat(response.body()).as(asked).isEqualTo("no such page");
        }
        Files.createDirectories(folder.resolve("night/my run/evaluation"));
        Files.writeString(folder.resolve("night/my run/evaluation/evaluation.html"), "scores");
        assertThat(get(address + "night/my%20run/evaluation/evaluation.html").body())
                .isEqualTo("scores");
    }
}
