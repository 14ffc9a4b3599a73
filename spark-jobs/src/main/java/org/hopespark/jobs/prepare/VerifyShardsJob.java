package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.data.DataSet;
import org.hopespark.data.DataSetFolder;
import org.hopespark.data.ShardVerifier;
import org.hopespark.data.Storage;

/** Reads a whole data set and compares it with its manifest, one task a shard. */
public final class VerifyShardsJob {
    private VerifyShardsJob() {}

    /** Prints the problems and returns how many there are. */
    public static int run(SparkSession session, String folder, PrintStream out) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        DataSet dataSet = DataSet.open(folder, storage);
        List<String> problems = new ArrayList<>(dataSet.verifySegments());
        List<ShardOf> shards = new ArrayList<>();
        for (DataSetFolder segment : dataSet.segments()) {
            ShardVerifier verifier = new ShardVerifier(segment);
            problems.addAll(verifier.verifyManifest());
            IntStream.range(0, verifier.shards()).forEach(shard -> shards.add(new ShardOf(verifier, shard)));
        }
        try (StageProgress progress = new StageProgress(spark, out)) {
            progress.name("verify shards");
            problems.addAll(spark.parallelize(shards, shards.size())
                    .flatMap(shard -> shard.problems().iterator())
                    .collect());
        }
        problems.forEach(problem -> out.println("problem: " + problem));
        out.printf(
                "%d shards, %,d rows, manifest %s: %s%n",
                shards.size(),
                dataSet.manifest().training().rows()
                        + dataSet.manifest().validation().rows(),
                dataSet.sha256(),
                problems.isEmpty() ? "all well" : problems.size() + " problems");
        return problems.size();
    }

    private record ShardOf(ShardVerifier verifier, int shard) implements Serializable {
        List<String> problems() {
            return verifier.verifyShard(shard);
        }
    }
}
