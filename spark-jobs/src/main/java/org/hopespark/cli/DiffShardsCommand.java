package org.hopespark.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.ManifestDifference;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code data diff}: compares two data sets. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = "Compares two data sets: settings, input files, removed documents, counts. Ends with 0 if they"
                + " are the same, with 3 if not.")
public final class DiffShardsCommand implements Callable<Integer> {
    private static final int DIFFERENT = 3;

    @Parameters(index = "0", paramLabel = "BEFORE", description = "Folder of a data set.")
    private String before = "";

    @Parameters(index = "1", paramLabel = "AFTER", description = "Folder of another one.")
    private String after = "";

    @Override
    public Integer call() {
        Storage storage = new Storage(SparkSessions.hadoop());
        DataSet old = DataSet.open(before, storage);
        DataSet now = DataSet.open(after, storage);
        List<String> lines = ManifestDifference.between(old.manifest(), now.manifest());
        lines.forEach(System.out::println);
        System.out.println(old.sha256().equals(now.sha256()) ? "the same data set, " + now.sha256() : "different");
        return old.sha256().equals(now.sha256()) ? 0 : DIFFERENT;
    }
}
