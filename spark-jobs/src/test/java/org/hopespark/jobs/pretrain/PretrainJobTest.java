package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.hopespark.jobs.pretrain.Runs.lines;
import static org.hopespark.jobs.pretrain.Runs.parts;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.ExportCommand;
import org.hopespark.cli.GenerateCommand;
import org.hopespark.cli.HealthCommand;
import org.hopespark.cli.Main;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.cli.PretrainCommand;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.RequestCache;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.Tasks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Runs on two real executor processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
final class PretrainJobTest {
    private static final String CONFIG = """
            name: test
            model: {vocabulary-size: 257, width: 32, blocks: 1, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels:
              - {period-steps: 1, continuum-hidden: 32}
              - {period-steps: 4, continuum-hidden: 32}
              - {period-steps: 16, continuum-hidden: 32}
            training: {steps: 60, batch-sequences: 4, micro-batch-sequences: 2, warmup-steps: 4}
            checkpoint: {every-steps: 10, keep: 0}
            cluster: {timeout-seconds: 20, start-timeout-seconds: 60}
            """;

    private static final String QUESTIONS = """
            {"query": "The cat sat on the", "choices": ["mat.", "moon of", "a"], "gold": 0}
            {"query": "It is the", "choices": ["e", "qxz"], "gold": 0}
            {"query": "Nothing", "choices": ["is as", "it seems to be"], "gold": 0}
            """;

    private static final String PASSAGES = """
            {"text": "the same procedure as every year"}
            {"text": "a rose is a rose is a rose"}
            {"text": "two and two are five"}
            """;

    private final Path folder;
    private final SparkSession spark;
    private String data = "";

    PretrainJobTest(@TempDir Path folder) {
        this.folder = folder;
        spark = Runs.start(Runs.conf(2), RunConfig.parse("test", CONFIG));
    }

    @BeforeAll
    void prepare() throws IOException {
        data = Runs.prepare(spark, folder);
    }

    @AfterAll
    void stop() {
        spark.stop();
    }

    @Test
    void aKilledExecutorAndAResumedRunEndWithTheBitsOfAnUndisturbedRun() throws Exception {
        Path undisturbed = run("undisturbed", CONFIG);

        Path killed = folder.resolve("killed");
        Path tasks = Files.createDirectory(folder.resolve("tasks"));
        Files.writeString(tasks.resolve("hellaswag_val.jsonl"), QUESTIONS);
        Files.writeString(tasks.resolve("lambada_openai_test.jsonl"), PASSAGES);
        Files.writeString(
                tasks.resolve("piqa_validation.jsonl"),
                "{\"goal\": \"g\", \"sol1\": \"" + "long ".repeat(20) + "\", \"sol2\": \"b\", \"label\": 0}\n");
        String evaluated =
                CONFIG + "evaluation: {every-steps: 20, rows: 6, tasks: [piqa, hellaswag, lambada_openai], task-data: "
                        + tasks + ", documents: 0}\n";
        CompletableFuture<Void> training = CompletableFuture.runAsync(() -> train(killed, evaluated));
        Runs.awaitStep(killed, 25, training);
        killOneExecutor();
        training.get();
        assertThat(lines(killed, "failure")).isNotEmpty();
        assertThat(lines(killed, "failure").get(0).path("host").asText()).isNotEmpty();
        assertThat(lines(killed, "resumed")).hasSameSizeAs(lines(killed, "failure"));
        assertThat(lines(killed, "resumed").get(0).path("seconds").asDouble()).isPositive();
        assertThat(parts(killed, 60)).hasSize(18).isEqualTo(parts(undisturbed, 60));
        // one model that reads all rows finds what two workers have found, each on its half; training continued as
        // without
        List<JsonNode> found = lines(killed, "validation");
        assertThat(found).extracting(line -> line.path("step").asLong()).contains(20L, 40L, 60L);
        String last = killed.resolve("checkpoints/step-00000060").toUri().toString();
        try (TrainedModel model = new TrainedModel(last, data, new Configuration())) {
            assertThat(found.get(found.size() - 1).path("loss").asDouble())
                    .isCloseTo(model.heldOut(6).sums().loss(), within(1e-6));
            assertThat(health(killed).path("bitsPerByte").asDouble())
                    .isCloseTo(model.heldOut(6).sums().bitsPerByte(), within(1e-6));
            assertThat(lines(killed, "warning"))
                    .anySatisfy(line -> assertThat(line.path("cause").asText())
                            .contains("has no answers to piqa", "the model is fed at most 64"));
            // the same of questions that the workers have shared
            Evaluation evaluation =
                    new Evaluation(model.encoder(), model.scorer(), EvaluationSettings.DEFAULT, RequestCache.NONE);
            for (String task : List.of("hellaswag", "lambada_openai")) {
                for (TaskResult expected : evaluation.run(Tasks.named(task), List.of(tasks))) {
                    assertThat(lines(killed, "task"))
                            .as("%s %s", task, expected.metric())
                            .anySatisfy(line -> {
                                assertThat(line.path("step").asLong()).isEqualTo(60);
                                assertThat(line.path("task").asText()).isEqualTo(task);
                                assertThat(line.path("metric").asText()).isEqualTo(expected.metric());
                                assertThat(line.path("n").asLong()).isEqualTo(expected.n());
                                assertThat(line.path("value").asDouble())
                                        .isCloseTo(expected.value(), within(1e-4 * Math.max(1, expected.value())));
                            });
                }
            }
        }

        // step 30 lies inside the windows of levels 2 and 3
        Path resumed = folder.resolve("resumed");
        Runs.copy(undisturbed.resolve("checkpoints/step-00000030"), resumed.resolve("checkpoints/step-00000030"));
        train(resumed, CONFIG);
        assertThat(lines(resumed, "step").get(0).path("step").asLong()).isEqualTo(31);
        assertThat(parts(resumed, 60)).isEqualTo(parts(undisturbed, 60));

        Path alone = run("alone", CONFIG.replace("cluster: {", "cluster: {workers: 1, "));
        List<JsonNode> one = lines(alone, "step");
        List<JsonNode> two = lines(undisturbed, "step");
        assertThat(one).hasSize(60);
        assertThat(two).hasSize(60);
        for (int i = 0; i < 60; i++) {
            assertThat(one.get(i).path("loss").asDouble())
                    .isCloseTo(two.get(i).path("loss").asDouble(), within(1e-3));
        }
        assertThat(two.get(59).path("loss").asDouble())
                .isLessThan(two.get(0).path("loss").asDouble() - 1);
        assertThat(two.get(59).path("data-seconds")).hasSize(2);
        assertThat(lines(undisturbed, "worker")).hasSize(2);
        assertThat(undisturbed.resolve("tensorboard")).isNotEmptyDirectory();
        assertThat(undisturbed.resolve("report.html")).exists();
    }

    @Test
    void aRunGoesOnWithTheSnapshotThatItHasBegunWith() throws IOException {
        Path growing = Files.createDirectory(folder.resolve("growing"));
        String grown = Runs.prepare(spark, growing);
        String four = CONFIG.replace("steps: 60", "steps: 4").replace("every-steps: 10", "every-steps: 2");
        Path undisturbed = folder.resolve("before");
        train(undisturbed, four, grown);
        Path run = folder.resolve("before-and-after");
        Runs.copy(undisturbed.resolve("checkpoints/step-00000002"), run.resolve("checkpoints/step-00000002"));
        Files.writeString(growing.resolve("corpus/night.txt"), "and the next level is due at night, ".repeat(500));
        assertThat(new CommandLine(new PrepareCommand())
                        .execute(
                                "--append",
                                "--input=" + growing.resolve("corpus"),
                                "--output=" + grown,
                                "--tokenizer=bytes",
                                "--set=sequence-tokens=64",
                                "--set=align-tokens=16",
                                "--set=lanes=1",
                                "--set=validation-fraction=0.3"))
                .isZero();

        train(run, four, grown);

        assertThat(lines(run, "step")).hasSize(2);
        assertThat(parts(run, 4)).isEqualTo(parts(undisturbed, 4));
        Path pinned = folder.resolve("pinned");
        train(pinned, four, grown + "@1");
        assertThat(parts(pinned, 4)).isEqualTo(parts(undisturbed, 4));
        Path newest = folder.resolve("newest");
        train(newest, four, grown);
        assertThat(parts(newest, 4)).isNotEqualTo(parts(pinned, 4));
        assertThat(lines(newest, "run").get(0).path("data-identity"))
                .isNotEqualTo(lines(run, "run").get(0).path("data-identity"));
    }

    /** In a folder whose name would be a pattern, and whose data set is no longer there. */
    @Test
    void aRunWritesWithoutItsDataAndGoesOnWhereItStopped() throws IOException {
        Path moved = folder.resolve("moved");
        Runs.copy(Path.of(data), moved);
        Path run = folder.resolve("o[1] {a,b} d'é:x");
        train(
                run,
                CONFIG.replace("steps: 60", "steps: 32, learning-rate: 1.0e-2").replace("y-steps: 10", "y-steps: 16"),
                moved.toString());
        Files.move(moved, folder.resolve("moved-away"));

        String whole = generate(run, "--prompt=the level ", "--tokens=20");
        Path state = folder.resolve("state");
        String begin = generate(run, "--prompt=the level ", "--tokens=7", "--state=" + state);
        String nothing = generate(run, "--tokens=0", "--state=" + state);
        String end = generate(run, "--tokens=13", "--state=" + state);
        assertThat(begin + nothing + end).isEqualTo(whole);
        String read = generate(run, "--prompt=the ", "--tokens=0", "--state=" + folder.resolve("read"));
        assertThat(read + generate(run, "--prompt=level ", "--tokens=20", "--state=" + folder.resolve("read")))
                .isEqualTo(whole);

        StringWriter err = new StringWriter();
        assertThat(generate(err, run, "--tokens=-5")).isEqualTo(2);
        assertThat(generate(err, run, "--tokens=5", "--state=" + folder.resolve("none/state")))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--tokens must be >= 0, got -5", "none/state cannot be written");

        Path part = Runs.part(run, 32, "level-1.parameters.0-of-2.safetensors");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length - 1] ^= 1;
        Files.write(part, bytes);
        StringWriter warned = new StringWriter();
        assertThat(generate(warned, run, "--tokens=2")).isZero();
        assertThat(warned.toString()).contains("step-00000032", "SHA-256", "using ", "step-00000016 instead");
        StringWriter other = new StringWriter();
        assertThat(generate(other, run, "--tokens=2", "--state=" + state)).isEqualTo(2);
        assertThat(other.toString()).contains("was written by other parameters or another tokenizer");
    }

    private static String generate(Path run, String... arguments) {
        StringWriter out = new StringWriter();
        CommandLine command = new CommandLine(new GenerateCommand()).setOut(new PrintWriter(out));
        assertThat(command.execute(with(run, arguments))).isZero();
        return out.toString()
                .substring(0, out.toString().length() - System.lineSeparator().length());
    }

    private static int generate(StringWriter err, Path run, String... arguments) {
        return Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute(Stream.concat(Stream.of("generate"), Stream.of(with(run, arguments)))
                        .toArray(String[]::new));
    }

    private static String[] with(Path run, String... arguments) {
        return Stream.concat(Stream.of("--checkpoint=" + run, "--temperature=0"), Stream.of(arguments))
                .toArray(String[]::new);
    }

    @Test
    void whatDoesNotFitIsRefusedInWords() {
        assertRefused(
                "vocabulary", CONFIG.replace("vocabulary-size: 257", "vocabulary-size: 300"), "tokenizer 'bytes'");
        assertRefused("context", CONFIG.replace("context-tokens: 64", "context-tokens: 32"), "has rows of 64");
        assertRefused("batch", CONFIG.replace("batch-sequences: 4", "batch-sequences: 3"), "must divide");
        assertRefused(
                "slots",
                CONFIG.replace(
                        "cluster: {timeout-seconds: 20, start-timeout-seconds: 60}",
                        "cluster: {workers: 4, start-timeout-seconds: 1}"),
                "the executors that Spark is asked for have room for 2");
    }

    @Test
    void aSecondDriverOnARunIsRefusedAndToldWhoHasIt() throws Exception {
        Path run = folder.resolve("taken");
        FolderLock other =
                FolderLock.take(run.toString(), new Storage(new Configuration()), "pretrain of somebody else");
        assertThatThrownBy(() -> train(run, CONFIG.replace("steps: 60", "steps: 1")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is being written by another job: pretrain of somebody else on ");
        other.close();
        train(run, CONFIG.replace("steps: 60", "steps: 1"));
        assertThat(run.resolve("_lock.json")).doesNotExist();
    }

    @Test
    void aRunFolderOfAnotherModelIsRefusedAndKept() throws IOException {
        String brief = CONFIG.replace("steps: 60", "steps: 2");
        Path run = run("other", brief);
        Map<String, Long> before = sizes(run.resolve("checkpoints"));
        assertThatThrownBy(() -> train(run, brief.replace("width: 32, blocks", "width: 48, blocks")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("checkpoint of another run")
                .hasMessageContaining("model");
        assertThat(sizes(run.resolve("checkpoints"))).isEqualTo(before);
    }

    @Test
    void aRunStartsFromWhatAnotherOneExportedAndGoesOnWithoutIt() throws IOException {
        String brief = CONFIG.replace("steps: 60", "steps: 16");
        Path first = run("first", brief);
        Path exported = folder.resolve("exported");
        assertThat(new CommandLine(new ExportCommand())
                        .execute("--checkpoint=" + first, "--data=" + data, "--output=" + exported))
                .isZero();

        // levels that do not move keep what they start from
        String still = "init: " + exported + "\n"
                + brief.replace("continuum-hidden", "learning-rate-factor: 0, continuum-hidden");
        Path second = run("second", still);
        assertThat(lines(second, "run").get(0).path("init").asText()).isEqualTo("file:" + exported);
        assertThat(lines(second, "step").get(0).path("step").asLong()).isEqualTo(1);
        for (String level : List.of("level-1", "level-2", "level-3")) {
            assertThat(parts(second, 16).get(level + ".parameters of rank 0"))
                    .isEqualTo(parts(first, 16).get(level + ".parameters of rank 0"));
            assertThat(parts(second, 16).get(level + ".optimizer of rank 0"))
                    .isNotEqualTo(parts(first, 16).get(level + ".optimizer of rank 0"));
        }

        assertThatThrownBy(() -> train(second, still.replaceFirst("init: .*", "seed: 1")))
                .hasMessageContaining("- init: the checkpoint has file:" + exported + ", this run ");
        Files.delete(exported.resolve("model.safetensors"));
        Files.delete(exported.resolve("config.json"));
        String longer = still.replace("{steps: 16", "{steps: 17");
        assertThatThrownBy(() -> train(second, longer))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("give --accept-changes")
                .hasMessageContaining("training.steps: 16 -> 17");
        PretrainJob accepting =
                new PretrainJob(spark, RunConfig.parse("test", longer), data, second.toString(), Runs.quiet());
        accepting.acceptChanges();
        accepting.run();
        assertThat(lines(second, "step").get(16).path("step").asLong()).isEqualTo(17);
        assertThat(lines(second, "changes")).hasSize(1);
        assertThat(lines(second, "changes")
                        .get(0)
                        .path("changes")
                        .path(0)
                        .path("setting")
                        .asText())
                .isEqualTo("training.steps");
        String metrics = Files.readString(second.resolve("metrics.jsonl"));
        String report = Files.readString(second.resolve("report.html"));
        assertThat(report).contains("training.steps: 16 -&gt; 17", "finished at step 17 of 17");
        train(second, still);
        train(second, longer);
        assertThat(second.resolve("metrics.jsonl")).as("nothing was left to do").hasContent(metrics);
        assertThat(second.resolve("report.html")).hasContent(report);
        assertThat(second.resolve("config.yaml")).content().contains("steps: 17");
        assertRefused("third", still, "config.json cannot be read");
    }

    @Test
    void allThatKeepsARunFromStartingFromAnExportIsTold() throws IOException {
        Path small = run("small", CONFIG.replace("steps: 60", "steps: 1"));
        Path exported = folder.resolve("small-exported");
        assertThat(new CommandLine(new ExportCommand())
                        .execute("--checkpoint=" + small, "--data=" + data, "--output=" + exported))
                .isZero();
        String other = "init: " + exported + "\n"
                + CONFIG.replace("steps: 16, continuum-hidden: 32", "steps: 16, continuum-hidden: 40")
                        .replace("width: 32, blocks: 1", "width: 32, blocks: 2")
                        .replace("head-width: 16", "head-width: 16, activation: gelu");
        assertThatThrownBy(() -> run("other-shapes", other))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the run cannot start from init file:" + exported)
                .hasMessageContaining(
                        "- tensor blocks.0.continuum.3.up has the shape [32, 32], the model of this run [32, 40]")
                .hasMessageContaining("- tensor blocks.1.mixer.gate [32, 32] is missing")
                .hasMessageContaining("- tensor blocks.0.continuum.1.gate is unknown to the model of this run");
    }

    private void assertRefused(String name, String config, String message) {
        assertThatThrownBy(() -> run(name, config))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    private Path run(String name, String config) {
        Path run = folder.resolve(name);
        train(run, config);
        return run;
    }

    /** What the command health writes about a run. */
    private JsonNode health(Path run) throws IOException {
        Path json = folder.resolve("health.json");
        CommandLine health = new CommandLine(new HealthCommand());
        assertThat(health.execute(run.toString(), "--rows=6", "--json=" + json)).isBetween(0, 1);
        JsonNode figures = RunJson.MAPPER.readTree(Files.readString(json));
        assertThat(figures.path("step").asLong()).isEqualTo(60);
        assertThat(figures.at("/memory/bitsPerByteWithoutWrites").asDouble()).isPositive();
        assertThat(figures.path("levels")).hasSize(3).allSatisfy(level -> {
            assertThat(level.path("boundaries").asLong()).isPositive();
            assertThat(level.path("drift").asDouble()).isPositive();
            assertThat(level.path("bitsPerByteFrozen").asDouble()).isPositive();
        });
        return figures;
    }

    private void train(Path run, String config) {
        train(run, config, data);
    }

    private void train(Path run, String config, String on) {
        try {
            new PretrainJob(spark, RunConfig.parse("test", config), on, run.toString(), Runs.quiet()).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void killOneExecutor() {
        // the cluster's workers live in this JVM, so that its only Java children are executors
        Optional<ProcessHandle> executor = ProcessHandle.current()
                .children()
                .filter(p -> p.info().command().orElse("").endsWith("java"))
                .findFirst();
        assertThat(executor).isPresent();
        executor.get().destroyForcibly();
    }

    private static Map<String, Long> sizes(Path folder) throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sizes.put(file.toString(), Files.size(file));
            }
        }
        return sizes;
    }

    @Test
    void aBudgetAndADataSetDecideWhatNobodyHasSaid() throws IOException {
        Path small = Files.writeString(folder.resolve("small.yaml"), """
                model: {width: 32, blocks: 1, head-width: 16, chunk-tokens: 16}
                levels: [{period-steps: 1, continuum-hidden: 32}]
                training: {batch-sequences: 4, micro-batch-sequences: 2}
                checkpoint: {every-steps: 3, permanent-every-steps: 9}
                cluster: {timeout-seconds: 20, start-timeout-seconds: 60}
                """);
        Path run = folder.resolve("hours");
        String[] command = {"--model=" + small, "--data=" + data, "--run=" + run, "--hours=0.0005"};
        assertThat(new CommandLine(new PretrainCommand()).execute(command)).isZero();
        RunConfig began = RunConfig.read(run.resolve("config.yaml").toString(), List.of());
        assertThat(began.model().vocabularySize()).isEqualTo(257);
        assertThat(began.model().contextTokens()).isEqualTo(64);
        long steps = began.training().steps();
        // 1.8 s
        assertThat(lines(run, "step")).hasSize((int) steps).hasSizeGreaterThan(1);
        assertThat(run.resolve("_speed-trial")).doesNotExist();
        // once more: it keeps its steps, and has nothing to do
        assertThat(new CommandLine(new PretrainCommand()).execute(command)).isZero();
        assertThat(lines(run, "step")).hasSize((int) steps);
    }

    @Test
    void whatIsSaidStandsAboveWhatADataSetDecides() {
        DataSet set = DataSet.open(data, new Storage(new Configuration()));
        RunConfig budgeted = new FittedSettings("hope-20m", List.of(), set).forTokens(100_000);
        assertThat(budgeted.model().vocabularySize()).isEqualTo(257);
        assertThat(budgeted.model().contextTokens()).isEqualTo(64);
        // 16 x 64 tokens a step
        assertThat(budgeted.training().steps()).isEqualTo(98);
        assertThat(budgeted.training().warmupSteps()).isEqualTo(9);
        assertThat(budgeted.evaluation().everySteps()).isEqualTo(9);
        RunConfig said = new FittedSettings(
                        "pretrain-20m", List.of("model.vocabulary-size=300", "evaluation.every-steps=0"), set)
                .forTokens(100_000);
        assertThat(said.model().vocabularySize()).isEqualTo(300);
        assertThat(said.model().contextTokens()).isEqualTo(64);
        assertThat(said.training().steps()).isEqualTo(196);
        assertThat(said.training().warmupSteps()).isEqualTo(100);
        assertThat(said.evaluation().everySteps()).isZero();
        assertThatThrownBy(() -> new FittedSettings("hope-20m", List.of("training.steps=7"), set).forTokens(1))
                .isInstanceOf(UserException.class)
                .hasMessage("a budget and --set training.steps exclude each other: give one of them");
    }
}
