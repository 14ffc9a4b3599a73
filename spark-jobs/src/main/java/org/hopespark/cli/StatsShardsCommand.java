package org.hopespark.cli;

import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.prepare.DataSetPage;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code data stats}: a page on what a data set holds. */
@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description =
                "Reads a data set and writes a page with plots: lengths of documents, sources, what was left out and"
                        + " why, frequent ids, lanes, snapshots.")
public final class StatsShardsCommand implements Callable<Integer> {
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
        SparkSession session = SparkSessions.ordinary("hope data stats " + folder);
        String place = output.isEmpty() ? folder.replaceFirst("@[0-9]+$", "") + "/stats.html" : output;
        DataSetPage.write(session, folder, place, System.out);
        return 0;
    }
}
