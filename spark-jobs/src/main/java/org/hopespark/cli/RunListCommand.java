package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.fs.Path;
import org.hopespark.jobs.report.PageServer;
import org.hopespark.jobs.report.RunList;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run list}: runs beside each other. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists all runs in some folders and writes a page on which any of them are compared: losses over"
                + " tokens and time, and the settings in which they differ.")
public final class RunListCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "FOLDER",
            description = "Folders of runs, or folders that hold some, up to three levels below.")
    private List<String> folders = new ArrayList<>();

    @Option(names = "--output", paramLabel = "FILE", description = "The page. Default: runs.html in the first folder.")
    private String output = "";

    @Option(
            names = "--serve",
            description =
                    "Also serves this page, those of the runs and their figures for Prometheus on 127.0.0.1, rebuilt at every request, until"
                            + " Ctrl-C. The address that is printed holds a secret.")
    private boolean serve;

    @Option(names = "--port", paramLabel = "N", description = "Port of '--serve'. Default: any free one.")
    private int port;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        TextFiles files = new TextFiles(SparkSessions.hadoop());
        RunList runs = RunList.read(folders, files);
        PrintWriter out = spec.commandLine().getOut();
        runs.lines().forEach(out::println);
        Path page = runs.write(output, files);
        out.println("page: " + page);
        if (serve) {
            try (PageServer server = new PageServer(folders, files, port)) {
                out.println("serving " + server.address() + " until Ctrl-C");
                out.flush();
                new CountDownLatch(1).await();
            }
        }
        return 0;
    }
}
