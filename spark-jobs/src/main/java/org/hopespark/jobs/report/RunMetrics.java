package org.hopespark.jobs.report;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.hopespark.conf.UserException;
import org.hopespark.model.ElementType;

/**
 * What a run has written to its {@code metrics.jsonl}. After a restart steps come again: the last line of a step
 * counts.
 *
 * @param run the run as it was started
 * @param steps in order
 * @param validations in order
 * @param tasks what tasks have found while training, in the order of steps
 * @param checkpoints in the order of writing
 * @param failures attempts that ended early and checkpoints that were not saved, in the order of happening
 * @param warnings in the order of happening, changed settings among them
 * @param samples in order
 * @param starts how often the command was given
 * @param attempts that the gang needed in all starts together
 * @param seconds of all starts together; of one that did not end by itself, those of its steps
 * @param isFinished whether the last step that the last start wants is done and saved
 */
record RunMetrics(
        Run run,
        List<Step> steps,
        List<Validation> validations,
        List<TaskScore> tasks,
        List<Checkpoint> checkpoints,
        List<Failure> failures,
        List<Warning> warnings,
        List<Sample> samples,
        int starts,
        long attempts,
        double seconds,
        boolean isFinished) {
    /** What a step tells of every rank. */
    static final List<String> RANK_SECONDS = List.of(
            "data-seconds",
            "compute-seconds",
            "forward-seconds",
            "backward-seconds",
            "communication-seconds",
            "exposed-seconds");

    /** The run; {@code unigramBitsPerByte} is NaN if unknown. */
    record Run(
            String name,
            long parameters,
            int workers,
            String dataIdentity,
            long steps,
            long batchTokens,
            List<LevelFacts> levels,
            double unigramBitsPerByte,
            Map<String, String> versions,
            String started) {}

    /**
     * A level as the run was started with it.
     *
     * @param bytesANumber b of an exchange
     * @param bytesANumberPerStep b in the mean over steps
     * @param firstStep the first whose gradient is exchanged
     */
    record LevelFacts(
            int level,
            long periodSteps,
            long parameters,
            double bytesANumber,
            double bytesANumberPerStep,
            long firstStep) {}

    /**
     * A step of the whole gang; {@code levels} has those that were due, {@code ranks} what is known of every rank, in
     * seconds.
     */
    record Step(
            long attempt,
            long step,
            double loss,
            long tokens,
            double seconds,
            double tokensPerSecond,
            int workers,
            List<Boundary> levels,
            Map<String, List<Double>> ranks,
            OptionalInt slowestRank,
            Optional<Statistics> statistics) {}

    /** Inner learning, means over the blocks, and the drift of every level from its start; NaN where there is none. */
    record Statistics(
            double alpha,
            double eta,
            double errorNorm,
            double cappedShare,
            double writtenShare,
            double stateDrift,
            List<Double> drift) {}

    /** A level's exchange at a step, bytes summed over workers. */
    record Boundary(int level, long bytesSent, double milliseconds, double gigabytesPerSecond, double gradientNorm) {}

    record Validation(long step, double loss, double bitsPerByte) {}

    /** {@code chance} is NaN where that means nothing. */
    record TaskScore(long step, String task, String metric, double value, double chance) {}

    record Checkpoint(long step, double seconds, long bytes, String path) {}

    record Warning(long step, String cause) {}

    /**
     * {@code kind} is failure, preemption, resize (regroup in older runs) or checkpoint-failure, of which the attempt
     * is not known.
     */
    record Failure(String kind, long attempt, long step, String cause) {}

    record Sample(long step, String prompt, String text) {}

    /** Reads a file's text; a broken last line, as a killed run leaves it, is not read. */
    static RunMetrics parse(String file, String text) {
        Optional<Run> run = Optional.empty();
        Map<Long, Step> steps = new TreeMap<>();
        Map<Long, Validation> validations = new TreeMap<>();
        Map<Long, Map<String, TaskScore>> tasks = new TreeMap<>();
        Map<Long, Sample> samples = new TreeMap<>();
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<Failure> failures = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        Deque<Start> starts = new ArrayDeque<>(List.of(new Start()));
        for (MetricsLine line : lines(file, text)) {
            switch (line.type()) {
                case "run" -> {
                    if (run.isPresent()) {
                        starts.add(new Start());
                    }
                    run = Optional.of(run(line));
                }
                case "step" -> {
                    Step step = step(line);
                    steps.put(step.step(), step);
                    starts.getLast().stepped(step);
                }
                case "validation" ->
                    validations.put(
                            line.whole("step"),
                            new Validation(line.whole("step"), line.number("loss"), line.number("bits-per-byte")));
                case "task" -> {
                    TaskScore score = taskScore(line);
                    tasks.computeIfAbsent(score.step(), step -> new LinkedHashMap<>())
                            .put(score.task() + ", " + score.metric(), score);
                }
                case "sample" ->
                    samples.put(
                            line.whole("step"), new Sample(line.whole("step"), line.text("prompt"), line.text("text")));
                case "checkpoint" -> checkpoints.add(checkpoint(line));
                case "failure", "preemption", "resize", "regroup", "stop", "checkpoint-failure" -> {
                    Failure failure = failure(line);
                    failures.add(failure);
                    starts.getLast().attempts = Math.max(starts.getLast().attempts, failure.attempt());
                }
                case "warning" -> warnings.add(new Warning(line.whole("step"), line.text("cause")));
                case "changes" -> {
                    for (MetricsLine change : line.list("changes")) {
                        warnings.add(new Warning(
                                line.whole("step"),
                                "changed after this step: " + change.text("setting") + ": " + change.text("before")
                                        + " -> " + change.text("now")));
                    }
                }
                case "finished" -> starts.getLast().finishedSeconds = OptionalDouble.of(line.number("seconds"));
                default -> {
                    // A later version may write more; what is known is still true.
                }
            }
        }
        Run known = run.orElseThrow(
                () -> new UserException(file + " has no line of type \"run\"; is this the metrics file of a run?"));
        return new RunMetrics(
                known,
                List.copyOf(steps.values()),
                List.copyOf(validations.values()),
                tasks.values().stream()
                        .flatMap(scores -> scores.values().stream())
                        .toList(),
                checkpoints,
                failures,
                warnings,
                List.copyOf(samples.values()),
                starts.size(),
                starts.stream().mapToLong(start -> start.attempts).sum(),
                starts.stream().mapToDouble(Start::seconds).sum(),
                // a driver may die between its last checkpoint and the line that says so
                starts.getLast().finishedSeconds.isPresent()
                        || checkpoints.stream().anyMatch(checkpoint -> checkpoint.step() >= known.steps()));
    }

    /** What is added up of one start of the command. */
    private static final class Start {
        private long attempts = 1;
        private double stepSeconds;
        private OptionalDouble finishedSeconds = OptionalDouble.empty();

        private void stepped(Step step) {
            attempts = Math.max(attempts, step.attempt());
            stepSeconds += step.seconds();
        }

        private double seconds() {
            return finishedSeconds.orElse(stepSeconds);
        }
    }

    long tokens() {
        return steps.stream().mapToLong(Step::tokens).sum();
    }

    private static List<MetricsLine> lines(String file, String text) {
        ObjectMapper json = new ObjectMapper();
        List<MetricsLine> result = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String place = file + " line " + (i + 1);
            try {
                JsonNode node = json.readTree(lines.get(i));
                if (!node.isMissingNode()) {
                    result.add(new MetricsLine(place, node));
                }
            } catch (JacksonException e) {
                if (i < lines.size() - 1) {
                    throw new UserException(
                            place + " is not valid JSON: " + e.getOriginalMessage()
                                    + "; only the last line may be incomplete, remove this one",
                            e);
                }
            }
        }
        return result;
    }

    static Run run(MetricsLine line) {
        Map<String, String> versions = new LinkedHashMap<>();
        line.json()
                .path("versions")
                .properties()
                .forEach(e -> versions.put(e.getKey(), e.getValue().asText()));
        return new Run(
                line.text("name"),
                line.whole("parameters"),
                (int) line.whole("workers"),
                line.text("data-identity"),
                line.whole("steps"),
                line.whole("batch-tokens"),
                line.list("levels").stream().map(RunMetrics::levelFacts).toList(),
                line.number("unigram-bits-per-byte", Double.NaN),
                versions,
                line.text("started"));
    }

    private static LevelFacts levelFacts(MetricsLine level) {
        long period = level.whole("period-steps");
        double bytes = level.number("bytes-a-number", ElementType.FLOAT32.bytes());
        return new LevelFacts(
                (int) level.whole("level"),
                period,
                level.whole("parameters"),
                bytes,
                level.number("bytes-a-number-and-step", bytes / period),
                (long) level.number("first-step", 1));
    }

    private static TaskScore taskScore(MetricsLine line) {
        return new TaskScore(
                line.whole("step"),
                line.text("task"),
                line.text("metric"),
                line.number("value", Double.NaN),
                line.number("chance", Double.NaN));
    }

    static Checkpoint checkpoint(MetricsLine line) {
        return new Checkpoint(line.whole("step"), line.number("seconds"), line.whole("bytes"), line.text("path"));
    }

    static Failure failure(MetricsLine line) {
        return new Failure(line.type(), (long) line.number("attempt", 0), line.whole("step"), line.text("cause"));
    }

    static Step step(MetricsLine line) {
        return new Step(
                line.whole("attempt"),
                line.whole("step"),
                line.number("loss"),
                line.whole("tokens"),
                line.number("seconds"),
                line.number("tokens-per-second"),
                (int) line.whole("workers"),
                line.list("levels").stream()
                        .map(level -> new Boundary(
                                (int) level.whole("level"),
                                level.whole("bytes-sent"),
                                level.number("milliseconds"),
                                level.number("gigabytes-per-second", Double.NaN),
                                level.number("gradient-norm", Double.NaN)))
                        .toList(),
                ranks(line),
                line.json().has("slowest-rank")
                        ? OptionalInt.of((int) line.whole("slowest-rank"))
                        : OptionalInt.empty(),
                line.json().has("statistics") ? Optional.of(statistics(line.part("statistics"))) : Optional.empty());
    }

    private static Map<String, List<Double>> ranks(MetricsLine line) {
        Map<String, List<Double>> result = new LinkedHashMap<>();
        for (String key : RANK_SECONDS) {
            if (line.json().has(key)) {
                result.put(key, line.numbers(key));
            }
        }
        return result;
    }

    private static Statistics statistics(MetricsLine line) {
        List<MetricsLine> blocks = line.list("blocks");
        ToDoubleFunction<String> mean = key -> blocks.stream()
                .mapToDouble(block -> block.number(key))
                .average()
                .orElse(Double.NaN);
        return new Statistics(
                mean.applyAsDouble("alpha"),
                mean.applyAsDouble("eta"),
                mean.applyAsDouble("error-norm"),
                mean.applyAsDouble("capped-share"),
                blocks.stream()
                        // older runs have none
                        .mapToDouble(block -> block.number("written-share", Double.NaN))
                        .average()
                        .orElse(Double.NaN),
                mean.applyAsDouble("state-drift"),
                line.numbers("drift"));
    }
}
