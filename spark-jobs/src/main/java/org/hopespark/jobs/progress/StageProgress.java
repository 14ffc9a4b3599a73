package org.hopespark.jobs.progress;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;

/** Prints how far the running stages are, at most once in some seconds, and each stage's end. */
public final class StageProgress extends SparkListener implements AutoCloseable {
    private static final long INTERVAL_NANOS = 5_000_000_000L;

    private final JavaSparkContext spark;
    private final PrintStream out;
    private final Map<Integer, Running> stages = new ConcurrentHashMap<>();

    /** Begins to listen. */
    public StageProgress(JavaSparkContext spark, PrintStream out) {
        this.spark = spark;
        this.out = out;
        spark.sc().addSparkListener(this);
    }

    /** Names the stages of the jobs that follow. */
    public void name(String stages) {
        spark.setCallSite(stages);
    }

    /** Counts of one stage; only the listener's thread changes them. */
    private static final class Running {
        private final StageInfo stage;
        private final long begin = System.nanoTime();
        private long printed = begin;
        private int tasks;
        private long recordsWritten;

        Running(StageInfo stage) {
            this.stage = stage;
        }

        String line() {
            String records = recordsWritten > 0 ? String.format(", %,d records", recordsWritten) : "";
            return String.format(
                    "  %s: %d of %d tasks%s, %.1f s",
                    stage.name(), tasks, stage.numTasks(), records, (System.nanoTime() - begin) * 1e-9);
        }
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted event) {
        stages.put(event.stageInfo().stageId(), new Running(event.stageInfo()));
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd event) {
        Running running = stages.get(event.stageId());
        if (running == null || !event.taskInfo().successful()) {
            return;
        }
        running.tasks++;
        if (event.taskMetrics() != null) {
            running.recordsWritten += event.taskMetrics().shuffleWriteMetrics().recordsWritten();
        }
        if (running.tasks < running.stage.numTasks() && System.nanoTime() - running.printed > INTERVAL_NANOS) {
            running.printed = System.nanoTime();
            out.println(running.line());
        }
    }

    @Override
    public void onStageCompleted(SparkListenerStageCompleted event) {
        Running running = stages.remove(event.stageInfo().stageId());
        if (running != null && event.stageInfo().getStatusString().equals("succeeded")) {
            out.println(running.line());
        }
    }

    @Override
    public void close() {
        spark.sc().removeSparkListener(this);
        spark.clearCallSite();
    }
}
