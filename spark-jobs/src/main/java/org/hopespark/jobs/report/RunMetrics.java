package org.hopespark.jobs.report;

import com.fasterxml.jackson.core.JacksonException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvent.AttemptEnded;
import org.hopespark.jobs.run.RunEvent.CheckpointFailed;
import org.hopespark.jobs.run.RunEvent.CheckpointSaved;
import org.hopespark.jobs.run.RunEvent.Finished;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.Sample;
import org.hopespark.jobs.run.RunEvent.SettingsChanged;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.RunEvent.TaskScored;
import org.hopespark.jobs.run.RunEvent.Validation;
import org.hopespark.jobs.run.RunEvent.Warning;
import org.hopespark.jobs.run.RunEvents;

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
        RunStarted run,
        List<StepDone> steps,
        List<Validation> validations,
        List<TaskScored> tasks,
        List<CheckpointSaved> checkpoints,
        List<Failure> failures,
        List<Warning> warnings,
        List<Sample> samples,
        int starts,
        long attempts,
        double seconds,
        boolean isFinished) {
    static final String FINISHED = "finished";

    private static final double TAIL = 0.05;

    /** {@code kind} is that of an attempt's end or checkpoint-failure, of which the attempt is not known. */
    record Failure(String kind, long attempt, long step, String cause) {
        static Failure of(AttemptEnded end) {
            return new Failure(end.kind().word(), end.attempt(), end.step(), end.cause());
        }

        static Failure of(CheckpointFailed failed) {
            return new Failure("checkpoint-failure", 0, failed.step(), failed.cause());
        }
    }

    /** Reads a file's text; a broken last line, as a killed run leaves it, is not read. */
    static RunMetrics parse(String file, String text) {
        Reader reader = new Reader();
        events(file, text).forEach(reader::add);
        return reader.metrics(file);
    }

    long tokens() {
        return steps.stream().mapToLong(StepDone::tokens).sum();
    }

    /** The last twentieth of the steps, over which their losses are averaged. */
    List<StepDone> lastSteps() {
        return steps.subList((int) (steps.size() * (1 - TAIL)), steps.size());
    }

    /** The mean loss of {@link #lastSteps}, NaN before the first step. */
    double lastLoss() {
        return lastSteps().stream().mapToDouble(StepDone::loss).average().orElse(Double.NaN);
    }

    String state() {
        return isFinished ? FINISHED : steps.isEmpty() ? "no step yet" : "not finished";
    }

    private static List<RunEvent> events(String file, String text) {
        List<RunEvent> result = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String place = file + " line " + (i + 1);
            try {
                RunEvents.read(lines.get(i)).ifPresent(result::add);
            } catch (UserException e) {
                throw new UserException(place + ": " + e.getMessage(), e);
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

    /** Adds events up as they come. */
    private static final class Reader {
        private Optional<RunStarted> run = Optional.empty();
        private final Map<Long, StepDone> steps = new TreeMap<>();
        private final Map<Long, Validation> validations = new TreeMap<>();
        private final Map<Long, Map<String, TaskScored>> tasks = new TreeMap<>();
        private final Map<Long, Sample> samples = new TreeMap<>();
        private final List<CheckpointSaved> checkpoints = new ArrayList<>();
        private final List<Failure> failures = new ArrayList<>();
        private final List<Warning> warnings = new ArrayList<>();
        private final Deque<Start> starts = new ArrayDeque<>(List.of(new Start()));

        void add(RunEvent event) {
            if (event instanceof RunStarted started) {
                if (run.isPresent()) {
                    starts.add(new Start());
                }
                run = Optional.of(started);
            } else if (event instanceof StepDone step) {
                steps.put(step.step(), step);
                starts.getLast().stepped(step);
            } else if (event instanceof Validation validation) {
                validations.put(validation.step(), validation);
            } else if (event instanceof TaskScored score) {
                tasks.computeIfAbsent(score.step(), step -> new LinkedHashMap<>())
                        .put(score.task() + ", " + score.metric(), score);
            } else if (event instanceof Sample sample) {
                samples.put(sample.step(), sample);
            } else if (event instanceof CheckpointSaved checkpoint) {
                checkpoints.add(checkpoint);
            } else if (event instanceof CheckpointFailed failed) {
                failures.add(Failure.of(failed));
            } else if (event instanceof AttemptEnded end) {
                failures.add(Failure.of(end));
                starts.getLast().attempts = Math.max(starts.getLast().attempts, end.attempt());
            } else if (event instanceof Warning warning) {
                warnings.add(warning);
            } else if (event instanceof SettingsChanged changed) {
                changed.changes()
                        .forEach(change -> warnings.add(new Warning(
                                changed.step(),
                                "changed after this step: " + change.setting() + ": " + change.before() + " -> "
                                        + change.now())));
            } else if (event instanceof Finished finished) {
                starts.getLast().finishedSeconds = OptionalDouble.of(finished.seconds());
            }
        }

        RunMetrics metrics(String file) {
            RunStarted known = run.orElseThrow(
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
    }

    /** What is added up of one start of the command. */
    private static final class Start {
        private long attempts = 1;
        private double stepSeconds;
        private OptionalDouble finishedSeconds = OptionalDouble.empty();

        private void stepped(StepDone step) {
            attempts = Math.max(attempts, step.attempt());
            stepSeconds += step.seconds();
        }

        private double seconds() {
            return finishedSeconds.orElse(stepSeconds);
        }
    }
}
