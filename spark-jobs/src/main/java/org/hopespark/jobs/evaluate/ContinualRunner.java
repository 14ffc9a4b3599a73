package org.hopespark.jobs.evaluate;

import java.nio.file.Path;
import java.util.List;
import org.hopespark.cluster.spark.TaskGpu;
import org.hopespark.cluster.spark.TaskHadoop;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.adapter.NetworkScorer;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.TaskFiles;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.continual.ContinualRun;
import org.hopespark.model.eval.continual.ContinualSettings;
import org.hopespark.model.eval.continual.ContinualTask;
import org.hopespark.model.eval.continual.ContinualTasks;

/**
 * Lets the cell's checkpoint learn classes task by task; on an executor. The checkpoint itself stays as it is.
 *
 * @param settings but for the method and the size of tasks, which are the cell's
 */
public record ContinualRunner(ContinualSettings settings) implements CellRunner {
    /** Changes when learning or scoring is done otherwise. */
    public static final int VERSION = 1;

    private static final long serialVersionUID = 1L;

    @Override
    public List<TaskResult> run(Cell cell) {
        ContinualTask task = ContinualTasks.named(cell.task());
        EvaluationSettings scoring = cell.settings();
        TaskFiles files = TaskFiles.find(task.name(), task.data().files(), List.of(Path.of(cell.taskData())));
        // loaded for this cell alone, because it changes
        try (TrainedModel model = new TrainedModel(
                cell.checkpoint(), "", scoring.overrides(), TaskHadoop.ofThisTask(), TaskGpu.ofThisTask())) {
            RunConfig config = RunFolder.config(model.checkpoint()).with(scoring.overrides());
            NetworkScorer scorer = model.scorer();
            ContinualRun run = new ContinualRun(
                    config,
                    model.network(),
                    scorer,
                    model.encoder(),
                    scoring.batchSize(),
                    task.data().read(files),
                    settings.with(task.method(), task.settings().classesPerTask()));
            return run.measure().stream()
                    .map(m -> new TaskResult(
                            task.name(),
                            VERSION,
                            m.metric(),
                            m.part(),
                            m.value(),
                            m.standardError(),
                            m.n(),
                            m.chance(),
                            scorer.maxTokens(),
                            scoring.prefix(),
                            scorer.dtype(),
                            model.encoder().name()))
                    .toList();
        }
    }

    @Override
    public String fingerprint() {
        return CodeHash.ofModel() + " " + settings;
    }
}
