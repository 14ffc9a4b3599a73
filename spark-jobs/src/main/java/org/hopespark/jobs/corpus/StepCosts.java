package org.hopespark.jobs.corpus;

import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;

/** What each step of a pipeline costs, added up over its tasks. */
final class StepCosts extends SparkListener {
    /** Local property of Spark that says which step the jobs of a thread are of. */
    static final String STEP = "hope.step";

    /**
     * Of one step.
     *
     * @param seconds from the beginning of its first stage to the end of its last one
     * @param taskSeconds of all its tasks together
     * @param shuffleBytes that its tasks have written to the disks of the executors
     */
    record Cost(double seconds, double taskSeconds, long shuffleBytes) {
        static final Cost NONE = new Cost(0, 0, 0);
    }

    private final Map<Integer, String> stepOfStage = new HashMap<>();
    private final Map<String, Long> beginnings = new HashMap<>();
    private final Map<String, Cost> costs = new HashMap<>();

    private StepCosts() {}

    static StepCosts listen(JavaSparkContext spark) {
        StepCosts listener = new StepCosts();
        spark.sc().addSparkListener(listener);
        return listener;
    }

    @Override
    public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
        String step = event.properties() == null ? "" : event.properties().getProperty(STEP, "");
        stepOfStage.put(event.stageInfo().stageId(), step);
        beginnings.putIfAbsent(step, System.nanoTime());
    }

    @Override
    public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
        String step = stepOfStage.getOrDefault(event.stageInfo().stageId(), "");
        Cost before = costs.getOrDefault(step, Cost.NONE);
        TaskMetrics metrics = event.stageInfo().taskMetrics();
        costs.put(
                step,
                new Cost(
                        (System.nanoTime() - beginnings.getOrDefault(step, System.nanoTime())) * 1e-9,
                        before.taskSeconds + metrics.executorRunTime() * 1e-3,
                        before.shuffleBytes + metrics.shuffleWriteMetrics().bytesWritten()));
    }

    /** Complete once the session is stopped: Spark notifies its listeners with delay. */
    synchronized Cost of(String step) {
        return costs.getOrDefault(step, Cost.NONE);
    }
}
