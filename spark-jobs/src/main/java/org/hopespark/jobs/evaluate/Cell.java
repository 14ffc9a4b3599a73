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
 * @param samples URI of the file for its documents with the model's answers, empty for none
 */
public record Cell(
        String checkpoint,
        String label,
        String task,
        String taskData,
        String data,
        EvaluationSettings settings,
        String requests,
        String samples)
        implements Serializable {
    Cell withSamples(String file) {
        return new Cell(checkpoint, label, task, taskData, data, settings, requests, file);
    }

    /** What it is about: the checkpoint, or the name of a model that is given by its configuration. */
    String model() {
        return checkpoint.contains("\n") ? label : checkpoint;
    }

    Cell withTaskData(String folder) {
        return new Cell(checkpoint, label, task, folder, data, settings, requests, samples);
    }

    @Override
    public String toString() {
        return task + " on " + label;
    }
}
