package org.hopespark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job jar on a cluster that was not started by the job: a master and two workers, all processes of their own. */
@Tag("slow")
class StandaloneClusterTest {
    private static final Path JAR = Path.of("target", "hope-on-spark.jar").toAbsolutePath();
    private static final Path DEPLOY = Path.of("..", "cluster", "deploy").toAbsolutePath();
    private static final String HOST = "127.0.0.1";
    private static final Pattern MASTER = Pattern.compile("Starting Spark master at (spark://[\\d.:]+)");
    private static final Pattern REGISTERED = Pattern.compile("Successfully registered with master");

    @TempDir
    private Path folder;

    private final List<Process> cluster = new ArrayList<>();
    private String master = "";

    @BeforeEach
    void startMasterAndTwoWorkers() throws Exception {
        assertThat(JAR).as("the job jar, made by ./mvnw package").exists();
        cluster.add(start(
                "master", "org.apache.spark.deploy.master.Master", "--host", HOST, "--port", "0", "--webui-port", "0"));
        master = await("master", MASTER).group(1);
        for (String worker : List.of("worker-1", "worker-2")) {
            cluster.add(start(
                    worker,
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    HOST,
                    "--cores",
                    "1",
                    "--memory",
                    "1g",
                    "--webui-port",
                    "0",
                    "--work-dir",
                    folder.resolve(worker).toString(),
                    master));
        }
        await("worker-1", REGISTERED);
        await("worker-2", REGISTERED);
    }

    @AfterEach
    void endAllProcesses() throws InterruptedException {
        List<ProcessHandle> all = cluster.stream()
                .flatMap(process -> Stream.concat(Stream.of(process.toHandle()), process.descendants()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        for (Process process : cluster) {
            process.waitFor(20, TimeUnit.SECONDS);
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void theJobJarRunsOnExecutorsThatItFetchesItselfTo() throws Exception {
        Path text = Files.writeString(
                folder.resolve("text.txt"),
                IntStream.range(0, 500).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()));
        Path data = folder.resolve("data");

        assertThat(submit(
                        "prepare",
                        "--input=" + text,
                        "--output=" + data,
                        "--tokenizer=bytes",
                        "--set=lanes=4",
                        "--set=sequence-tokens=32",
                        "--set=align-tokens=16"))
                .as(() -> log("prepare"))
                .isZero();
        assertThat(data.resolve("manifest.json")).exists();
        assertThat(executorLogs()).as("executors of both workers").hasSize(2);

        assertThat(submit("verify-shards", data.toString()))
                .as(() -> log("verify-shards"))
                .isZero();
        assertThat(log("verify-shards")).contains("all well");

        Path config = Files.writeString(folder.resolve("tiny.yaml"), """
                model: {vocabulary-size: 257, width: 16, blocks: 1, head-width: 8, chunk-tokens: 16, context-tokens: 32}
                levels: [{period-steps: 1, continuum-hidden: 16}, {period-steps: 2, continuum-hidden: 16}]
                training: {steps: 5, batch-sequences: 4, micro-batch-sequences: 2, warmup-steps: 1}
                cluster: {workers: 2}
                """);
        Path run = folder.resolve("run");
        assertThat(submit("pretrain", "--config=" + config, "--data=" + data, "--run=" + run))
                .as(() -> log("pretrain"))
                .isZero();
        assertThat(run.resolve("checkpoints/step-00000005/manifest.json")).exists();
        assertThat(run.resolve("report.html")).exists();
        Path pages = Files.writeString(
                folder.resolve("wikitext2_test_pages.jsonl"), "{\"page\": \" = A page = \\n Some words . \\n\"}\n");

        assertThat(submit(
                        "evaluate",
                        "--checkpoints=" + run,
                        "--data=" + data,
                        "--tasks=wikitext",
                        "--task-data=" + pages.getParent(),
                        "--output=" + folder.resolve("evaluation")))
                .as(() -> log("evaluate"))
                .isZero();
        assertThat(folder.resolve("evaluation/results.md")).content().contains("word_perplexity");
    }

    @Test
    void aMistakeOfTheUserEndsWithExitCodeTwoAndOneLine() throws Exception {
        assertThat(submit("verify-shards", folder.resolve("nowhere").toString()))
                .as(() -> log("verify-shards"))
                .isEqualTo(2);
        assertThat(log("verify-shards")).contains("hope data verify: ", "nowhere holds no data set");
    }

    private int submit(String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "org.apache.spark.deploy.SparkSubmit",
                "--master=" + master,
                "--properties-file=" + DEPLOY.resolve("spark-defaults.conf"),
                "--conf=spark.ui.enabled=false",
                "--executor-memory=512m",
                "--class=org.hopespark.cli.Main",
                JAR.toString()));
        arguments.addAll(List.of(command));
        Process driver = start(command[0], arguments.toArray(String[]::new));
        cluster.add(driver);
        assertThat(driver.waitFor(3, TimeUnit.MINUTES))
                .as("%s ends", command[0])
                .isTrue();
        return driver.exitValue();
    }

    private Process start(String log, String... arguments) throws IOException {
        List<String> line =
                new ArrayList<>(List.of(DEPLOY.resolve("bin/spark-class").toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(logFile(log));
        builder.environment().put("SPARK_LOCAL_IP", HOST);
        builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
        return builder.start();
    }

    private File logFile(String name) {
        return folder.resolve(name + ".log").toFile();
    }

    private String log(String name) {
        try {
            return Files.readString(logFile(name).toPath());
        } catch (IOException e) {
            return e.toString();
        }
    }

    private Matcher await(String log, Pattern line) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < deadline) {
            Matcher matcher = line.matcher(log(log));
            if (matcher.find()) {
                return matcher;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("no '" + line + "' in the log of " + log + ":\n" + log(log));
    }

    private List<Path> executorLogs() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("stderr")).toList();
        }
    }
}
