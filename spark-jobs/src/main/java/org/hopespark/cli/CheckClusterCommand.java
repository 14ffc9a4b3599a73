package org.hopespark.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.SparkConf;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.check.Bounded;
import org.hopespark.jobs.check.Check;
import org.hopespark.jobs.check.ClusterCheck;
import org.hopespark.jobs.check.SharedFiles;
import org.hopespark.jobs.pretrain.FittedSettings;
import org.hopespark.jobs.pretrain.PretrainJob;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code check cluster}: exit code 1 if a run with these settings cannot work. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description =
                "Says whether 'pretrain' with the same options can work on this cluster: room, memory, GPUs, files,"
                        + " clocks, code, libtorch, protection, network. Trains nothing, and reports all problems, each with the"
                        + " setting to change. Ends with 1 if something failed.")
public final class CheckClusterCommand implements Callable<Integer> {
    /** The first file that a process reads takes longer than others. */
    private static final Bounded FILES = new Bounded(Duration.ofSeconds(30));

    private static final Logger LOG = LogManager.getLogger(CheckClusterCommand.class);

    @Option(
            names = {"--config", "--model"},
            required = true,
            paramLabel = "FILE|NAME",
            description = "As of 'pretrain'.")
    private String config = "";

    @Option(names = "--data", required = true, paramLabel = "FOLDER", description = "What 'prepare' wrote.")
    private String data = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "FOLDER",
            description = "Where checkpoints and metrics would go. Is left as it was.")
    private String run = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same as JSON, too.")
    private String json = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a setting, for example cluster.workers=8. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final SparkConf conf;

    CheckClusterCommand() {
        this(new SparkConf());
    }

    /** With these settings of Spark. */
    public CheckClusterCommand(SparkConf conf) {
        this.conf = conf;
    }

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkSessions.hadoop();
        String place = UserFiles.config(config);
        List<String> dataProblems = new ArrayList<>();
        Optional<DataSet> dataSet = open(hadoop, dataProblems);
        RunConfig settings = dataSet.isPresent()
                ? new FittedSettings(place, overrides, dataSet.get()).unbounded()
                : RunConfig.read(place, overrides);
        dataSet.ifPresent(found -> PretrainJob.requireFit(settings, found, data));
        List<Check> checks = ClusterCheck.all(
                conf,
                settings.withInit(init(settings, hadoop)),
                SharedFiles.qualified(data, hadoop),
                dataSet.map(DataSet::sha256).orElse(""),
                SharedFiles.qualified(run, hadoop),
                dataProblems);
        return new CheckList(checks, "a run can start", "a run cannot work")
                .print(spec.commandLine().getOut(), json);
    }

    /** What the workers would read; a run that has saved does not read it again. */
    private String init(RunConfig settings, Configuration hadoop) {
        if (settings.init().isEmpty()) {
            return "";
        }
        try {
            CheckpointStore saved = new CheckpointStore(RunFolder.checkpoints(run), hadoop);
            if (FILES.call(saved::newestValid).isPresent()) {
                return "";
            }
        } catch (IOException | UserException e) {
            LOG.debug("{} shows no checkpoint", run, e); // what is wrong with the folder the checks say
        }
        return SharedFiles.qualified(settings.init(), hadoop);
    }

    private Optional<DataSet> open(Configuration hadoop, List<String> problems) {
        try {
            return Optional.of(FILES.call(() -> DataSet.open(data, new Storage(hadoop))));
        } catch (IOException | RuntimeException e) {
            problems.add("the driver cannot read data set " + data + ": " + e.getMessage() + "; look at --data, and at"
                    + " spark.hadoop.* or HADOOP_CONF_DIR");
            return Optional.empty();
        }
    }
}
