package org.hopespark.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.plan.Quantity;
import org.hopespark.jobs.pretrain.FittedSettings;
import org.hopespark.jobs.pretrain.PretrainJob;
import org.hopespark.jobs.pretrain.SpeedTrial;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.jobs.spark.SparkSessions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pretrain}: trains a model on a prepared data set. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        description = "Trains Hope on a prepared data set. The same command on the same folder resumes.")
public final class PretrainCommand implements Callable<Integer> {
    @Option(
            names = {"--config", "--model"},
            required = true,
            paramLabel = "FILE|NAME",
            description = "A preset (hope-20m), a YAML file, or the name of one in the jar (quickstart, pretrain-20m)."
                    + " Vocabulary, context and, where there are few rows, the batch are those of the data set,"
                    + " unless a file says otherwise.")
    private String config = "";

    @Option(names = "--data", required = true, paramLabel = "FOLDER", description = "What 'prepare' wrote.")
    private String data = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "FOLDER",
            description = "Where checkpoints, metrics and the report go.")
    private String run = "";

    @ArgGroup
    private @Nullable Budget budget;

    /** How long to train; the steps of the configuration where neither is given. */
    static final class Budget {
        @Option(
                names = "--tokens",
                paramLabel = "N",
                description = "Trains on this many tokens, such as 20M or 1.5B: sets the steps, and where the"
                        + " configuration does not say them, warm-up and ten evaluations on held-out rows.")
        private String tokens = "";

        @Option(
                names = "--hours",
                paramLabel = "H",
                description = "The same for about so many hours: some steps are timed first. A run that has begun"
                        + " keeps its number of steps.")
        private double hours;
    }

    @Option(
            names = "--init",
            paramLabel = "FOLDER",
            description = "Starts a new run from the parameters that 'export' wrote, instead of random ones: those of"
                    + " the same model, or, for model.continuum=independent, of one with a single level, whose MLPs"
                    + " are then split over the levels.")
    private String init = "";

    @Option(
            names = "--accept-changes",
            description = "Resumes with settings on which the loss depends and that are not those of the checkpoint,"
                    + " such as another learning rate or a longer schedule.")
    private boolean acceptChanges;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a setting, for example training.steps=200. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkSessions.hadoop();
        DataSet dataSet = DataSet.open(data, new Storage(hadoop));
        FittedSettings settings = new FittedSettings(UserFiles.config(config), overrides, dataSet);
        RunConfig unbounded = settings.unbounded();
        PretrainJob.requireFit(unbounded, dataSet, data);
        Optional<RunConfig> known = withoutTiming(settings, unbounded, new TextFiles(hadoop));
        SparkSession spark = SparkSessions.forGang("hope pretrain " + run, unbounded.cluster());
        RunConfig resolved = known.isPresent() ? known.get() : forHours(settings, unbounded, spark);
        PretrainJob job =
                new PretrainJob(spark, init.isEmpty() ? resolved : resolved.withInit(init), data, run, System.out);
        if (acceptChanges) {
            job.acceptChanges();
        }
        job.run();
        return 0;
    }

    /** The configuration, unless a step has to be timed for it. */
    private Optional<RunConfig> withoutTiming(FittedSettings settings, RunConfig unbounded, TextFiles files)
            throws IOException {
        if (budget == null) {
            return Optional.of(unbounded);
        }
        if (!budget.tokens.isEmpty()) {
            return Optional.of(settings.forTokens(Quantity.count("--tokens", budget.tokens)));
        }
        if (!(budget.hours > 0)) {
            throw new UserException("--hours must be > 0, got " + budget.hours);
        }
        Path begun = new Path(RunFolder.config(run));
        if (!files.exists(begun)) {
            return Optional.empty();
        }
        RunConfig before = RunConfig.parse(begun.toString(), files.read(begun));
        return Optional.of(settings.forSteps(before.training().steps()));
    }

    private RunConfig forHours(FittedSettings settings, RunConfig unbounded, SparkSession spark) throws IOException {
        double hours = Objects.requireNonNull(budget).hours;
        System.out.println("timing some steps for --hours " + hours + " ...");
        double seconds = SpeedTrial.secondsPerStep(spark, unbounded, data, run);
        long steps = Math.max(1, Math.round(hours * 3600 / seconds));
        System.out.printf(Locale.ROOT, "a step takes %.2f s: %,d steps%n", seconds, steps);
        return settings.forSteps(steps);
    }
}
