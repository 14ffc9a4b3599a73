package org.hopespark.jobs.run;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.model.InnerStatistics;
import org.hopespark.model.StepReport;

/**
 * What happens in a run: a line of its {@code metrics.jsonl}, whose {@code type} names the record and whose keys are
 * the components in their order, in kebab-case ({@code docs/reference/metrics.md}). {@link RunEvents} reads and writes
 * it.
 *
 * <p>A component that is {@link Optional} is written only where it is present. Seconds, bytes and GB/s (10^9 bytes)
 * throughout; a {@code step} counts from 1.
 */
@JsonTypeInfo(
        use = JsonTypeInfo.Id.NAME,
        property = "type",
        visible = true, // to AttemptEnded
        defaultImpl = Void.class) // what a later version writes is read as nothing
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonSubTypes({
    @JsonSubTypes.Type(value = RunEvent.RunStarted.class, name = "run"),
    @JsonSubTypes.Type(value = RunEvent.SettingsChanged.class, name = "changes"),
    @JsonSubTypes.Type(value = RunEvent.WorkerJoined.class, name = "worker"),
    @JsonSubTypes.Type(value = RunEvent.StepDone.class, name = "step"),
    @JsonSubTypes.Type(value = RunEvent.Straggler.class, name = "straggler"),
    @JsonSubTypes.Type(value = RunEvent.Validation.class, name = "validation"),
    @JsonSubTypes.Type(value = RunEvent.TaskScored.class, name = "task"),
    @JsonSubTypes.Type(value = RunEvent.Warning.class, name = "warning"),
    @JsonSubTypes.Type(value = RunEvent.CheckpointSaved.class, name = "checkpoint"),
    @JsonSubTypes.Type(value = RunEvent.CheckpointFailed.class, name = "checkpoint-failure"),
    @JsonSubTypes.Type(
            value = RunEvent.AttemptEnded.class,
            names = {"failure", "preemption", "resize", "regroup", "stop"}),
    @JsonSubTypes.Type(value = RunEvent.Resumed.class, name = "resumed"),
    @JsonSubTypes.Type(value = RunEvent.Sample.class, name = "sample"),
    @JsonSubTypes.Type(value = RunEvent.Finished.class, name = "finished")
})
public sealed interface RunEvent {

    /** A key that older runs lack; it reads as 0, NaN or empty. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.PARAMETER)
    @JacksonAnnotationsInside
    @JsonSetter(nulls = Nulls.AS_EMPTY)
    @interface NotInOlderRuns {}

    /**
     * The command was given.
     *
     * @param parameters of the model
     * @param workers of the first attempt
     * @param init exported model that training starts from, empty for none
     * @param dataIdentity SHA-256 of the data set's manifest
     * @param steps that the run shall have
     * @param batchTokens of all workers
     * @param started ISO 8601
     * @param unigramBitsPerByte of the held-out text, where the data set has it
     * @param versions of what the result depends on, by name
     */
    record RunStarted(
            String name,
            long parameters,
            int workers,
            @NotInOlderRuns String init,
            String dataIdentity,
            long steps,
            long batchTokens,
            String started,
            Optional<Double> unigramBitsPerByte,
            List<LevelFacts> levels,
            Map<String, String> versions)
            implements RunEvent {
        public RunStarted {
            levels = List.copyOf(levels);
            versions = Collections.unmodifiableMap(new TreeMap<>(versions));
        }
    }

    /**
     * A level as the run is started with it.
     *
     * @param bytesANumber b of an exchange
     * @param bytesANumberAndStep b in the mean over steps
     * @param firstStep the first whose gradient is exchanged
     */
    record LevelFacts(
            int level,
            long periodSteps,
            long parameters,
            @NotInOlderRuns double bytesANumber,
            @NotInOlderRuns double bytesANumberAndStep,
            @NotInOlderRuns long firstStep) {
        public LevelFacts {
            if (Double.isNaN(bytesANumber)) {
                bytesANumber = org.hopespark.model.ElementType.FLOAT32.bytes();
            }
            if (Double.isNaN(bytesANumberAndStep)) {
                bytesANumberAndStep = bytesANumber / periodSteps;
            }
            firstStep = Math.max(1, firstStep);
        }
    }

    /**
     * A start has other settings than those of its checkpoint.
     *
     * @param step after which they hold
     */
    record SettingsChanged(long step, List<Change> changes) implements RunEvent {
        public SettingsChanged {
            changes = List.copyOf(changes);
        }
    }

    /** A setting's values. */
    record Change(String setting, String before, String now) {}

    /**
     * A worker of an attempt begins.
     *
     * @param process its id on the host
     * @param gpu its address, empty without one
     */
    record WorkerJoined(
            long attempt,
            int rank,
            String host,
            @NotInOlderRuns long process,
            @NotInOlderRuns String gpu) implements RunEvent {}

    /**
     * All workers have done a step.
     *
     * @param loss mean over the target tokens of the global batch, in nats
     * @param tokens target tokens of the global batch
     * @param seconds of the slowest worker
     * @param tokensPerSecond of all workers
     * @param learningRate of the run at this step
     * @param dataSeconds by rank: wait for the batch
     * @param computeSeconds by rank: forward and backward
     * @param forwardSeconds by rank: to the loss
     * @param backwardSeconds by rank: from the loss to the gradients
     * @param exposedSeconds by rank: waiting for other workers and doing nothing else
     * @param communicationSeconds by rank: from beginning to end of the exchanges of levels
     * @param slowestRank whose wait for data and computing took longest; older runs do not say it
     * @param levels those that were exchanged
     * @param statistics at some steps, of worker 0
     */
    record StepDone(
            long attempt,
            long step,
            double loss,
            long tokens,
            double seconds,
            double tokensPerSecond,
            double learningRate,
            int workers,
            @NotInOlderRuns List<Double> dataSeconds,
            @NotInOlderRuns List<Double> computeSeconds,
            @NotInOlderRuns List<Double> forwardSeconds,
            @NotInOlderRuns List<Double> backwardSeconds,
            @NotInOlderRuns List<Double> exposedSeconds,
            @NotInOlderRuns List<Double> communicationSeconds,
            Optional<Integer> slowestRank,
            List<LevelDone> levels,
            Optional<Statistics> statistics)
            implements RunEvent {
        /** Keys of the seconds by rank, in the order of their display. */
        public static final List<String> RANK_SECONDS = List.of(
                "data-seconds",
                "compute-seconds",
                "forward-seconds",
                "backward-seconds",
                "communication-seconds",
                "exposed-seconds");

        public StepDone {
            dataSeconds = List.copyOf(dataSeconds);
            computeSeconds = List.copyOf(computeSeconds);
            forwardSeconds = List.copyOf(forwardSeconds);
            backwardSeconds = List.copyOf(backwardSeconds);
            exposedSeconds = List.copyOf(exposedSeconds);
            communicationSeconds = List.copyOf(communicationSeconds);
            levels = List.copyOf(levels);
        }

        /** What is known of every rank, by {@link #RANK_SECONDS}. */
        public Map<String, List<Double>> secondsByRank() {
            List<List<Double>> columns = List.of(
                    dataSeconds, computeSeconds, forwardSeconds, backwardSeconds, communicationSeconds, exposedSeconds);
            Map<String, List<Double>> known = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                if (!columns.get(i).isEmpty()) {
                    known.put(RANK_SECONDS.get(i), columns.get(i));
                }
            }
            return known;
        }
    }

    /**
     * A level's exchange at a step.
     *
     * @param bytesSent by all workers
     * @param bytesReceived by all workers
     * @param milliseconds of the longest exchange
     * @param gigabytesPerSecond what a worker has sent on average over that time
     * @param gradientNorm before clipping
     */
    record LevelDone(
            int level,
            long bytesSent,
            @NotInOlderRuns long bytesReceived,
            double milliseconds,
            @NotInOlderRuns double gigabytesPerSecond,
            @NotInOlderRuns double gradientNorm) {}

    /**
     * What is looked at now and then.
     *
     * @param blocks of one sequence; empty without self-modifying Titans
     * @param drift by level, from its start
     * @param findings what is ill in it
     */
    record Statistics(
            List<Block> blocks,
            List<Double> drift,
            @NotInOlderRuns List<Finding> findings) {
        public Statistics {
            blocks = List.copyOf(blocks);
            drift = List.copyOf(drift);
            findings = List.copyOf(findings);
        }

        public static Statistics of(StepReport.Statistics report) {
            return new Statistics(
                    report.blocks().stream().map(Block::of).toList(),
                    report.drift(),
                    report.findings().stream().map(Finding::of).toList());
        }
    }

    /** Means over a block; see {@link InnerStatistics.Summary}. */
    record Block(
            double alpha,
            double eta,
            double errorNorm,
            double cappedShare,
            @NotInOlderRuns double writtenShare,
            @NotInOlderRuns double stateNorm,
            double stateDrift) {
        static Block of(InnerStatistics.Summary block) {
            return new Block(
                    block.alpha(),
                    block.eta(),
                    block.errorNorm(),
                    block.cappedShare(),
                    block.writtenShare(),
                    block.stateNorm(),
                    block.stateDrift());
        }
    }

    /** See {@link org.hopespark.model.Finding}; the illness as files name it. */
    record Finding(String illness, String text) {
        static Finding of(org.hopespark.model.Finding finding) {
            return new Finding(finding.illness().toString(), finding.text());
        }
    }

    /**
     * A worker keeps the others waiting.
     *
     * @param seconds that another one has waited
     * @param cause in words
     * @param ranks that have not arrived
     */
    record Straggler(
            long step,
            double seconds,
            String cause,
            List<Integer> ranks,
            @NotInOlderRuns long attempt) implements RunEvent {
        public Straggler {
            ranks = List.copyOf(ranks);
        }
    }

    /**
     * A loss on held-out rows, in nats; what is optional is of those that are measured while training.
     *
     * @param rows as configured, 0 for all
     * @param targets target tokens of the rows
     * @param seconds that training waited
     */
    record Validation(
            long step,
            double loss,
            double bitsPerByte,
            Optional<Integer> rows,
            Optional<Long> targets,
            Optional<Double> seconds)
            implements RunEvent {
        /** Of a finished run. */
        public static Validation ofRun(long step, double loss, double bitsPerByte) {
            return new Validation(step, loss, bitsPerByte, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * What a task has found while training.
     *
     * @param n documents that it was taken over
     * @param chance what guessing scores; NaN where that means nothing
     * @param documents as configured, 0 for all
     * @param seconds that training waited
     */
    record TaskScored(
            long step,
            String task,
            String metric,
            @NotInOlderRuns double value,
            @NotInOlderRuns double standardError,
            @NotInOlderRuns long n,
            @NotInOlderRuns double chance,
            Optional<Integer> documents,
            @NotInOlderRuns double seconds)
            implements RunEvent {}

    /** What a person should look at; training continues. */
    record Warning(long step, String cause) implements RunEvent {}

    /**
     * A checkpoint is published.
     *
     * @param stallSeconds that training waited
     * @param seconds until it was published
     */
    record CheckpointSaved(long step, @NotInOlderRuns double stallSeconds, double seconds, long bytes, String path)
            implements RunEvent {}

    /** Training continued without this checkpoint. */
    record CheckpointFailed(long step, String cause) implements RunEvent {}

    /**
     * An attempt ended before the last step.
     *
     * @param kind why, which is the line's {@code type}
     * @param attempt 0 where the run ended after its attempts, without its last checkpoint
     * @param step the last that all workers have finished
     * @param cause the first error
     * @param host where the worker ran that failed first, empty if unknown; absent where none has
     */
    @JsonTypeInfo(
            use = JsonTypeInfo.Id.NAME,
            include = JsonTypeInfo.As.EXISTING_PROPERTY,
            property = "type",
            visible = true)
    record AttemptEnded(
            @JsonProperty("type") AttemptEnd.Kind kind,
            @NotInOlderRuns long attempt,
            long step,
            String cause,
            Optional<String> host)
            implements RunEvent {}

    /**
     * An attempt has done its first step after another one ended.
     *
     * @param seconds from the moment that the driver knew of the end
     */
    record Resumed(long attempt, long step, double seconds) implements RunEvent {}

    /** What a finished run's model writes. */
    record Sample(long step, String prompt, String text) implements RunEvent {}

    /** The last step that was wanted is done and saved. */
    record Finished(@NotInOlderRuns long step, double seconds) implements RunEvent {}
}
