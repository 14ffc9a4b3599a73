package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.adapter.HeldOutShare;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.StepReport;
import org.hopespark.model.eval.Likelihood;

/** What workers tell the driver, as RunJson.MAPPER. */
final class WorkerMessages {
    static final String STATISTICS = "statistics";

    private WorkerMessages() {}

    /** Where a worker sits, told when it begins. */
    static String worker(WorkerContext context) {
        return RunJson.MAPPER
                .createObjectNode()
                .put("type", "worker")
                .put("attempt", context.generation())
                .put("rank", context.rank())
                .put("host", context.host())
                .put("process", ProcessHandle.current().pid())
                .put("gpu", context.gpu().orElse(""))
                .toString();
    }

    /** A worker's part of an evaluation on held-out rows. */
    static String heldOut(long step, int rank, int ranks, HeldOutShare.Sums sums, double seconds) {
        return RunJson.MAPPER
                .createObjectNode()
                .put("type", HeldOutMerger.PART)
                .put("step", step)
                .put("rank", rank)
                .put("ranks", ranks)
                .put("loss-sum", sums.loss())
                .put("targets", sums.targets())
                .put("seconds", seconds)
                .toString();
    }

    /** A worker's answers to its share of what a task asks. */
    static String answers(long step, int rank, int ranks, String task, List<Likelihood> answers, double seconds) {
        ObjectNode node = RunJson.MAPPER
                .createObjectNode()
                .put("type", TaskMerger.PART)
                .put("step", step)
                .put("rank", rank)
                .put("ranks", ranks)
                .put("task", task)
                .put("seconds", seconds);
        ArrayNode lines = node.putArray("answers");
        answers.forEach(answer -> lines.add(answer.print()));
        return node.toString();
    }

    /** What a person should look at; training goes on. */
    static ObjectNode warning(long step, String cause) {
        return RunJson.MAPPER
                .createObjectNode()
                .put("type", "warning")
                .put("step", step)
                .put("cause", cause);
    }

    /** What a start of a run does differently from the one before, from the step after {@code step} on. */
    static ObjectNode changes(long step, List<RunConfig.Change> changes) {
        ObjectNode node =
                RunJson.MAPPER.createObjectNode().put("type", "changes").put("step", step);
        ArrayNode lines = node.putArray("changes");
        changes.forEach(change -> lines.addObject()
                .put("setting", change.setting())
                .put("before", change.before())
                .put("now", change.now()));
        return node;
    }

    /** What has ended a run before it was done. */
    static ObjectNode failure(long step, String cause) {
        return RunJson.MAPPER
                .createObjectNode()
                .put("type", "failure")
                .put("attempt", 0)
                .put("step", step)
                .put("cause", cause);
    }

    /** A meeting at this step that has not ended yet. */
    static String waiting(long step, double seconds) {
        return RunJson.MAPPER
                .createObjectNode()
                .put("type", "waiting")
                .put("step", step)
                .put("seconds", seconds)
                .toString();
    }

    static String step(StepReport report) {
        ObjectNode node = RunJson.MAPPER
                .createObjectNode()
                .put("type", "step")
                .put("step", report.step())
                .put("loss-sum", report.lossSum())
                .put("targets", report.targets())
                .put("learning-rate", report.learningRate())
                .put("data-seconds", report.dataSeconds())
                .put("compute-seconds", report.forwardSeconds() + report.backwardSeconds())
                .put("forward-seconds", report.forwardSeconds())
                .put("backward-seconds", report.backwardSeconds())
                .put("exposed-seconds", report.exposedSeconds())
                .put("seconds", report.seconds());
        ArrayNode levels = node.putArray("levels");
        for (StepReport.LevelReport level : report.levels()) {
            levels.addObject()
                    .put("level", level.level().index())
                    .put("bytes-sent", level.exchange().bytesSent())
                    .put("bytes-received", level.exchange().bytesReceived())
                    .put("milliseconds", level.exchange().nanos() * 1e-6)
                    .put("gradient-norm", level.gradientNorm());
        }
        report.statistics().ifPresent(statistics -> node.set(STATISTICS, RunJson.MAPPER.valueToTree(statistics)));
        return node.toString();
    }
}
