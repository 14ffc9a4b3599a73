package org.hopespark.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.source.Document;
import org.hopespark.jobs.corpus.CorpusJob;

/** The steps that look for duplicates, as Spark runs them on one core: from Parquet to Parquet. */
final class DuplicateFigures {
    private static final double MINHASH_GOAL = 1.5;

    private DuplicateFigures() {}

    static List<Figure> of(List<Document> pages, Path scratch) throws IOException {
        Path lines = scratch.resolve("duplicates.jsonl");
        DocumentFiles.jsonLines(pages, lines);
        List<Figure> figures = new ArrayList<>();
        double megabytes = Sample.megabytes(pages);
        try (SparkSession session = SparkSession.builder()
                .appName("hope bench data")
                .master("local[1]")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            figures.add(new Figure(
                    "exact-duplicates, end to end",
                    megabytes / seconds(session, lines, scratch, "exact-duplicates"),
                    Figure.MB_PER_SECOND));
            figures.add(new Figure(
                    "near-duplicates (MinHash), end to end",
                    megabytes / seconds(session, lines, scratch, "near-duplicates"),
                    Figure.MB_PER_SECOND,
                    MINHASH_GOAL));
        }
        return figures;
    }

    private static double seconds(SparkSession session, Path lines, Path scratch, String step) {
        int[] round = new int[1];
        return Rounds.seconds(() -> {
            Path output = scratch.resolve(step + "-" + round[0]++);
            CorpusConfig config = CorpusConfig.of(Settings.parse(
                    step, "{inputs: [{path: '" + lines + "'}], output: '" + output + "', steps: [" + step + "]}"));
            new CorpusJob(session, config, new PrintStream(OutputStream.nullOutputStream())).run();
        });
    }
}
