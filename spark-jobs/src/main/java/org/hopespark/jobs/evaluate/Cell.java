package org.hopespark.jobs.evaluate;

import java.io.Serializable;
import org.hopespark.model.eval.EvaluationSettings;

/**
 * One checkpoint on one task.
 *
 * @param checkpoint URI of the checkpoint's folder, or the configuration of a model that is trained for the task
 * @param label its name for people
 * @param task name of the task
 * @param taskData local folder that holds the task's file; means nothing for {@code validation}
 * @param data URI of the data set whose held-out part {@code validation} measures, empty for none
 * @param settings how the task is run
 * @param requests URI of the folder where answers of models are kept
 */
public record Cell(
        String checkpoint,
        String label,
        String task,
        String taskData,
        String data,
        EvaluationSettings settings,
        String requests)
        implements Serializable {
    Cell withTaskData(String folder) {
        return new Cell(checkpoint, label, task, folder, data, settings, requests);
    }

    @Override
    public String toString() {
        return task + " on " + label;
    }
}
