package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.EvaluateCommand;
import org.hopespark.jobs.storage.Blackout;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Results on a disk that loses its power while they are found and written. */
class EvaluateBlackoutTest {
    private static final String QUESTIONS = """
            {"query": "q", "choices": ["xx", "aa"], "gold": 1}
            {"query": "q", "choices": ["bb", "aaaa"], "gold": 0}
            """;

    @TempDir
    private Path folder;

    /** A command for each of some fifty disks. */
    @Test
    @Tag("slow")
    void resultsAreTheSameAndStay() throws IOException {
        Path root = Files.createDirectory(folder.resolve("disk"));
        Path checkpoint = Files.createDirectories(folder.resolve("run/checkpoints/step-3"));
        Files.writeString(checkpoint.resolve("manifest.json"), "aaaa");
        Files.createDirectories(folder.resolve("calls"));
        Files.createDirectories(folder.resolve("tasks"));
        Files.writeString(folder.resolve("tasks/hellaswag_val.jsonl"), QUESTIONS);
        SparkSession.Builder builder = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1");
        Blackout.spark(root).forEach(builder::config);
        try (SparkSession spark = builder.getOrCreate()) {
            spark.sparkContext().setLogLevel("OFF");
            // the table says how long a cell took
            Blackout blackout = new Blackout(
                            root,
                            path -> path.startsWith("/out/results.md")
                                    || path.startsWith("/out/results.json")
                                    || path.startsWith("/out/evaluation.html"))
                    .keeps(path -> path.startsWith("/out/"));
            blackout.afterEveryChange(() -> {
                assertThat(evaluate(spark, Blackout.place(root.resolve("out")))).isZero();
                assertThat(spark.read()
                                .parquet(Blackout.place(root.resolve("out/results.parquet")))
                                .count())
                        .isEqualTo(2);
            });
            assertThat(blackout.disksTried()).isGreaterThan(20);
        }
    }

    private int evaluate(SparkSession spark, String output) {
        return new CommandLine(new EvaluateCommand(
                        name -> spark, new UnigramRunner(folder.resolve("calls").toString())))
                .setOut(new PrintWriter(new StringWriter()))
                .execute(
                        "--checkpoints",
                        folder.resolve("run").toString(),
                        "--task-data",
                        folder.resolve("tasks").toString(),
                        "--tasks",
                        "hellaswag",
                        "--output",
                        output);
    }
}
