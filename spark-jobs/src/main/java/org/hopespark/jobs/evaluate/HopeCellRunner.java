package org.hopespark.jobs.evaluate;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.hopespark.model.eval.Evaluation;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.Tasks;

/** Loads the cell's checkpoint and runs its task; on an executor. */
public final class HopeCellRunner implements CellRunner {
    private static final long serialVersionUID = 1L;

    @Override
    public List<TaskResult> run(Cell cell) {
        try (TrainedModel model = new TrainedModel(
                cell.checkpoint(),
                cell.data(),
                cell.settings().overrides(),
                SparkHadoopUtil.get().conf())) {
            Evaluation evaluation =
                    new Evaluation(model.encoder(), new NetworkScorer(model.network()), cell.settings());
            return cell.task().equals(HeldOut.TASK)
                    ? evaluation.run(model.heldOut(cell.settings().limit()))
                    : evaluation.run(Tasks.named(cell.task()), Path.of(cell.taskData()));
        }
    }
}
