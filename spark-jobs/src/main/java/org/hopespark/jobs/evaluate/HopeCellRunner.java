package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.hopespark.cluster.spark.TaskGpu;
import org.hopespark.cluster.spark.TaskHadoop;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.RequestCache;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskResult;

/** Puts the cell's checkpoint, which stays loaded for the next cell, to its task; on an executor. */
public final class HopeCellRunner implements CellRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<TaskResult> run(Cell cell) throws Exception {
        Configuration hadoop = TaskHadoop.ofThisTask();
        TextFiles text = new TextFiles(hadoop);
        String identity = Checkpoints.identity(cell.checkpoint(), text);
        String overrides = cell.settings().overrides().toString();
        int gpu = TaskGpu.ofThisTask();
        String key = Fingerprint.of(cell.checkpoint(), identity, cell.data(), overrides, "gpu " + gpu);
        return LoadedModels.ofProcess()
                .use(
                        key,
                        () -> new TrainedModel(
                                cell.checkpoint(), cell.data(), cell.settings().overrides(), hadoop, gpu),
                        model -> {
                            if (cell.task().equals(HeldOut.TASK)) {
                                return evaluation(cell, model, RequestCache.NONE)
                                        .run(model.heldOut(cell.settings().limit()));
                            }
                            String asked = Fingerprint.of(
                                    identity,
                                    overrides,
                                    fingerprint(),
                                    model.encoder().fingerprint());
                            Path folder = new Path(new Path(cell.requests(), asked), cell.task());
                            try (SavedRequests requests = new SavedRequests(folder, text)) {
                                return logged(cell, evaluation(cell, model, requests), text);
                            }
                        });
    }

    /** Runs the cell's task and leaves its samples, if they are wanted. */
    static List<TaskResult> logged(Cell cell, Evaluation evaluation, TextFiles text) throws IOException {
        Task task = TaskSuites.named(cell.task());
        List<java.nio.file.Path> folders = List.of(java.nio.file.Path.of(cell.taskData()));
        if (cell.samples().isEmpty()) {
            return evaluation.run(task, folders);
        }
        try (SampleFile samples = new SampleFile(new Path(cell.samples()), text)) {
            List<TaskResult> results = evaluation.run(task, folders, samples);
            samples.publish();
            return results;
        }
    }

    private static Evaluation evaluation(Cell cell, TrainedModel model, RequestCache cache) {
        return new Evaluation(model.encoder(), model.scorer(), cell.settings(), cache);
    }

    @Override
    public String fingerprint() {
        return CodeHash.ofModel();
    }
}
