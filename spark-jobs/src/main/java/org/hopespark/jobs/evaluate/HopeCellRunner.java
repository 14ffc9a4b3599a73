package org.hopespark.jobs.evaluate;

import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TaskResult;

/** Puts the cell's checkpoint, which stays loaded for the next cell, to its task; on an executor. */
public final class HopeCellRunner implements CellRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<TaskResult> run(Cell cell) throws Exception {
        Configuration hadoop = SparkHadoopUtil.get().conf();
        String key = Fingerprint.of(
                cell.checkpoint(),
                Checkpoints.identity(cell.checkpoint(), new TextFiles(hadoop)),
                cell.data(),
                cell.settings().overrides().toString());
        return LoadedModels.ofProcess()
                .use(
                        key,
                        () -> new TrainedModel(
                                cell.checkpoint(), cell.data(), cell.settings().overrides(), hadoop),
                        model -> run(cell, model));
    }

    private static List<TaskResult> run(Cell cell, TrainedModel model) {
        Evaluation evaluation = new Evaluation(model.encoder(), model.scorer(), cell.settings());
        return cell.task().equals(HeldOut.TASK)
                ? evaluation.run(model.heldOut(cell.settings().limit()))
                : evaluation.run(Benchmarks.named(cell.task()), List.of(Path.of(cell.taskData())));
    }

    @Override
    public String fingerprint() {
        return CodeHash.ofModel();
    }
}
