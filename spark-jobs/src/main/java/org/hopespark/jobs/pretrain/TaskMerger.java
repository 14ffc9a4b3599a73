package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.stream.StreamSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.eval.EvaluationRequests;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Measurement;

/** Scores, on the driver, what the workers answer while a run trains, and warns when a score falls. */
final class TaskMerger {
    static final String PART = "answers";
    static final String LINE = "task";

    private static final Logger LOG = LogManager.getLogger(TaskMerger.class);

    /** A score that has fallen by so many standard errors of the difference has not done so by chance. */
    private static final double ERRORS = 3;

    private final EvaluationConfig config;
    private final Map<String, EvaluationRequests> questionnaires;
    private final Parts<String> open = new Parts<>();
    private final Map<String, NavigableMap<Long, Score>> scores = new HashMap<>();

    private record Score(long step, double value, double standardError) {}

    TaskMerger(EvaluationConfig config, List<EvaluationRequests> questionnaires) {
        this.config = config;
        this.questionnaires = questionnaires.stream()
                .collect(Collectors.toMap(q -> q.questions().task(), q -> q));
    }

    /**
     * Takes a line of the metrics that an earlier start of the run has written; counts if it is of as many documents.
     */
    synchronized void replay(String line) {
        try {
            JsonNode node = RunJson.MAPPER.readTree(line);
            if (node.path("type").asText().equals(LINE)
                    && node.path("documents").asInt(-1) == config.documents()) {
                keep(
                        node.path("task").asText(),
                        node.path("metric").asText(),
                        new Score(
                                node.path("step").asLong(),
                                node.path("value").asDouble(Double.NaN),
                                node.path("standard-error").asDouble(Double.NaN)));
            }
        } catch (JacksonException e) {
            LOG.debug("a line that a killed run has left half written", e);
        }
    }

    /** An attempt begins; forgets what the one before left half reported. */
    synchronized void begin() {
        open.clear();
    }

    /** Takes a worker's message; gives lines for the metrics when all have spoken. */
    synchronized List<ObjectNode> reported(JsonNode part) {
        String task = part.path("task").asText();
        long step = part.path("step").asLong();
        return open.add(task + " " + step, part)
                .map(parts -> merged(task, step, parts))
                .orElse(List.of());
    }

    private List<ObjectNode> merged(String task, long step, List<JsonNode> parts) {
        List<Measurement> measurements = Objects.requireNonNull(questionnaires.get(task))
                .measurements(parts.stream().map(TaskMerger::answers).toList());
        double seconds = parts.stream()
                .mapToDouble(part -> part.path("seconds").asDouble())
                .max()
                .orElse(0);
        List<ObjectNode> lines = new ArrayList<>();
        List<ObjectNode> warnings = new ArrayList<>();
        for (Measurement m : measurements) {
            ObjectNode line = RunJson.MAPPER
                    .createObjectNode()
                    .put("type", LINE)
                    .put("step", step)
                    .put("task", task)
                    .put("metric", m.metric())
                    .put("value", m.value())
                    .put("standard-error", m.standardError())
                    .put("n", m.n())
                    .put("chance", m.chance())
                    .put("documents", config.documents())
                    .put("seconds", seconds);
            lines.add(line);
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
                warnings.add(WorkerMessages.warning(step, cause));
            }
            keep(task, m.metric(), now);
        }
        lines.addAll(warnings);
        return lines;
    }

    private static List<Likelihood> answers(JsonNode part) {
        return StreamSupport.stream(part.path("answers").spliterator(), false)
                .map(line -> Likelihood.parse(line.asText()))
                .toList();
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
