package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.evaluate.Sweep;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.Tasks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench evaluate}: scoring on one thread, and a sweep on one executor and on more. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how fast checkpoints are put to tasks.",
            "First on one thread of this process, each request read alone, with contexts that requests share read once,"
                    + " and with all answers known, beside the model's own forward pass; then the same tasks on all"
                    + " checkpoints as a sweep on executors of one core each, and their memory."
        })
final class BenchEvaluateCommand implements Callable<Integer> {
    private static final int CONTAINER_MIB = 3072;

    @Option(
            names = "--checkpoints",
            required = true,
            paramLabel = "GLOB|RUN_FOLDER",
            description = "A run's folder, or a quoted pattern.")
    private String checkpoints = "";

    @Option(
            names = "--task-data",
            split = ",",
            required = true,
            paramLabel = "FOLDER",
            description = "Local folders that the tasks' files lie in or below.")
    private List<String> taskData = List.of();

    @Option(
            names = "--tasks",
            split = ",",
            paramLabel = "TASK",
            description = "Tasks, comma-separated. Default: those of the suite zero-shot.")
    private List<String> tasks = Tasks.zeroShot().stream().map(Task::name).toList();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Documents of each task. Default: ${DEFAULT-VALUE}.",
            defaultValue = "32")
    private int limit;

    @Option(
            names = "--scaling",
            paramLabel = "N",
            split = ",",
            description = "Numbers of executors to run the sweep with. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1,2")
    private List<Integer> executors = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ArrayNode rows = new ObjectMapper().createArrayNode();

    @Override
    public Integer call() throws IOException {
        if (executors.stream().anyMatch(n -> n < 1)) {
            throw new UserException("--scaling wants numbers of executors from 1 on, got " + executors);
        }
        EvaluationSettings settings = EvaluationSettings.DEFAULT.withLimit(limit);
        print("| task | requests | tokens | forward, tokens/s | alone, requests/s | tokens/s | of forward | filled up"
                + " | shared contexts, requests/s | times alone | known, requests/s |");
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        EvaluationBenchmarks.scoring(
                checkpoints, tasks, taskData.stream().map(Path::of).toList(), settings, this::row);
        print("");
        List<Double> seconds = new ArrayList<>();
        for (int n : executors) {
            seconds.add(sweep(n, settings));
        }
        for (int i = 1; i < seconds.size(); i++) {
            print(
                    "from %d to %d executors: %.2f times the speed",
                    executors.get(0), executors.get(i), seconds.get(0) / seconds.get(i));
        }
        if (!json.isEmpty()) {
            Files.writeString(
                    Path.of(json),
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(rows));
        }
        return 0;
    }

    private void row(EvaluationBenchmarks.Row row) {
        print(
                "| %s | %,d | %,d | %,.0f | %,.1f | %,.0f | %.2f | %.2f | %,.1f | %.2f | %,.0f |",
                row.task(),
                row.requests(),
                row.tokens(),
                row.forwardTokensPerSecond(),
                row.requests() / row.plainSeconds(),
                row.tokens() / row.plainSeconds(),
                row.ofForward(),
                row.filledOfForward(),
                row.requests() / row.sharedSeconds(),
                row.plainSeconds() / row.sharedSeconds(),
                row.requests() / row.cachedSeconds());
        rows.addObject()
                .put("task", row.task())
                .put("requests", row.requests())
                .put("tokens", row.tokens())
                .put("filled-tokens", row.filledTokens())
                .put("forward-tokens-per-second", row.forwardTokensPerSecond())
                .put("alone-seconds", row.plainSeconds())
                .put("shared-seconds", row.sharedSeconds())
                .put("known-seconds", row.cachedSeconds());
    }

    private double sweep(int n, EvaluationSettings settings) throws IOException {
        Path output = Files.createTempDirectory("hope-bench");
        try (SparkSession spark = SparkSession.builder()
                .appName("hope bench evaluate")
                .master("local-cluster[" + n + ",1," + CONTAINER_MIB + "]")
                .config("spark.scheduler.minRegisteredResourcesRatio", "1")
                .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "2m")
                .getOrCreate()) {
            spark.range(n).count(); // begins when all executors have started
            double seconds = EvaluationBenchmarks.sweep(
                    spark,
                    new Sweep(checkpoints, tasks, taskData, "", output.toUri().toString(), settings));
            List<Long> peaks = PeakMemory.ofExecutors();
            print(
                    "sweep on %d executors: %.1f s; most memory of executors, GiB: %s",
                    n,
                    seconds,
                    peaks.stream()
                            .map(bytes -> String.format(Locale.ROOT, "%.2f", bytes / 0x1p30))
                            .toList());
            ObjectNode row = rows.addObject().put("executors", n).put("seconds", seconds);
            ArrayNode memory = row.putArray("peak-bytes");
            peaks.forEach(memory::add);
            return seconds;
        }
    }

    private void print(String format, Object... values) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
        spec.commandLine().getOut().flush();
    }
}
