package org.hopespark.jobs.pretrain;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pretrain}: trains a model on a prepared data set. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        description = "Trains Hope on a prepared data set. The same command on the same folder resumes.")
public final class PretrainCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE|NAME",
            description = "A YAML file, the name of one in the jar (quickstart, pretrain-20m), or a preset (hope-20m).")
    private String config = "";

    @Option(names = "--data", required = true, paramLabel = "FOLDER", description = "What 'prepare' wrote.")
    private String data = "";

    @Option(
            names = "--run",
            required = true,
            paramLabel = "FOLDER",
            description = "Where checkpoints, metrics and the report go.")
    private String run = "";

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
        RunConfig read = RunConfig.read(config, overrides);
        RunConfig resolved = init.isEmpty() ? read : read.withInit(init);
        PretrainJob job = new PretrainJob(
                SparkSessions.forGang("hope pretrain", resolved.cluster()), resolved, data, run, System.out);
        if (acceptChanges) {
            job.acceptChanges();
        }
        job.run();
        return 0;
    }
}
