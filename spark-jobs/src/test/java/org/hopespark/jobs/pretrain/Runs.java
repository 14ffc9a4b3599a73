package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.run.RunJson;

/** Small runs on a data set that is made for them, and what they leave behind. */
final class Runs {
    private Runs() {}

    /** Settings for executors in processes of their own, with a core each. */
    static Map<String, String> executors(int executors) {
        return Map.of(
                "spark.master", "local-cluster[" + executors + ",1,1024]",
                "spark.app.name", "test",
                "spark.ui.enabled", "false",
                "spark.driver.host", "127.0.0.1",
                "spark.executor.memory", "700m",
                "spark.executor.extraClassPath", System.getProperty("java.class.path"),
                "spark.executorEnv.OMP_NUM_THREADS", "1");
    }

    static SparkConf conf(int executors) {
        SparkConf conf = new SparkConf();
        executors(executors).forEach(conf::set);
        return conf;
    }

    static SparkSession start(SparkConf conf, RunConfig config) {
        return SparkSession.builder()
                .config(Gang.configure(conf, config.cluster()))
                .getOrCreate();
    }

    /** Prepares a data set of byte sequences of 64 in four lanes; returns its folder. */
    static String prepare(SparkSession spark, Path folder) throws IOException {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 4000; i++) {
            text.append("the level ").append(random.nextInt(100)).append(" is due, ");
        }
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        for (int i = 0; i < 8; i++) {
            Files.writeString(corpus.resolve(i + ".txt"), text.substring(i * 9000, i * 9000 + 9000 + 37 * i));
        }
        String data = folder.resolve("data").toString();
        String yaml = "inputs: [{path: '" + corpus + "', format: text}]\noutput: '" + data
                + "'\ntokenizer: bytes\nsequence-tokens: 64\nalign-tokens: 16\nlanes: 4\nvalidation-fraction: 0.3\n";
        PrepareJob.run(spark, PrepareConfig.of(Settings.parse("test", yaml)), quiet());
        return data;
    }

    /** The lines of a type in a run's metrics. */
    static List<JsonNode> lines(Path run, String type) {
        try {
            Path file = run.resolve("metrics.jsonl");
            if (!Files.exists(file)) {
                return List.of();
            }
            String text = Files.readString(file);
            return text.substring(0, text.lastIndexOf('\n') + 1)
                    .lines()
                    .map(Runs::parse)
                    .filter(line -> line.path("type").asText().equals(type))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parse(String line) {
        try {
            return RunJson.MAPPER.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for a step of a run that {@code training} does; fails if that ends before. */
    static void awaitStep(Path run, long step, Future<?> training) throws InterruptedException, ExecutionException {
        boolean goesOn = true;
        while (lines(run, "step").stream().noneMatch(line -> line.path("step").asLong() >= step)) {
            if (!goesOn) {
                training.get();
                throw new AssertionError("the run ended before step " + step);
            }
            goesOn = !training.isDone();
            Thread.sleep(20);
        }
    }

    /** SHA-256 of every part of a checkpoint, by section and rank: parameters, optimizer and windows. */
    static Map<String, String> parts(Path run, long step) throws IOException {
        Path manifest = run.resolve(String.format("checkpoints/step-%08d/manifest.json", step));
        Map<String, String> digests = new TreeMap<>();
        for (JsonNode part : parse(Files.readString(manifest)).path("parts")) {
            digests.put(
                    part.path("section").asText() + " of rank "
                            + part.path("rank").asInt(),
                    part.path("sha256").asText());
        }
        return digests;
    }

    /** A file of a published checkpoint. */
    static Path part(Path run, long step, String name) throws IOException {
        Path folder = run.resolve(String.format("checkpoints/step-%08d", step));
        String attempt = parse(Files.readString(folder.resolve("manifest.json")))
                .path("attempt")
                .asText();
        return folder.resolve(attempt).resolve(name);
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    static PrintStream quiet() {
        return new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    }
}
