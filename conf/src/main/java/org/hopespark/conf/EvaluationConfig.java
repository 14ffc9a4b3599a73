package org.hopespark.conf;

import java.util.List;

/**
 * Evaluation while a run trains: on held-out rows and, where there are any, on tasks. The workers share rows and
 * questions, so that all wait about equally short; a worker that is to leave does so when it has answered.
 *
 * @param everySteps after every so many steps, and after the last; 0 for never
 * @param rows held-out rows, the first ones; 0 for all
 * @param warnAbove a loss of so many nats above the best one is warned of
 * @param tasks names of tasks that ask for likelihoods, such as {@code lambada_openai}
 * @param taskData folder that the tasks' files lie in or below; read by the driver
 * @param documents of each task, the first ones; 0 for all
 */
public record EvaluationConfig(
        long everySteps, int rows, double warnAbove, List<String> tasks, String taskData, int documents) {
    static final EvaluationConfig DEFAULT = new EvaluationConfig(0, 64, 0.1, List.of(), "", 64);

    public EvaluationConfig {
        tasks = List.copyOf(tasks);
        Checks checks = new Checks();
        checks.that(everySteps >= 0, "every-steps must be >= 0 (0: never), got " + everySteps);
        checks.that(rows >= 0, "rows must be >= 0 (0: all), got " + rows);
        checks.that(warnAbove > 0, "warn-above must be > 0 nats, got " + warnAbove);
        checks.that(
                tasks.isEmpty() || !taskData.isEmpty(),
                "tasks " + String.join(", ", tasks) + " need task-data, the folder that their files lie in");
        checks.that(documents >= 0, "documents must be >= 0 (0: all), got " + documents);
        checks.done();
    }

    /** Whether a run of {@code steps} steps evaluates after {@code step}. */
    public boolean isDueAt(long step, long steps) {
        return everySteps > 0 && (step % everySteps == 0 || step == steps);
    }
}
