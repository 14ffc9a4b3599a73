package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.StepReport;
import org.hopespark.model.eval.Likelihood;

/** What a worker reports to the driver: JSON whose {@code type} names the record. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = WorkerMessage.Joined.class, name = "joined"),
    @JsonSubTypes.Type(value = WorkerMessage.Warned.class, name = "warned"),
    @JsonSubTypes.Type(value = WorkerMessage.Waiting.class, name = "waiting"),
    @JsonSubTypes.Type(value = WorkerMessage.StepPart.class, name = "step-part"),
    @JsonSubTypes.Type(value = WorkerMessage.HeldOutPart.class, name = "held-out-part"),
    @JsonSubTypes.Type(value = WorkerMessage.TaskPart.class, name = "task-part"),
    @JsonSubTypes.Type(value = WorkerMessage.CheckpointPart.class, name = "checkpoint-part")
})
sealed interface WorkerMessage {

    /** For {@link WorkerContext#report}. */
    default String write() {
        try {
            return RunJson.MAPPER.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads {@link #write}. */
    static WorkerMessage read(String json) {
        return RunJson.read(json, WorkerMessage.class);
    }

    /** One worker's share of what all of an attempt do together. */
    sealed interface Part extends WorkerMessage {
        int rank();

        /** How many workers report their parts. */
        int ranks();
    }

    /** Where a worker sits, when it begins. */
    record Joined(RunEvent.WorkerJoined event) implements WorkerMessage {
        static Joined of(WorkerContext context) {
            return new Joined(new RunEvent.WorkerJoined(
                    context.generation(),
                    context.rank(),
                    context.host(),
                    ProcessHandle.current().pid(),
                    context.gpu().orElse("")));
        }
    }

    /** What a person should look at. */
    record Warned(RunEvent.Warning event) implements WorkerMessage {}

    /** An exchange at this step that has not ended yet. */
    record Waiting(long step, double seconds) implements WorkerMessage {}

    /** What a worker did in a step; see {@link StepReport}. */
    record StepPart(
            int rank,
            int ranks,
            long step,
            double lossSum,
            long targets,
            double learningRate,
            double dataSeconds,
            double forwardSeconds,
            double backwardSeconds,
            double exposedSeconds,
            double seconds,
            List<LevelPart> levels,
            Optional<RunEvent.Statistics> statistics)
            implements Part {
        public StepPart {
            levels = List.copyOf(levels);
        }

        static StepPart of(int rank, int ranks, StepReport report) {
            return new StepPart(
                    rank,
                    ranks,
                    report.step(),
                    report.lossSum(),
                    report.targets(),
                    report.learningRate(),
                    report.dataSeconds(),
                    report.forwardSeconds(),
                    report.backwardSeconds(),
                    report.exposedSeconds(),
                    report.seconds(),
                    report.levels().stream().map(LevelPart::of).toList(),
                    report.statistics().map(RunEvent.Statistics::of));
        }

        double computeSeconds() {
            return forwardSeconds + backwardSeconds;
        }

        /** What a worker does on its own; whoever takes longest keeps the others waiting. */
        double ownSeconds() {
            return DoubleStream.of(dataSeconds, forwardSeconds, backwardSeconds).sum();
        }

        /** From beginning to end of the exchanges of all levels. */
        double communicationSeconds() {
            double milliseconds = 0;
            for (LevelPart level : levels) {
                milliseconds += level.milliseconds();
            }
            return milliseconds * 1e-3;
        }
    }

    /** A level at its boundary. */
    record LevelPart(int level, long bytesSent, long bytesReceived, double milliseconds, double gradientNorm) {
        static LevelPart of(StepReport.LevelReport report) {
            return new LevelPart(
                    report.level().index(),
                    report.exchange().bytesSent(),
                    report.exchange().bytesReceived(),
                    report.exchange().nanos() * 1e-6,
                    report.gradientNorm());
        }
    }

    /**
     * Held-out rows.
     *
     * @param lossSum over the targets, in nats
     */
    record HeldOutPart(int rank, int ranks, long step, double lossSum, long targets, double seconds) implements Part {}

    /** Responses to a worker's share of a task's requests. */
    record TaskPart(int rank, int ranks, long step, String task, List<Likelihood> responses, double seconds)
            implements Part {
        public TaskPart {
            responses = List.copyOf(responses);
        }
    }

    /**
     * Files of a checkpoint.
     *
     * @param attemptToken distinguishes the attempt from all others, of earlier starts, too
     * @param stallSeconds that training waited
     * @param parts that are written
     * @param problem why they are not
     * @param seconds until they were
     */
    record CheckpointPart(
            int rank,
            int ranks,
            long step,
            String attemptToken,
            double stallSeconds,
            List<Checkpoint.Part> parts,
            Optional<String> problem,
            double seconds)
            implements Part {
        public CheckpointPart {
            parts = List.copyOf(parts);
        }
    }
}
