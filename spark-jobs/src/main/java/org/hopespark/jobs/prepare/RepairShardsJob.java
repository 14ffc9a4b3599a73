package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.SparkSession;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Shard;
import org.hopespark.jobs.schedule.Outcome;

/** Finds damaged shards and rebuilds them, and only them, from the inputs. */
public final class RepairShardsJob {
    private RepairShardsJob() {}

    /**
     * Repairs a state of a data set.
     *
     * @throws org.hopespark.conf.UserException if a manifest is damaged, or the inputs are not what they were
     * @throws IllegalStateException if what was rebuilt is not what was there
     */
    public static Outcome run(SparkSession session, String folder, PrintStream out) {
        DataSet dataSet =
                DataSet.open(folder, new Storage(session.sparkContext().hadoopConfiguration()));
        VerifyShardsJob.Problems before = VerifyShardsJob.problems(session, dataSet, out);
        before.print(out);
        if (!before.ofManifests().isEmpty()) {
            throw new IllegalStateException(
                    "only shards can be repaired: " + before.ofManifests().get(0));
        }
        if (before.shards().isEmpty()) {
            out.println("nothing to repair: " + folder + " is what its manifest says");
            return Outcome.NOTHING_TO_DO;
        }
        for (DataSetFolder segment : dataSet.segments()) {
            Set<Integer> lanes = new TreeSet<>();
            List<String> names = new ArrayList<>();
            for (VerifyShardsJob.ShardOf shard : before.shards()) {
                if (shard.segment().equals(segment.uri())) {
                    Shard damaged = segment.manifest().shards().get(shard.lane());
                    lanes.add(damaged.lane());
                    names.add(damaged.path());
                }
            }
            if (!lanes.isEmpty()) {
                out.printf("repairing %d lanes of %s: %s%n", lanes.size(), segment.uri(), String.join(", ", names));
                PrepareJob.remake(session, segment, lanes, out);
            }
        }
        VerifyShardsJob.Problems after = VerifyShardsJob.problems(session, dataSet, out);
        after.print(out);
        if (!after.isEmpty()) {
            throw new IllegalStateException("what was rebuilt is not what was there: another version of this program,"
                    + " or of Java, has made " + folder + "; make it again in another output");
        }
        out.printf(
                "repaired: %d shards are as before; the damaged files are in _work/damaged%n",
                before.shards().size());
        return Outcome.DONE;
    }
}
