package org.hopespark.jobs.evaluate;

import java.io.Serializable;
import java.util.List;
import org.hopespark.model.eval.TaskResult;

/** Loads a model and puts it to a task; runs on an executor. */
@FunctionalInterface
public interface CellRunner extends Serializable {
    /**
     * Evaluates one cell.
     *
     * @throws org.hopespark.conf.UserException if the cell cannot succeed as it is set up; it is not tried again
     * @throws Exception if anything else failed; Spark may try again
     */
    List<TaskResult> run(Cell cell) throws Exception;

    /** What cells are about, for people. */
    default String subjects() {
        return "checkpoints";
    }

    /** Names settings of its own that move results: a cell is run again when this changes. */
    default String fingerprint() {
        return "";
    }
}
