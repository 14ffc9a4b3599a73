package org.hopespark.jobs.pretrain;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.DataSet;
import org.hopespark.data.Storage;
import org.hopespark.jobs.SparkSessions;
import org.hopespark.jobs.evaluate.TextFiles;
import org.hopespark.jobs.plan.Quantity;
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
        FittedSettings settings = new FittedSettings(config, overrides, dataSet);
        PretrainJob.requireFit(settings.unbounded(), dataSet, data);
        RunConfig resolved = resolve(settings, new TextFiles(hadoop));
        if (!init.isEmpty()) {
            resolved = resolved.withInit(init);
        }
        PretrainJob job = new PretrainJob(
                SparkSessions.forGang("hope pretrain", resolved.cluster()), resolved, data, run, System.out);
        if (acceptChanges) {
            job.acceptChanges();
        }
        job.run();
        return 0;
    }

    private RunConfig resolve(FittedSettings settings, TextFiles files) throws IOException {
        if (budget == null) {
            return settings.unbounded();
        }
        if (!budget.tokens.isEmpty()) {
            return settings.forTokens(Quantity.count("--tokens", budget.tokens));
        }
        if (!(budget.hours > 0)) {
            throw new ConfigException("--hours must be > 0, got " + budget.hours);
        }
        Path begun = new Path(RunFolder.config(run));
        if (files.exists(begun)) {
            return settings.forSteps(RunConfig.parse(begun.toString(), files.read(begun))
                    .training()
                    .steps());
        }
        RunConfig any = settings.unbounded();
        SparkSession spark = SparkSessions.forGang("hope pretrain", any.cluster());
        System.out.println("timing some steps for --hours " + budget.hours + " ...");
        double seconds = SpeedTrial.secondsPerStep(spark, any, data, run);
        long steps = Math.max(1, Math.round(budget.hours * 3600 / seconds));
        System.out.printf(Locale.ROOT, "a step takes %.2f s: %,d steps%n", seconds, steps);
        return settings.forSteps(steps);
    }
}
