package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.corpus.CorpusJob;
import org.hopespark.jobs.pretrain.PretrainJob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Whole commands, with Spark, whose disk loses its power: minutes, because each starts dozens of times. */
@Tag("slow")
class JobBlackoutTest {
    private static final PrintStream QUIET =
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    private static final RunConfig RUN = RunConfig.parse("test", """
            name: test
            model: {vocabulary-size: 257, width: 32, blocks: 1, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels:
              - {period-steps: 1, continuum-hidden: 32}
              - {period-steps: 4, continuum-hidden: 32}
            training: {steps: 6, batch-sequences: 2, micro-batch-sequences: 2, warmup-steps: 2}
            checkpoint: {every-steps: 2, keep: 2}
            cluster: {timeout-seconds: 20, start-timeout-seconds: 60, workers: 1}
            """);

    @TempDir
    private Path folder;

    private Path root;
    private SparkSession spark;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectory(folder.resolve("disk"));
        SparkConf conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1");
        Blackout.spark(root).forEach((key, value) -> {
            conf.set(key, value);
            // for what a command looks at before it has a session
            System.setProperty(key, value);
        });
        spark = SparkSession.builder()
                .config(Gang.configure(conf, RUN.cluster()))
                .getOrCreate();
        spark.sparkContext().setLogLevel("OFF");
        Path landing = Files.createDirectory(folder.resolve("landing"));
        input(landing.resolve("monday.jsonl"), 1);
    }

    @AfterEach
    void stop() {
        spark.stop();
        Blackout.spark(root).keySet().forEach(System::clearProperty);
    }

    @Test
    void prepareAndThenMore() throws IOException {
        Blackout blackout = new Blackout(root, JobBlackoutTest::isResult);
        blackout.after(this::prepare, 5);
        input(folder.resolve("landing/tuesday.jsonl"), 2);
        Blackout more = new Blackout(root, JobBlackoutTest::isResult);
        more.after(this::prepare, 5);
        assertThat(more.disksTried()).isGreaterThan(10);
    }

    @Test
    void corpus() throws IOException {
        CorpusConfig steps = CorpusConfig.of(Settings.parse(
                "test",
                "{inputs: [{path: '" + folder.resolve("landing") + "'}], output: '"
                        + Blackout.place(root.resolve("steps"))
                        + "', steps: [{filter: {stages: [normalise]}}, exact-duplicates]}"));
        Blackout blackout = new Blackout(root, JobBlackoutTest::isResult);
        blackout.after(() -> new CorpusJob(spark, steps, QUIET).run(), 4);
        assertThat(blackout.disksTried()).isGreaterThan(10);
    }

    @Test
    void pretrain() throws IOException {
        prepare();
        Blackout blackout = new Blackout(
                root, path -> isResult(path) && path.matches("/run/(checkpoints/step-0*[46]/.*|config.yaml)"));
        blackout.after(
                () -> new PretrainJob(
                                spark,
                                RUN,
                                Blackout.place(root.resolve("data")),
                                Blackout.place(root.resolve("run")),
                                QUIET)
                        .run(),
                17);
        assertThat(blackout.disksTried()).isGreaterThan(10);
    }

    /** Without notes, and without the lock of a process that is gone. */
    private static boolean isResult(String path) {
        return !path.matches(".*/(_work/|_runs/|_lock[.]json|[.]).*");
    }

    private void prepare() {
        int status = new CommandLine(new PrepareCommand())
                .execute(
                        "--input",
                        folder.resolve("landing").toString(),
                        "--output",
                        Blackout.place(root.resolve("data")),
                        "--tokenizer",
                        "bytes",
                        "--append",
                        "--set",
                        "sequence-tokens=64",
                        "--set",
                        "align-tokens=16",
                        "--set",
                        "lanes=2");
        assertThat(status).isZero();
    }

    private static void input(Path file, long seed) throws IOException {
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < 20; word++) {
                text.append("level ").append(random.nextInt(100)).append(" is due, ");
            }
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + (i % 4 == 3 ? "again" : text) + "\"}");
        }
        Files.write(file, lines);
    }
}
