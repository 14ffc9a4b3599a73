package org.hopespark.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.report.RunReport;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code report}: the page of a run, finished or not. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes report.html into a run's folder, from its metrics.jsonl and config.yaml.")
public final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN_FOLDER", description = "The run's folder.")
    private String runFolder = "";

    @Option(
            names = "--evaluation",
            paramLabel = "FILE",
            description = "A results.json of evaluate. Default: evaluation/results.json in the run's folder, if there.")
    private String evaluation = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Path folder = new Path(runFolder);
        TextFiles files = new TextFiles(SparkSessions.hadoop());
        if (!evaluation.isEmpty() && !files.exists(new Path(evaluation))) {
            throw new UserException("no such file: " + evaluation + "; name the results.json that evaluate wrote");
        }
        Path page = evaluation.isEmpty()
                ? RunReport.write(folder, files)
                : RunReport.write(folder, new Path(evaluation), files);
        spec.commandLine().getOut().println("report: " + page);
        return 0;
    }
}
