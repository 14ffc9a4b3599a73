package org.hopespark.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.evaluate.Checkpoints;
import org.hopespark.jobs.evaluate.ContinualRunner;
import org.hopespark.jobs.evaluate.EvaluateJob;
import org.hopespark.jobs.evaluate.EvaluateJob.RequestedTask;
import org.hopespark.jobs.evaluate.EvaluatedModel;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.TaskFiles;
import org.hopespark.model.eval.continual.ContinualSettings;
import org.hopespark.model.eval.continual.ContinualTask;
import org.hopespark.model.eval.continual.ContinualTasks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code continual}: checkpoints that learn classes task by task, and what they forget. */
@Command(
        name = "continual",
        mixinStandardHelpOptions = true,
        description = {
            "Lets every checkpoint learn classes task by task, in several ways, and reports what is forgotten.",
            "",
            "Data sets: clinc150 (data_full.json), banking77 (train.csv, test.csv), labelled (train.jsonl and test.jsonl"
                    + " of one's own, with \"text\" and \"label\"). Methods: naive, joint, replay, ewc, lwf, frozen,"
                    + " levels, fast-levels, in-context, inca."
        })
public final class ContinualCommand implements Callable<Integer> {
    private final Function<String, SparkSession> spark;

    @Option(
            names = "--checkpoints",
            required = true,
            paramLabel = "GLOB|RUN_FOLDER",
            description = "A run's folder (all its checkpoints), one checkpoint, or a quoted pattern.")
    private String checkpoints = "";

    @Option(
            names = "--tasks",
            split = ",",
            required = true,
            paramLabel = "DATA@METHOD",
            description = "Such as clinc150@naive,clinc150@ewc.")
    private List<String> tasks = new ArrayList<>();

    @Option(
            names = "--task-data",
            split = ",",
            required = true,
            paramLabel = "FOLDER",
            description = "Folders that the data sets lie in or below; those of another file system are copied first.")
    private List<String> taskData = new ArrayList<>();

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Where results go.")
    private String output = "";

    @Option(names = "--first-tasks", paramLabel = "N", description = "Only the first N tasks. Default: all.")
    private int firstTasks = ContinualSettings.DEFAULT.tasks();

    @Option(
            names = "--train-per-class",
            paramLabel = "N",
            description = "Training texts of a class. Default: ${DEFAULT-VALUE}.")
    private int trainPerClass = ContinualSettings.DEFAULT.trainPerClass();

    @Option(
            names = "--test-per-class",
            paramLabel = "N",
            description = "Test texts of a class. Default: ${DEFAULT-VALUE}.")
    private int testPerClass = ContinualSettings.DEFAULT.testPerClass();

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "Times that a task's texts are seen. Default: ${DEFAULT-VALUE}.")
    private int epochs = ContinualSettings.DEFAULT.epochs();

    @Option(names = "--learning-rate", paramLabel = "RATE", description = "Of AdamW. Default: ${DEFAULT-VALUE}.")
    private double learningRate = ContinualSettings.DEFAULT.learningRate();

    @Option(
            names = "--lambda",
            paramLabel = "X",
            description = "Of ewc: lambda F (theta - theta*)^2. Default: ${DEFAULT-VALUE}.")
    private double lambda = ContinualSettings.DEFAULT.lambda();

    @Option(
            names = "--alpha",
            paramLabel = "X",
            description = "Of lwf: weight of old labels. Default: ${DEFAULT-VALUE}.")
    private double alpha = ContinualSettings.DEFAULT.alpha();

    @Option(names = "--buffer", paramLabel = "N", description = "Texts that replay keeps. Default: ${DEFAULT-VALUE}.")
    private int buffer = ContinualSettings.DEFAULT.buffer();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the order of classes and all draws; 0 leaves the order. Default: ${DEFAULT-VALUE}.")
    private long seed = ContinualSettings.DEFAULT.seed();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public ContinualCommand(Function<String, SparkSession> spark) {
        this.spark = spark;
    }

    @Override
    public Integer call() throws IOException {
        ContinualRunner runner = new ContinualRunner(settings());
        List<Path> folders = taskData.stream().map(UserFiles::local).toList();
        List<RequestedTask> asked = new ArrayList<>();
        for (String name : tasks) {
            ContinualTask task = ContinualTasks.named(name);
            TaskFiles files = TaskFiles.find(task.name(), task.data().files(), folders);
            asked.add(RequestedTask.of(task.name(), ContinualRunner.VERSION, files));
        }
        SparkSession session = spark.apply("hope continual " + output);
        TextFiles text = new TextFiles(session.sparkContext().hadoopConfiguration());
        List<EvaluatedModel> subjects = EvaluatedModel.checkpoints(Checkpoints.find(checkpoints, text), text);
        List<String> failures = new EvaluateJob(
                        session, runner, spec.commandLine().getOut())
                .run(subjects, asked, "", EvaluationSettings.DEFAULT, output);
        return failures.isEmpty() ? 0 : 1;
    }

    private ContinualSettings settings() {
        ContinualSettings plain = ContinualSettings.DEFAULT;
        try {
            return new ContinualSettings(
                    plain.method(),
                    plain.classesPerTask(),
                    firstTasks,
                    trainPerClass,
                    testPerClass,
                    epochs,
                    plain.batch(),
                    learningRate,
                    lambda,
                    alpha,
                    buffer,
                    plain.moving(),
                    seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
