package org.hopespark.jobs.prepare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.ShardStatistics;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.jobs.progress.StageProgress;
import org.hopespark.jobs.report.DataSetReport;

/** A page on what a data set holds. */
public final class DataSetPage {
    private static final int EXAMPLES = 20;

    private DataSetPage() {}

    /**
     * Reads all shards and writes the page.
     *
     * @param folder the data set
     * @param place of the page
     */
    public static void write(SparkSession session, String folder, String place, PrintStream out) {
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
