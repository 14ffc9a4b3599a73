package org.hopespark.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.evaluate.CellRunner;
import org.hopespark.jobs.evaluate.EvaluateJob;
import org.hopespark.jobs.evaluate.Sweep;
import org.hopespark.jobs.evaluate.TaskSuites;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.PrefixPolicy;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.Tasks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evaluate}: a sweep from the command line. Exit code 1 if a cell failed. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Runs every checkpoint on every task; finished cells are skipped.")
public final class EvaluateCommand implements Callable<Integer> {
    private final Function<String, SparkSession> spark;
    private final CellRunner runner;

    @Option(
            names = "--checkpoints",
            required = true,
            paramLabel = "GLOB|RUN_FOLDER",
            description = "A run's folder (all its checkpoints), one checkpoint, or a quoted pattern.")
    private String checkpoints = "";

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description = "Tasks, comma-separated. Default: all that have data.")
    private List<String> tasks = new ArrayList<>();

    @Option(
            names = "--suite",
            split = ",",
            paramLabel = "SUITE",
            description = "Groups of tasks, comma-separated: ${COMPLETION-CANDIDATES}.",
            completionCandidates = TaskSuites.Suites.class)
    private List<String> suites = new ArrayList<>();

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "TOKENS",
            description = "Lengths for tasks that come in any. Default: 4096,8192,16384.")
    private List<Integer> lengths = new ArrayList<>(TaskSuites.LENGTHS);

    @Option(
            names = "--task-data",
            split = ",",
            paramLabel = "FOLDER",
            description =
                    "Folders that the tasks' files lie in or below; those of another file system are copied first.")
    private List<String> taskData = new ArrayList<>();

    @Option(names = "--data", paramLabel = "DATASET", description = "Data set for the task 'validation'.")
    private String data = "";

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Where results go.")
    private String output = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Only the first N documents of a task; scores then do not compare with published ones.")
    private int limit = EvaluationSettings.DEFAULT.limit();

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description =
                    "Sequences of the model's context scored at once, more of shorter ones. Default: ${DEFAULT-VALUE}.")
    private int batchSize = EvaluationSettings.DEFAULT.batchSize();

    @Option(
            names = "--prefix",
            paramLabel = "POLICY",
            description = "When the begin-of-text token precedes a context: ${COMPLETION-CANDIDATES}. Default:"
                    + " ${DEFAULT-VALUE}.")
    private PrefixPolicy prefix = EvaluationSettings.DEFAULT.prefix();

    @Option(
            names = "--log-samples",
            description =
                    "Write each document with the model's answers to OUTPUT/lm-eval/CHECKPOINT/samples_TASK_DATE.jsonl;"
                            + " long prompts make long files.")
    private boolean logSamples;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting over those of the run that changes no parameter, for example"
                    + " model.in-context.blocks=2. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public EvaluateCommand(Function<String, SparkSession> spark, CellRunner runner) {
        this.spark = spark;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        Sweep sweep = new Sweep(checkpoints, allTasks(), UserFiles.folders(taskData), data, output, settings());
        List<String> failures = new EvaluateJob(
                        spark.apply("hope evaluate " + output),
                        runner,
                        spec.commandLine().getOut())
                .run(sweep);
        return failures.isEmpty() ? 0 : 1;
    }

    private EvaluationSettings settings() {
        try {
            return new EvaluationSettings(limit, batchSize, prefix, logSamples, overrides);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private List<String> allTasks() {
        if (tasks.isEmpty() && suites.isEmpty()) {
            return tasksWithData();
        }
        List<String> result = new ArrayList<>(tasks);
        suites.forEach(suite -> result.addAll(TaskSuites.tasks(suite, lengths)));
        return result;
    }

    private List<String> tasksWithData() {
        List<String> result = new ArrayList<>();
        if (!data.isEmpty()) {
            result.add(HeldOut.TASK);
        }
        if (!taskData.isEmpty()) {
            Tasks.zeroShot().stream().map(Task::name).forEach(result::add);
        }
        return result;
    }
}
