package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.EvaluateCommand;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.EvaluationSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@TestInstance(Lifecycle.PER_CLASS)
class EvaluateJobTest {
    private static final String QUESTIONS = """
            {"query": "q", "choices": ["xx", "aa"], "gold": 1}
            {"query": "q", "choices": ["bb", "aaaa"], "gold": 0}
            """;

    private SparkSession spark;
    private Path folder;
    private StringWriter console = new StringWriter();

    @BeforeAll
    void startSpark() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
    }

    @AfterAll
    void stopSpark() {
        spark.stop();
    }

    @BeforeEach
    void aRunWithTwoCheckpointsAndATask(@TempDir Path fresh) throws IOException {
        folder = fresh;
        console = new StringWriter();
        checkpoint("step-20", "aaab");
        checkpoint("step-3", "aaaa");
        Files.createDirectories(folder.resolve("run/checkpoints/step-30-unfinished"));
        checkpoint("_temporary-step-40", "half");
        Files.createDirectories(folder.resolve("calls"));
        Files.createDirectories(folder.resolve("tasks"));
        Files.writeString(folder.resolve("tasks/hellaswag_val.jsonl"), QUESTIONS);
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/manifest.json"), "{}");
    }

    @Test
    void everyCheckpointMeetsEveryTaskAndTheResultsAreWrittenThreeTimes() throws IOException {
        assertThat(evaluate("--tasks", "validation,hellaswag")).isZero();
        assertThat(calls()).isEqualTo(4);

        Dataset<Row> table =
                spark.read().parquet(folder.resolve("out/results.parquet").toString());
        assertThat(table.count()).isEqualTo(2 * (3 + 2));
        Row row = table.filter("metric = 'acc' and checkpoint like '%step-3'").first();
        // Counted in aaaa: "aa" is likelier than "xx", and "bb", two unseen letters, than the longer "aaaa".
        assertThat(row.<Double>getAs("value")).isEqualTo(1.0, within(1e-12));
        assertThat(row.<Double>getAs("chance")).isEqualTo(0.25);
        assertThat(table.filter("metric = 'loss' and standard_error is null").count())
                .isEqualTo(2);

        JsonNode json = new ObjectMapper().readTree(read("out/results.json"));
        assertThat(json).hasSize(2);
        JsonNode first = json.elements().next();
        assertThat(json.fieldNames().next()).endsWith("run/checkpoints/step-3");
        assertThat(first.path("results").path("hellaswag").path("acc,none").doubleValue())
                .isEqualTo(row.<Double>getAs("value"));
        assertThat(first.path("results")
                        .path("hellaswag")
                        .path("acc_stderr,none")
                        .isNumber())
                .isTrue();
        assertThat(first.path("results")
                        .path("validation")
                        .path("bits_per_byte_stderr,none")
                        .textValue())
                .isEqualTo("N/A");
        assertThat(first.path("versions").path("hellaswag").intValue()).isEqualTo(1);
        assertThat(first.path("n-samples").path("hellaswag").path("effective").intValue())
                .isEqualTo(2);
        assertThat(first.path("config").path("max_length").intValue()).isEqualTo(64);

        assertThat(read("out/results.md").lines().skip(2))
                .hasSize(10)
                .anySatisfy(line -> assertThat(line)
                        .startsWith(
                                "| step-3 | hellaswag | 1 | acc | 1.0000 | ± 0.0000 | 2 | 0.2500 | 64 | when empty"))
                .allSatisfy(line -> assertThat(line).doesNotContain("NaN"));
        assertThat(console.toString())
                .contains("2 checkpoints x 2 tasks = 4 cells, 0 of them finished earlier")
                .contains("[4/4] ")
                .contains("hellaswag on step-20: acc ")
                .contains("about 0 s left")
                .doesNotContain("not in these results");
        assertThat(evaluate("--tasks", "hellaswag")).isZero();
        assertThat(console.toString())
                .contains("not in these results, although finished in ")
                .contains(": validation on step-20, validation on step-3; name all");
    }

    @Test
    void filesAreThoseOfTheHarness() throws IOException {
        assertThat(evaluate("--tasks", "validation,hellaswag")).isZero();
        String model =
                folder.resolve("run/checkpoints/step-3").toUri().toString().replaceAll("[:/]+", "__");
        Path own = folder.resolve("out/lm-eval").resolve(model.replaceAll("_+$", ""));
        assertThat(names(own))
                .as("no samples unless they are asked for")
                .singleElement()
                .asString()
                .startsWith("results_2");

        assertThat(evaluate("--tasks", "validation,hellaswag", "--log-samples")).isZero();
        assertThat(calls()).as("hellaswag of both again, for its samples").isEqualTo(6);
        List<String> files = names(own);
        assertThat(files).hasSize(3);
        String date = files.get(1).replaceAll("results_|\\.json", "");
        assertThat(date).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d\\.\\d{6}");
        assertThat(files.get(2)).isEqualTo("samples_hellaswag_" + date + ".jsonl");
        List<String> samples = Files.readAllLines(own.resolve(files.get(2)));
        assertThat(samples).hasSize(2);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(samples.get(1)).path("doc_id").intValue()).isEqualTo(1);
        assertThat(json.readTree(samples.get(1))
                        .path("arguments")
                        .path("gen_args_1")
                        .path("arg_1")
                        .textValue())
                .isEqualTo(" aaaa");

        JsonNode run = json.readTree(own.resolve(files.get(1)).toFile());
        assertThat(run.path("results").path("hellaswag").path("alias").textValue())
                .isEqualTo("hellaswag");
        assertThat(run.path("configs").path("hellaswag").path("output_type").textValue())
                .isEqualTo("multiple_choice");
        assertThat(run.path("n-shot")).hasToString("{\"validation\":0,\"hellaswag\":0}");
        assertThat(run.path("higher_is_better"))
                .hasToString("{\"validation\":{\"loss\":false,\"perplexity\":false,"
                        + "\"bits_per_byte\":false},\"hellaswag\":{\"acc\":true,\"acc_norm\":true}}");
        assertThat(run.path("n-samples").path("hellaswag")).hasToString("{\"original\":10042,\"effective\":2}");
        assertThat(run.path("group_subtasks")).isEmpty();
        assertThat(run.path("model_name_sanitized").textValue())
                .isEqualTo(own.getFileName().toString());
        JsonNode all = json.readTree(read("out/results.json"));
        assertThat(all.elements().next())
                .as("results.json holds the same of every checkpoint")
                .isEqualTo(run);

        assertThat(evaluate("--tasks", "validation,hellaswag", "--log-samples")).isZero();
        assertThat(calls()).isEqualTo(6);
        assertThat(names(own)).as("nothing new, no new file").isEqualTo(files);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void finishedCellsAreSkippedUntilSomethingThatDecidesThemChanges() throws IOException {
        evaluate();
        assertThat(calls()).isEqualTo(4);
        String results = read("out/results.json");
        evaluate();
        assertThat(calls()).as("nothing changed").isEqualTo(4);
        assertThat(read("out/results.json")).isEqualTo(results);
        assertThat(console.toString()).contains("4 of them finished earlier");
        evaluate("--batch-size", "3");
        assertThat(calls()).as("the batch size moves nothing").isEqualTo(4);

        evaluate("--limit", "1");
        assertThat(calls()).as("another limit").isEqualTo(8);
        Files.writeString(folder.resolve("tasks/hellaswag_val.jsonl"), QUESTIONS + QUESTIONS);
        evaluate();
        assertThat(calls())
                .as("another task file: hellaswag of both checkpoints")
                .isEqualTo(10);
        checkpoint("step-3", "bbb");
        evaluate();
        assertThat(calls()).as("another checkpoint: its two cells").isEqualTo(12);
        Files.writeString(folder.resolve("data/manifest.json"), "{\"rows\": 1}");
        evaluate();
        assertThat(calls()).as("another data set: validation of both").isEqualTo(14);
        evaluate("--prefix", "ALWAYS");
        assertThat(calls()).as("another prefix policy").isEqualTo(18);
        evaluate("--set", "model.in-context.learning-rate=0.5");
        assertThat(calls()).as("another setting of the model").isEqualTo(22);
        assertThat(read("out/results.json")).contains("\"overrides\" : \"model.in-context.learning-rate=0.5\"");
    }

    @Test
    void aDamagedJournalEntryIsRunAgain() throws IOException {
        evaluate();
        Path entry = list("out/cells").get(0);
        Files.writeString(entry, Files.readString(entry).substring(0, 40));
        evaluate();
        assertThat(calls()).isEqualTo(5);
        assertThat(spark.read()
                        .parquet(folder.resolve("out/results.parquet").toString())
                        .count())
                .isEqualTo(10);
    }

    @Test
    void aFailedCellIsToldAndStopsNoOther() throws IOException {
        checkpoint("step-4", "broken");
        checkpoint("step-5", "");
        assertThat(evaluate("--tasks", "hellaswag")).isEqualTo(1);
        assertThat(console.toString())
                .contains("1 cells failed and are retried once")
                .contains("2 of 4 cells failed")
                .contains("hellaswag on step-4: java.lang.IllegalStateException: a bug in the network\n")
                .contains("hellaswag on step-5: the checkpoint is empty; take another\n");
        assertThat(new ObjectMapper().readTree(read("out/results.json"))).hasSize(2);
        assertThat(read("out/evaluation.html"))
                .contains("<h2>Failed</h2>", "hellaswag on step-4: java.lang.IllegalStateException", "Hella. acc_n");
        checkpoint("step-4", "mended");
        checkpoint("step-5", "mended too");
        long before = calls();
        assertThat(evaluate("--tasks", "hellaswag")).isZero();
        assertThat(calls() - before).isEqualTo(2);
    }

    @Test
    void aCheckpointThatVanishesDuringASweepFailsItsCellsAlone() throws IOException {
        // one cell removes the checkpoint of another, as a run does that continues and keeps its newest
        checkpoint("step-1", "removes " + folder.resolve("run/checkpoints/step-99"));
        checkpoint("step-99", "vanishing");
        assertThat(evaluate("--tasks", "hellaswag")).isEqualTo(1);
        assertThat(console.toString())
                .contains("4 checkpoints x 1 tasks = 4 cells")
                .contains("1 of 4 cells failed")
                .containsPattern("hellaswag on step-99: java.nio.file.NoSuchFileException: .*step-99/manifest.json");
        assertThat(new ObjectMapper().readTree(read("out/results.json"))).hasSize(3);
        assertThat(read("out/evaluation.html")).contains("<h2>Failed</h2>", "hellaswag on step-99");
    }

    @Test
    void checkpointsAreFoundByFolderPatternOrName() throws IOException {
        TextFiles text = new TextFiles(spark.sparkContext().hadoopConfiguration());
        assertThat(Checkpoints.find(folder.resolve("run").toString(), text))
                .extracting(c -> c.substring(c.lastIndexOf('/') + 1))
                .containsExactly("step-3", "step-20");
        assertThat(Checkpoints.find(folder.resolve("run/checkpoints").toString(), text))
                .hasSize(2);
        assertThat(Checkpoints.find(folder + "/r*/checkpoints/*2*", text)).hasSize(1);
        assertThat(Checkpoints.find(folder.resolve("run/checkpoints/step-3").toString(), text))
                .hasSize(1);
        assertThatThrownBy(() -> Checkpoints.find(folder.resolve("nothing").toString(), text))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no finished checkpoint")
                .hasMessageContaining("nothing");
        assertThat(Checkpoints.labels(List.of("f:/a/r1/checkpoints/s-1", "f:/a/r2/checkpoints/s-1"))
                        .values())
                .containsExactlyInAnyOrder("r1/checkpoints/s-1", "r2/checkpoints/s-1");
    }

    @Test
    void whatCannotWorkIsRefusedBeforeAnythingRuns() {
        assertThatThrownBy(() -> sweep(List.of("hellaswog"), "tasks", ""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("unknown task 'hellaswog'; nearest: hellaswag");
        assertThatThrownBy(() -> sweep(List.of("validation"), "tasks", ""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--data DATASET");
        assertThatThrownBy(() -> sweep(List.of("wikitext"), "", "data"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("--task-data");
        assertThatThrownBy(() -> sweep(List.of(), "", ""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no task to run");
    }

    private static Sweep sweep(List<String> tasks, String taskData, String data) {
        return new Sweep(
                "run",
                tasks,
                taskData.isEmpty() ? List.of() : List.of(taskData),
                data,
                "out",
                EvaluationSettings.DEFAULT);
    }

    private int evaluate(String... more) {
        CommandLine command = new CommandLine(new EvaluateCommand(
                        name -> spark, new UnigramRunner(folder.resolve("calls").toString())))
                .setOut(new PrintWriter(console));
        Stream<String> tasks = Stream.of(more).anyMatch("--tasks"::equals)
                ? Stream.of()
                : Stream.of("--tasks", "validation,hellaswag");
        return command.execute(Stream.of(
                        Stream.of(
                                "--checkpoints", folder.resolve("run").toString(),
                                "--task-data", folder.resolve("tasks").toString(),
                                "--data", folder.resolve("data").toString(),
                                "--output", folder.resolve("out").toString()),
                        tasks,
                        Stream.of(more))
                .flatMap(s -> s)
                .toArray(String[]::new));
    }

    private void checkpoint(String name, String text) throws IOException {
        Path checkpoint =
                Files.createDirectories(folder.resolve("run/checkpoints").resolve(name));
        Files.writeString(checkpoint.resolve("manifest.json"), text);
    }

    private long calls() throws IOException {
        return list("calls").size();
    }

    private List<Path> list(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(name))) {
            return files.sorted().toList();
        }
    }

    private String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }
}
