package org.hopespark.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.evaluate.EvaluateJob;
import org.hopespark.jobs.evaluate.EvaluateJob.RequestedTask;
import org.hopespark.jobs.evaluate.EvaluatedModel;
import org.hopespark.jobs.evaluate.Fingerprint;
import org.hopespark.jobs.evaluate.TrainAndScoreRunner;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.synthetic.SyntheticTask;
import org.hopespark.model.eval.synthetic.SyntheticTasks;
import org.hopespark.model.eval.synthetic.TrainSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code train-and-score}: small models, each trained for a synthetic task from scratch. */
@Command(
        name = "train-and-score",
        mixinStandardHelpOptions = true,
        description = {
            "Trains every model for every synthetic task from scratch and scores it; finished cells are skipped.",
            "",
            "Suites: formal (parity, aa, abab, an_bn, an_bn_cn, shuffle_2), state (parity_last, modular_arithmetic,"
                    + " s5@16, a5@16, z60@16), mqar, mad, and synthetic: each of their tasks once. A task may have settings, as in s5@32, mqar@vocab=512,"
                    + " mad_fuzzy_recall@train=800."
        })
public final class TrainAndScoreCommand implements Callable<Integer> {
    private final Function<String, SparkSession> spark;

    @Option(
            names = "--models",
            required = true,
            split = ",",
            paramLabel = "PRESET|CONFIG",
            description =
                    "Models, comma-separated; all-nano, all-20m, all-340m for all presets of a size. Vocabulary and"
                            + " context follow from the task.")
    private List<String> models = new ArrayList<>();

    @Option(names = "--task", paramLabel = "TASK", description = "A task; repeatable.")
    private List<String> tasks = new ArrayList<>();

    @Option(names = "--suite", split = ",", paramLabel = "SUITE", description = "Groups of tasks, comma-separated.")
    private List<String> suites = new ArrayList<>();

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Where results go.")
    private String output = "";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Times that the examples are gone through. Default: ${DEFAULT-VALUE}.")
    private int epochs = TrainSettings.DEFAULT.epochs();

    @Option(
            names = "--max-steps",
            paramLabel = "N",
            description = "Steps at most, 0 for no limit. Default: ${DEFAULT-VALUE}.")
    private long maxSteps = TrainSettings.DEFAULT.maxSteps();

    @Option(
            names = "--batch-sequences",
            paramLabel = "N",
            description = "Sequences of a batch. Default: ${DEFAULT-VALUE}.")
    private int batchSequences = TrainSettings.DEFAULT.batchSequences();

    @Option(
            names = "--learning-rates",
            split = ",",
            paramLabel = "RATE",
            description = "Each is one run; the one with the best validation counts. Default: 0.02,0.002.")
    private List<Double> learningRates = new ArrayList<>(TrainSettings.DEFAULT.learningRates());

    @Option(names = "--weight-decays", split = ",", paramLabel = "X", description = "The same. Default: 0.")
    private List<Double> weightDecays = new ArrayList<>(TrainSettings.DEFAULT.weightDecays());

    @Option(names = "--seeds", split = ",", paramLabel = "N", description = "The same. Default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = new ArrayList<>(TrainSettings.DEFAULT.seeds());

    @Option(
            names = "--train-examples",
            paramLabel = "N",
            description = "Examples at most. Default: as many as were published.")
    private int trainExamples;

    @Option(
            names = "--test-examples",
            paramLabel = "N",
            description = "Examples of each part at most. Default: as many as were published.")
    private int testExamples;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting over those of the models. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public TrainAndScoreCommand(Function<String, SparkSession> spark) {
        this.spark = spark;
    }

    @Override
    public Integer call() throws IOException {
        TrainAndScoreRunner runner = new TrainAndScoreRunner(settings());
        List<RequestedTask> asked = new ArrayList<>();
        for (String suite : suites) {
            SyntheticTasks.suite(suite).forEach(task -> asked.add(asked(task)));
        }
        tasks.forEach(name -> asked.add(asked(SyntheticTasks.named(name))));
        if (asked.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no task; give --task or --suite, of which there are "
                            + String.join(", ", SyntheticTasks.suites()));
        }
        List<EvaluatedModel> subjects = new ArrayList<>();
        for (String model : Settings.models(models)) {
            String config = TrainAndScoreRunner.config(UserFiles.config(model), overrides)
                    .print();
            // each task makes another model of it
            subjects.add(new EvaluatedModel(config, Fingerprint.of(config), model, Optional.empty()));
        }
        EvaluationSettings plain = EvaluationSettings.DEFAULT;
        List<String> failures = new EvaluateJob(
                        spark.apply("hope train-and-score " + output),
                        runner,
                        spec.commandLine().getOut())
                .run(subjects, asked, "", plain, output);
        return failures.isEmpty() ? 0 : 1;
    }

    private static RequestedTask asked(SyntheticTask task) {
        return new RequestedTask(task.name(), task.version(), "generated", List.of());
    }

    private TrainSettings settings() {
        try {
            return new TrainSettings(
                    epochs,
                    maxSteps,
                    batchSequences,
                    learningRates,
                    weightDecays,
                    seeds,
                    TrainSettings.DEFAULT.dataSeed(),
                    trainExamples,
                    testExamples,
                    TrainSettings.DEFAULT.validationExamples(),
                    TrainSettings.DEFAULT.stopAt());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
