package org.hopespark.jobs.prepare;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.source.InputFile;

/** Data sets that the job makes of a small corpus in the folder of a test, and what it says meanwhile. */
final class PrepareRuns implements AutoCloseable {
    private final Path folder;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    private SparkSession spark = session("local[2]");

    PrepareRuns(Path folder) {
        this.folder = folder;
    }

    private static SparkSession session(String master) {
        SparkSession session = SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        session.sparkContext().setLogLevel("OFF");
        return session;
    }

    /** Lines of JSON, text files, and an archive of several megabytes, which is read in parts. */
    List<Map<String, Object>> corpus() throws IOException {
        Path corpus = folder.resolve("corpus");
        Files.createDirectories(corpus.resolve("notes"));
        Random random = new Random(1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + words(random, 1 + random.nextInt(100)) + "\"}");
        }
        Files.write(corpus.resolve("a.jsonl"), lines);
        for (int i = 0; i < 5; i++) {
            Files.writeString(corpus.resolve("notes/n" + i + ".txt"), words(random, 500));
        }
        Files.writeString(corpus.resolve("notes/empty.txt"), "");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(corpus.resolve("sources.jar")))) {
            for (int i = 0; i < 150; i++) {
                zip.putNextEntry(new ZipEntry("src/C" + i + ".java"));
                zip.write(words(random, 100 + random.nextInt(6000)).getBytes(StandardCharsets.UTF_8));
                zip.putNextEntry(new ZipEntry("src/C" + i + ".class"));
                byte[] noise = new byte[10_000];
                random.nextBytes(noise);
                zip.write(noise);
            }
        }
        return List.of(
                Map.of("path", corpus.resolve("a.jsonl").toString()),
                Map.of("path", corpus.resolve("notes").toString()),
                Map.of("path", corpus.resolve("sources.jar").toString(), "entries", "**/*.java"));
    }

    private static String words(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(Integer.toString(random.nextInt(2000), 36)).append(i % 12 == 11 ? "\\n" : " ");
        }
        return text.toString();
    }

    PrepareConfig config(String output, List<Map<String, Object>> inputs, String... overrides) {
        return PrepareConfig.of(new Settings(
                        "test",
                        Map.of(
                                "inputs",
                                inputs,
                                "output",
                                folder.resolve(output).toString(),
                                "tokenizer",
                                "bytes",
                                "sequence-tokens",
                                128,
                                "lanes",
                                4,
                                "validation-fraction",
                                0.05))
                .with(List.of(overrides)));
    }

    Manifest run(PrepareConfig config) {
        printed.reset();
        return PrepareJob.run(spark, config, out);
    }

    /** With inputs that were listed before. */
    Manifest run(PrepareConfig config, List<InputFile> files) {
        return PrepareJob.run(spark, config, files, out);
    }

    List<InputFile> inputs(PrepareConfig config) {
        return PrepareJob.inputs(config, new Storage(new Configuration()), out);
    }

    /** Returns the number of problems. */
    int verify(PrepareConfig config) {
        return VerifyShardsJob.run(spark, config.output(), out);
    }

    String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    void restart(String master) {
        spark.stop();
        spark = session(master);
    }

    @Override
    public void close() {
        spark.stop();
    }
}
