package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.ShardVerifier;
import org.hopespark.jobs.progress.StageProgress;

/** Reads a whole data set and compares it with its manifest, one task a shard. */
public final class VerifyShardsJob {
    private VerifyShardsJob() {}

    /** Prints the problems and returns how many there are. */
    public static int run(SparkSession session, String folder, PrintStream out) {
        DataSet dataSet =
                DataSet.open(folder, new Storage(session.sparkContext().hadoopConfiguration()));
        Problems problems = problems(session, dataSet, out);
        problems.print(out);
        out.printf(
                "%d shards, %,d rows, manifest %s: %s%n",
                dataSet.manifest().shards().size(),
                dataSet.manifest().training().rows()
                        + dataSet.manifest().validation().rows(),
                dataSet.sha256(),
                problems.isEmpty() ? "all well" : problems.count() + " problems");
        return problems.count();
    }

    /** A shard, by the folder of its segment and its place there. */
    public record ShardOf(String segment, int lane) implements Serializable {}

    /**
     * What is wrong with a data set.
     *
     * @param ofManifests what the manifests say of each other
     * @param shards the damaged ones
     * @param ofShards what is wrong with them
     */
    record Problems(List<String> ofManifests, List<ShardOf> shards, List<String> ofShards) {
        boolean isEmpty() {
            return count() == 0;
        }

        int count() {
            return ofManifests.size() + ofShards.size();
        }

        void print(PrintStream out) {
            ofManifests.forEach(problem -> out.println("problem: " + problem));
            ofShards.forEach(problem -> out.println("problem: " + problem));
        }
    }

    private record Verified(ShardOf shard, List<String> problems) implements Serializable {}

    /** All shards of a data set. */
    public static List<ShardOf> shards(DataSet dataSet) {
        List<ShardOf> shards = new ArrayList<>();
        for (DataSetFolder segment : dataSet.segments()) {
            for (int lane = 0; lane < segment.manifest().shards().size(); lane++) {
                shards.add(new ShardOf(segment.uri(), lane));
            }
        }
        return shards;
    }

    static Problems problems(SparkSession session, DataSet dataSet, PrintStream out) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        List<String> ofManifests = new ArrayList<>(dataSet.verifySegments());
        dataSet.segments().forEach(segment -> ofManifests.addAll(new ShardVerifier(segment).verifyManifest()));
        List<ShardOf> shards = shards(dataSet);
        List<ShardOf> damaged = new ArrayList<>();
        List<String> ofShards = new ArrayList<>();
        try (StageProgress progress = new StageProgress(spark, out)) {
            progress.name("verify shards");
            spark.parallelize(shards, shards.size())
                    .map(shard -> new Verified(
                            shard,
                            new ArrayList<>(new ShardVerifier(new DataSetFolder(shard.segment, storage))
                                    .verifyShard(shard.lane))))
                    .filter(verified -> !verified.problems.isEmpty())
                    .collect()
                    .forEach(verified -> {
                        damaged.add(verified.shard);
                        ofShards.addAll(verified.problems);
                    });
        }
        return new Problems(ofManifests, damaged, ofShards);
    }
}
