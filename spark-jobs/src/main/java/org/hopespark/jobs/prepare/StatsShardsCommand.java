package org.hopespark.jobs.prepare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.data.DataSet;
import org.hopespark.data.DataSetFolder;
import org.hopespark.data.ShardStatistics;
import org.hopespark.data.Storage;
import org.hopespark.data.Tokenizer;
import org.hopespark.jobs.SparkSessions;
import org.hopespark.jobs.report.DataSetReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code stats-shards}: a page on what a data set holds. */
@Command(
        name = "stats-shards",
        mixinStandardHelpOptions = true,
        description =
                "Reads a data set and writes a page with plots: lengths of documents, sources, what was left out and"
                        + " why, frequent ids, lanes, snapshots.")
public final class StatsShardsCommand implements Callable<Integer> {
    private static final int EXAMPLES = 20;

    @Parameters(
            paramLabel = "FOLDER",
            description = "The data set: the folder that holds manifest.json; FOLDER@2 for its snapshot 2.")
    private String folder = "";

    @Option(
            names = "--output",
            paramLabel = "FILE",
            defaultValue = "",
            description = "Where the page goes. Default: stats.html in the folder.")
    private String output = "";

    @Override
    public Integer call() {
        SparkSession session = SparkSessions.ordinary("stats-shards");
        String place = output.isEmpty() ? folder.replaceFirst("@[0-9]+$", "") + "/stats.html" : output;
        write(session, folder, place, System.out);
        return 0;
    }

    static void write(SparkSession session, String folder, String place, PrintStream out) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        DataSet dataSet = DataSet.open(folder, storage);
        List<VerifyShardsJob.ShardOf> shards = VerifyShardsJob.shards(dataSet);
        ShardStatistics statistics;
        try (StageProgress progress = new StageProgress(spark, out)) {
            progress.name("read shards");
            statistics = spark
                    .parallelize(shards, shards.size())
                    .map(shard -> ShardStatistics.of(new DataSetFolder(shard.segment(), storage), shard.lane()))
                    .collect()
                    .stream()
                    .reduce(ShardStatistics.NONE, ShardStatistics::plus);
        }
        try (Tokenizer tokenizer = dataSet.tokenizer()) {
            String page =
                    DataSetReport.html("Data set " + folder, dataSet, statistics, bad(session, dataSet), tokenizer);
            storage.publish(place, page.getBytes(StandardCharsets.UTF_8));
        }
        out.println("page: " + place);
    }

    private static List<String> bad(SparkSession session, DataSet dataSet) {
        List<String> lines = new ArrayList<>();
        for (DataSetFolder segment : dataSet.segments()) {
            Path file = new Path(segment.badRows());
            try {
                var files = file.getFileSystem(session.sparkContext().hadoopConfiguration());
                if (files.exists(file)) {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(files.open(file), StandardCharsets.UTF_8))) {
                        reader.lines().limit(EXAMPLES - lines.size()).forEach(lines::add);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return lines;
    }
}
