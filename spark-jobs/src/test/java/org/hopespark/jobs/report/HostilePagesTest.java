package org.hopespark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.DataSet;
import org.hopespark.data.corpus.Profile;
import org.hopespark.data.corpus.SourceCount;
import org.hopespark.data.corpus.StepFolder.Removed;
import org.hopespark.data.corpus.StepRecord;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.shard.ShardStatistics;
import org.hopespark.data.source.Document;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.jobs.LocalFiles;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvents;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.PrefixPolicy;
import org.hopespark.model.eval.TaskResult;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every page with every text that comes from a file replaced by one that wants to be more than text. */
class HostilePagesTest {
    private static final String MARK = "document.documentElement.dataset.taken=1";
    private static final List<String> PAYLOADS = List.of(
            "<script>" + MARK + "</script>",
            "\"><img src=x onerror=\"" + MARK + "\">",
            "'><svg/onload='" + MARK + "'>",
            "</title></style></pre></textarea></svg><script>" + MARK + "</script>",
            "<!--",
            "]]>",
            "<![CDATA[",
            "&lt;script&gt;&#60;&#x3c;script>",
            "<a href=\"javascript:" + MARK + "\">",
            "\u001b[2J\u001b]0;title\u0007\u009b31m\u0000\r\u007f\u202e\u2066\u200f\u2028");
    /** Asks each plot for values, whose names come from files. */
    private static final String EVERY_POINTER = "document.querySelectorAll('figure[data-plot] svg').forEach(svg =>"
            + " svg.dispatchEvent(new PointerEvent('pointermove', {clientX: 500, clientY: 50})))";

    private static final String PAYLOAD = String.join("", PAYLOADS);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What decides how the rest is read. */
    private static final Set<String> STRUCTURE =
            Set.of("type", "format", "dtype", "policy", "key-function", "split", "NaN");

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> noTextBecomesMarkup() throws Exception {
        Map<String, String> clean = pages("clean", name -> name);
        Map<String, String> hostile = pages("hostile", name -> name + PAYLOAD);
        return clean.keySet().stream()
                .map(page -> dynamicTest(page, () -> {
                    String text = Objects.requireNonNull(hostile.get(page));
                    assertThat(text).as("it shows what it was given").contains("&lt;script&gt;" + MARK);
                    assertThat(skeleton(text)).isEqualTo(skeleton(Objects.requireNonNull(clean.get(page))));
                    assertThat(text.chars().filter(c -> c != '\n' && c != '\t').filter(c -> isControl((char) c)))
                            .as("control characters")
                            .isEmpty();
                }));
    }

    /** What is not made of tags by {@link Html} would have to be escaped by hand. */
    @Test
    void markupIsWrittenInOneClass() throws IOException {
        Pattern markup = Pattern.compile("\"[^\"\n]*</?[a-z][a-z0-9]*[ >/]");
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java/org/hopespark/jobs"))) {
            for (Path source : sources.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("report/Html.java"))
                    .filter(file -> !file.toString().contains("/bench/"))
                    .toList()) {
                assertThat(markup.matcher(Files.readString(source)).results().map(MatchResult::group))
                        .as(source.toString())
                        .isEmpty();
            }
        }
    }

    /** The same in a browser: nothing runs but the page's own script, even without the policy that forbids others. */
    @Test
    @Tag("slow")
    void noTextRuns() throws Exception {
        Chromium browser = new Chromium(folder);
        String bait = "<html><body>" + PAYLOAD + "</body></html>";
        assertThat(browser.open(bait, 1000).dom()).as("the bait works").containsPattern("<html[^>]* data-taken=");
        for (Map.Entry<String, String> page :
                pages("hostile", name -> name + PAYLOAD).entrySet()) {
            String open = page.getValue()
                    .replaceAll("<meta http-equiv[^>]*>", "")
                    .replace("</body>", "<script>" + EVERY_POINTER + "</script></body>");
            assertThat(browser.open(open, 1000).dom())
                    .as(page.getKey())
                    .contains("&lt;script&gt;")
                    .doesNotContainPattern("<html[^>]* data-taken=");
        }
    }

    /** Names of elements and attributes, and the values of those attributes that are no text. */
    private static List<String> skeleton(String page) {
        List<String> skeleton = new ArrayList<>();
        for (Element element : Jsoup.parse(page).getAllElements()) {
            StringBuilder line = new StringBuilder(element.normalName());
            element.attributes().forEach(attribute -> line.append(' ').append(attribute.getKey()));
            skeleton.add(line.toString());
        }
        return skeleton;
    }

    private static boolean isControl(char c) {
        return Character.isISOControl(c)
                || Character.getType(c) == Character.FORMAT
                || Character.getType(c) == Character.LINE_SEPARATOR
                || Character.isSurrogate(c);
    }

    private Map<String, String> pages(String name, UnaryOperator<String> text) throws Exception {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("data set", dataSet(name, text));
        pages.put("corpus", CorpusReport.html(text.apply("corpus"), List.of(step(text))));
        String metrics = MadeUpRun.metrics();
        List<String> lines = new ArrayList<>();
        for (String line : metrics.lines().toList()) {
            lines.add(JSON.writeValueAsString(changed(JSON.readTree(line), text)));
        }
        lines.add(JSON.writeValueAsString(Map.of("type", "warning", "step", 3, "cause", text.apply("odd"))));
        lines.add(JSON.writeValueAsString(Map.of(
                "type",
                "changes",
                "step",
                3,
                "changes",
                List.of(Map.of("setting", text.apply("a"), "before", text.apply("1"), "now", text.apply("2"))))));
        pages.put(
                "run",
                RunReport.html(
                        RunMetrics.parse("m", String.join("\n", lines)),
                        text.apply("name: x"),
                        RunReport.evaluationTable("results.json", results(text))));
        Path runs = folder.resolve(name + "-runs");
        Path run = Files.createDirectories(runs.resolve("a"));
        Files.write(run.resolve("metrics.jsonl"), lines);
        Files.writeString(run.resolve("config.yaml"), "a: \"" + escaped(text.apply("b")) + '"');
        Files.write(Files.createDirectory(runs.resolve("b")).resolve("metrics.jsonl"), lines);
        pages.put(
                "runs",
                RunList.read(List.of(runs.toString()), new TextFiles(new Configuration()))
                        .page(RunList.Links.ALL));
        RunStatus status = new RunStatus();
        for (String line : lines) {
            RunEvents.read(line).ifPresent(status::add);
        }
        status.add(new RunEvent.WorkerJoined(1, 1, text.apply("a"), 1, text.apply("0")));
        pages.put("status", status.page());
        pages.put("evaluation", evaluation(text));
        return pages;
    }

    /** For a text of YAML in quotes. */
    private static String escaped(String text) {
        return text.chars()
                .mapToObj(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\'
                        ? Character.toString(c)
                        : String.format("\\u%04x", c))
                .collect(Collectors.joining());
    }

    private static String results(UnaryOperator<String> text) throws IOException {
        ObjectNode results = JSON.createObjectNode();
        ObjectNode run = results.putObject("runs/" + text.apply("a").replace("/", "|"));
        run.putObject("results").putObject(text.apply("piqa")).put(text.apply("acc"), 0.5);
        run.putObject("config").put("max_length", text.apply("64"));
        return JSON.writeValueAsString(results);
    }

    private static String evaluation(UnaryOperator<String> text) {
        List<EvaluationReport.Row> rows = Stream.of("", "depth=50", "position=0..63", "learned=1,task=1")
                .flatMap(part -> Stream.of(1L, 2L)
                        .map(step -> new EvaluationReport.Row(
                                text.apply("run"),
                                text.apply("step-" + step),
                                step,
                                new TaskResult(
                                        text.apply("task"),
                                        1,
                                        part.startsWith("learned") ? "acc" : text.apply("metric"),
                                        part,
                                        0.5,
                                        0.1,
                                        9,
                                        0.25,
                                        64,
                                        PrefixPolicy.WHEN_EMPTY,
                                        text.apply("float32"),
                                        text.apply("bytes")))))
                .toList();
        Map<String, RunConfig> models = Map.of(text.apply("step-2"), RunConfig.ofPreset("hope-nano", List.of()));
        return EvaluationReport.html(rows, models, List.of(text.apply("cell: failed")));
    }

    private static CorpusReport.Step step(UnaryOperator<String> text) {
        StepRecord record = new StepRecord(
                text.apply("step"),
                "",
                1,
                List.of(
                        new StageCount("read", 5, 4, 0, Map.of(text.apply("empty"), 1L)),
                        new StageCount(text.apply("filter"), 4, 2, 1, Map.of(text.apply("short"), 2L))),
                List.of(new SourceCount(
                        text.apply("books"),
                        4,
                        400,
                        2,
                        200,
                        new Profile(List.of(1L, 1L), Map.of(text.apply("en"), 2L)))),
                "",
                1,
                List.of(text.apply("bad")));
        Document document = new Document(text.apply("id"), text.apply("text"), text.apply("source"));
        return new CorpusReport.Step(
                text.apply("step"),
                record,
                List.of(
                        new Removed(text.apply("filter"), text.apply("short"), document),
                        new Removed(
                                text.apply("read"),
                                text.apply("corrupt"),
                                document.with("problem", text.apply("no UTF-8")))));
    }

    private String dataSet(String name, UnaryOperator<String> text) throws Exception {
        ObjectNode manifest = (ObjectNode) changed(JSON.readTree("""
                {"format":"hope-packed-tokens","format-version":1,"byte-unigram-bits-per-byte":3.5,"unigram-bits-per-byte":2.5,
                 "recipe":{"dtype":"U16","tool":"prepare 1","stages":["c4"],
                   "packing":{"align-tokens":16,"key-function":"xxh64(seed,source,id)","lanes":1,"policy":"aligned-documents",
                     "seed":1,"sequence-tokens":64,"validation-fraction":0.005,"validation-lanes":1},
                   "sources":[{"bytes":17,"entries":"**","format":"JSONL","id-column":"id","name":"a.jsonl","sha256":"50","text-column":"text"}],
                   "tokenizer":{"document-end":2,"document-start":2,"name":"bytes","sha256":"e3","vocabulary-size":3}},
                 "shards":[{"bytes":1443,"crc32c":"db","documents":1,"first-row":0,"lane":0,"max-id":1,"min-id":0,"padding-tokens":58,
                   "path":"lane-00000.parquet","real-tokens":7,"rows":1,"sha256":"9a","split":"training","target-tokens":6,"utf8-bytes":5}],
                 "training":{"documents":1,"padding-tokens":58,"real-tokens":7,"rows":1,"target-tokens":6,"utf8-bytes":5},
                 "validation":{"documents":0,"padding-tokens":0,"real-tokens":0,"rows":0,"target-tokens":0,"utf8-bytes":0}}
                """), text);
        manifest.putObject("documents-by-source").put(text.apply("a.jsonl"), 1);
        ObjectNode stage = manifest.putArray("stages").addObject();
        stage.put("name", text.apply("read"))
                .put("documents-in", 2)
                .put("documents-out", 1)
                .put("changed", 0);
        stage.putObject("removed").put(text.apply("empty"), 1);
        Path place = Files.createDirectories(folder.resolve(name + System.nanoTime()));
        byte[] json = JSON.writeValueAsBytes(manifest);
        Files.write(place.resolve("manifest.json"), json);
        Files.writeString(
                place.resolve("manifest.json.sha256"),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json)) + "  manifest.json\n");
        Files.writeString(place.resolve("counts.json"), """
                {"training-targets":[3,2,1],"validation-targets":[0,0,0],"training-bytes":[5],"validation-bytes":[0]}
                """);
        return DataSetReport.html(
                text.apply("data"),
                DataSet.open(place.toString(), LocalFiles.STORAGE),
                new ShardStatistics(1, 7, List.of(0L, 1L)),
                List.of(text.apply("{\"problem\"}")),
                new Letters(text));
    }

    /** The tree with every text in it changed. */
    private static JsonNode changed(JsonNode node, UnaryOperator<String> text) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> {
                if (!STRUCTURE.contains(field.getKey())) {
                    field.setValue(changed(field.getValue(), text));
                }
            });
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, changed(array.get(i), text));
            }
        }
        return node.isTextual() && !STRUCTURE.contains(node.asText())
                ? TextNode.valueOf(text.apply(node.asText()))
                : node;
    }

    private record Letters(UnaryOperator<String> text) implements Tokenizer {
        @Override
        public String name() {
            return "letters";
        }

        @Override
        public int vocabularySize() {
            return 3;
        }

        @Override
        public int documentStart() {
            return 2;
        }

        @Override
        public int documentEnd() {
            return 2;
        }

        @Override
        public int[] encode(String any) {
            return any.getBytes(StandardCharsets.UTF_8).length == 0 ? new int[0] : new int[] {0};
        }

        @Override
        public String decode(int[] ids) {
            return text.apply("l" + ids[0]);
        }

        @Override
        public String fingerprint() {
            return "e3";
        }
    }
}
