package org.hopespark.cli;

import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.prepare.RepairShardsJob;
import org.hopespark.jobs.schedule.ScheduledRun;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code data repair}: rebuilds damaged lanes. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description = {
            "Verifies a data set and rebuilds damaged or missing shards, and only those, from the inputs, which must"
                    + " be where and what they were. What was damaged is kept in _work/damaged.",
            ""
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:everything is as the manifest says, now or before",
            "1:something cannot be repaired",
            "2:the inputs are not what they were"
        })
public final class RepairShardsCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            description = "The data set: the folder that holds manifest.json; FOLDER@2 for its snapshot 2.")
    private String folder = "";

    @Override
    public Integer call() {
        SparkSession session = SparkSessions.ordinary("hope data repair " + folder);
        ScheduledRun.of(
                session,
                "repair-shards",
                folder.replaceFirst("@[0-9]+$", ""),
                () -> RepairShardsJob.run(session, folder, System.out));
        return 0;
    }
}
