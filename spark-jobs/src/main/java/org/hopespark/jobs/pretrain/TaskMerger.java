package org.hopespark.jobs.pretrain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.TaskPart;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.eval.EvaluationRequests;
import org.hopespark.model.eval.Measurement;

/** Scores, on the driver, what the workers answer while a run trains, and warns when a score falls. */
final class TaskMerger {
    private static final Logger LOG = LogManager.getLogger(TaskMerger.class);

    /** A score that has fallen by so many standard errors of the difference has not done so by chance. */
    private static final double ERRORS = 3;

    private final EvaluationConfig config;
    private final Map<String, EvaluationRequests> questionnaires;
    private final Parts<String, TaskPart> open = new Parts<>();
    private final Map<String, NavigableMap<Long, Score>> scores = new HashMap<>();

    private record Score(long step, double value, double standardError) {}

    TaskMerger(EvaluationConfig config, List<EvaluationRequests> questionnaires) {
        this.config = config;
        this.questionnaires = questionnaires.stream()
                .collect(Collectors.toMap(q -> q.questions().task(), q -> q));
    }

    /** Takes what an earlier start of the run has found; counts if it is of as many documents. */
    synchronized void replay(RunEvent event) {
        if (event instanceof RunEvent.TaskScored scored && scored.documents().equals(Optional.of(config.documents()))) {
            keep(scored.task(), scored.metric(), new Score(scored.step(), scored.value(), scored.standardError()));
        }
    }

    /** An attempt begins; forgets what the one before left half reported. */
    synchronized void begin() {
        open.clear();
    }

    /** Takes a worker's part; gives events for the metrics when all have spoken. */
    synchronized List<RunEvent> reported(TaskPart part) {
        return open.add(part.task() + " " + part.step(), part)
                .map(parts -> merged(part.task(), part.step(), parts))
                .orElse(List.of());
    }

    private List<RunEvent> merged(String task, long step, List<TaskPart> parts) {
        List<Measurement> measurements = Objects.requireNonNull(questionnaires.get(task))
                .measurements(parts.stream().map(TaskPart::responses).toList());
        double seconds = parts.stream().mapToDouble(TaskPart::seconds).max().orElse(0);
        List<RunEvent> events = new ArrayList<>();
        List<RunEvent> warnings = new ArrayList<>();
        for (Measurement m : measurements) {
            events.add(new RunEvent.TaskScored(
                    step,
                    task,
                    m.metric(),
                    m.value(),
                    m.standardError(),
                    m.n(),
                    m.chance(),
                    Optional.of(config.documents()),
                    seconds));
            Score now = new Score(step, m.value(), m.standardError());
            Score best = best(task, m.metric(), step).orElse(now);
            if (isWorse(m.metric(), now, best)) {
                String cause = String.format(
                        Locale.ROOT,
                        "%s of %s is %.4f at step %d, and was %.4f at step %d",
                        m.metric(),
                        task,
                        now.value(),
                        step,
                        best.value(),
                        best.step());
                LOG.warn(cause);
                warnings.add(new RunEvent.Warning(step, cause));
            }
            keep(task, m.metric(), now);
        }
        events.addAll(warnings);
        return events;
    }

    private void keep(String task, String metric, Score now) {
        scores.computeIfAbsent(task + " " + metric, key -> new TreeMap<>()).put(now.step(), now);
    }

    /** Of the steps before: what comes after was found by an attempt that is given up. */
    private Optional<Score> best(String task, String metric, long step) {
        NavigableMap<Long, Score> all = scores.getOrDefault(task + " " + metric, Collections.emptyNavigableMap());
        return all.headMap(step, false).values().stream()
                .filter(score -> Double.isFinite(score.value()))
                .max(Comparator.comparingDouble(score -> sign(metric) * score.value()));
    }

    /**
     * Never of numbers that have no standard error, as perplexities of documents have none: there the held-out loss
     * warns.
     */
    private static boolean isWorse(String metric, Score now, Score best) {
        if (!Double.isFinite(now.value())) {
            return Double.isFinite(best.value());
        }
        double error = Math.hypot(now.standardError(), best.standardError());
        return sign(metric) * (best.value() - now.value()) > ERRORS * error;
    }

    /** Of what gets better when it falls, -1. */
    private static int sign(String metric) {
        return Measurement.higherIsBetter(metric).orElse(true) ? 1 : -1;
    }
}
