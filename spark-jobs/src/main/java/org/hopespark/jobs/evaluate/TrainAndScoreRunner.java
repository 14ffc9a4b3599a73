package org.hopespark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.hopespark.cluster.spark.TaskGpu;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.PrefixPolicy;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.synthetic.SyntheticTask;
import org.hopespark.model.eval.synthetic.SyntheticTasks;
import org.hopespark.model.eval.synthetic.TrainAndScore;
import org.hopespark.model.eval.synthetic.TrainSettings;

/**
 * Trains the cell's model, given by its configuration, for the cell's task; on an executor.
 *
 * @param settings how
 */
public record TrainAndScoreRunner(TrainSettings settings) implements CellRunner {
    private static final long serialVersionUID = 1L;

    /** The configuration of a preset or of a file. */
    public static RunConfig config(String model, List<String> overrides) {
        return RunConfig.read(model, overrides);
    }

    @Override
    public List<TaskResult> run(Cell cell) {
        SyntheticTask task = SyntheticTasks.named(cell.task());
        RunConfig config = RunConfig.parse("the model's configuration", cell.checkpoint());
        TrainAndScore.Outcome outcome = new TrainAndScore(config, settings, TaskGpu.ofThisTask()).run(task);
        List<Measurement> measurements = new ArrayList<>(outcome.measurements());
        measurements.add(Measurement.plain(
                "best_learning_rate",
                outcome.best().learningRate(),
                outcome.runs().size()));
        measurements.add(Measurement.plain(
                "steps", (double) outcome.best().steps(), outcome.runs().size()));
        return measurements.stream()
                .map(m -> new TaskResult(
                        task.name(),
                        task.version(),
                        m.metric(),
                        m.part(),
                        m.value(),
                        m.standardError(),
                        m.n(),
                        m.chance(),
                        task.contextTokens(),
                        PrefixPolicy.WHEN_EMPTY,
                        "float32",
                        "none"))
                .toList();
    }

    @Override
    public String subjects() {
        return "models";
    }

    @Override
    public String fingerprint() {
        return CodeHash.ofModel() + " " + settings;
    }
}
