package org.hopespark.jobs.evaluate;

import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.Tasks;

/**
 * What to evaluate.
 *
 * @param checkpoints a run's folder, a checkpoint's folder, or a glob
 * @param tasks names of tasks
 * @param taskData local folders with the tasks' files
 * @param data URI of the data set for {@code validation}, empty for none
 * @param output URI of the folder for results
 * @param settings how tasks are run
 */
public record Sweep(
        String checkpoints,
        List<String> tasks,
        List<String> taskData,
        String data,
        String output,
        EvaluationSettings settings) {
    public Sweep {
        tasks = tasks.stream().distinct().toList();
        taskData = List.copyOf(taskData);
        if (tasks.isEmpty()) {
            throw new UserException("no task to run; give --data for validation, --task-data for "
                    + String.join(
                            ", ", Tasks.zeroShot().stream().map(t -> t.name()).toList()) + ", or name --tasks");
        }
        tasks.forEach(TaskSuites::check);
        if (tasks.contains(HeldOut.TASK) && data.isEmpty()) {
            throw new UserException("the task " + HeldOut.TASK + " needs --data DATASET");
        }
        List<String> reading = tasks.stream()
                .filter(task -> !task.equals(HeldOut.TASK)
                        && !TaskSuites.named(task).files().isEmpty())
                .toList();
        if (!reading.isEmpty() && taskData.isEmpty()) {
            throw new UserException("the tasks " + String.join(", ", reading) + " need --task-data FOLDER");
        }
    }
}
