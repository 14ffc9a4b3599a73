package org.hopespark.cli;

import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.prepare.VerifyShardsJob;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code data verify}: is the data set what its manifest says? */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Reads a data set from end to end and compares every shard with the manifest: length, SHA-256, page and"
                    + " token checksums, rows, documents, ids within the vocabulary, document starts, sums.",
            "",
            "Each problem names the file and what to do. 'data repair' rebuilds damaged shards.",
            ""
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:everything is as the manifest says", "1:there are problems"})
public final class VerifyShardsCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            description = "The data set: the folder that holds manifest.json; FOLDER@2 for its snapshot 2.")
    private String folder = "";

    @Override
    public Integer call() {
        SparkSession session = SparkSessions.ordinary("hope data verify " + folder);
        return VerifyShardsJob.run(session, folder, System.out) == 0 ? 0 : 1;
    }
}
