package org.hopespark.jobs.corpus;

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
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.jobs.schedule.ScheduledRun;

/** A small corpus through all kinds of steps and into lanes, on a disk that may fail. */
final class Pipeline {
    private static final PrintStream QUIET =
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);

    private Pipeline() {}

    /** In a process of its own: the folder, the output in it, the master. */
    public static void main(String[] arguments) {
        SparkSession spark = session(Path.of(arguments[0]), arguments[2]);
        System.out.println(run(spark, Path.of(arguments[0]), arguments[1]));
        spark.stop();
    }

    static SparkSession session(Path folder, String master) {
        SparkSession.Builder builder = SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.executor.memory", "700m")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        FailingDisk.settings(folder.resolve("faults")).forEach(builder::config);
        SparkSession session = builder.getOrCreate();
        session.sparkContext().setLogLevel("OFF");
        return session;
    }

    /** Three files with duplicates, near duplicates and a row that is none. */
    static void write(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("faults"));
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        Random random = new Random(1);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < 60; word++) {
                text.append(Integer.toString(random.nextInt(5000), 36)).append(' ');
            }
            texts.add(text.toString());
        }
        write(corpus.resolve("a.jsonl"), texts, "");
        write(corpus.resolve("b.jsonl"), texts.subList(0, 10), "");
        write(corpus.resolve("c.jsonl"), texts.subList(10, 20), "at last");
        Files.writeString(corpus.resolve("d.jsonl"), "nope\n");
    }

    private static void write(Path file, List<String> texts, String end) throws IOException {
        Files.write(
                file,
                texts.stream().map(text -> "{\"text\": \"" + text + end + "\"}").toList());
    }

    /** Runs what is not finished; returns the hash of the manifest. */
    static String run(SparkSession spark, Path folder, String output) {
        String place = "failing:" + folder.resolve(output);
        CorpusConfig steps = CorpusConfig.of(Settings.parse(
                "test",
                "{inputs: [{path: '" + folder.resolve("corpus") + "'}], output: '" + place + "/steps', steps: [{filter:"
                        + " {stages: [normalise]}}, exact-duplicates, near-duplicates, {mixture: {weights: [{source: '**/c*',"
                        + " weight: 2}]}}]}"));
        ScheduledRun.of(
                spark,
                "corpus",
                steps.output(),
                () -> new CorpusJob(spark, steps, QUIET).run().outcome());
        PrepareConfig packing = PrepareConfig.of(new Settings(
                "test",
                Map.of(
                        "inputs",
                        List.of(Map.of("path", place + "/steps/4-mixture/kept")),
                        "output",
                        place + "/data",
                        "tokenizer",
                        "bytes",
                        "sequence-tokens",
                        128,
                        "lanes",
                        2)));
        List<String> hash = new ArrayList<>();
        ScheduledRun.of(spark, "prepare", packing.output(), () -> {
            hash.add(PrepareJob.run(spark, packing, QUIET).sha256());
            return Outcome.DONE;
        });
        return hash.get(0);
    }
}
