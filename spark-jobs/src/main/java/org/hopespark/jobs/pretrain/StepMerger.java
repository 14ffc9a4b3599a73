package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.spark.StepListener;
import org.hopespark.jobs.progress.Progress;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.RunJson;

/** Adds up what the workers report about a step, in rank order, and writes one line when all have. */
final class StepMerger implements StepListener {
    /** What a worker does on its own; whoever takes longest keeps the others waiting. */
    private static final List<String> OWN_SECONDS = List.of("data-seconds", "forward-seconds", "backward-seconds");

    private static final List<String> BY_RANK =
            List.of("data-seconds", "compute-seconds", "forward-seconds", "backward-seconds", "exposed-seconds");

    private static final Logger LOG = LogManager.getLogger(StepMerger.class);

    private final Duration timeout;
    private final MetricsSink log;
    private final Progress progress;
    private final Function<JsonNode, List<ObjectNode>> checkpoints;
    private final HeldOutMerger heldOut;
    private final TaskMerger tasks;
    private final FindingWarnings findings = new FindingWarnings();
    private final GradientWarnings gradients = new GradientWarnings();
    private final Map<Long, Map<Integer, JsonNode>> open = new HashMap<>();
    private Stragglers stragglers;
    private int workers;
    private long attempt;
    private long lastStep;
    private long savedStep;
    private long merged;

    /**
     * @param timeout when a worker's wait for another fails
     * @param checkpoints takes what workers say about their parts of checkpoints, gives lines for the metrics
     * @param heldOut the same for what they find on held-out rows
     * @param tasks the same for what they answer to tasks
     */
    StepMerger(
            Duration timeout,
            MetricsSink log,
            Progress progress,
            Function<JsonNode, List<ObjectNode>> checkpoints,
            HeldOutMerger heldOut,
            TaskMerger tasks) {
        this.timeout = timeout;
        this.stragglers = new Stragglers(1, timeout);
        this.log = log;
        this.progress = progress;
        this.checkpoints = checkpoints;
        this.heldOut = heldOut;
        this.tasks = tasks;
    }

    /** An attempt of so many workers begins; forgets the steps that the one before left half reported. */
    synchronized void begin(long number, int size) {
        attempt = number;
        workers = size;
        open.clear();
        heldOut.begin();
        tasks.begin();
        stragglers = new Stragglers(workers, timeout);
    }

    /** The last step that all workers have reported. */
    synchronized long lastStep() {
        return lastStep;
    }

    /** Step of the last checkpoint that was reported, 0 before the first. */
    synchronized long savedStep() {
        return savedStep;
    }

    /** How many steps all workers have reported, those that came again included. */
    synchronized long merged() {
        return merged;
    }

    @Override
    public synchronized void reported(int rank, String json) {
        JsonNode node = parse(json);
        switch (node.path("type").asText()) {
            case "step" -> finished(rank, node);
            case "waiting" ->
                stragglers
                        .waiting(
                                rank,
                                node.path("step").asLong(),
                                node.path("seconds").asDouble())
                        .ifPresent(this::straggler);
            case "worker" -> {
                stragglers.seated(rank, node.path("host").asText());
                log.add((ObjectNode) node);
            }
            case CheckpointPublisher.PART -> checkpoints.apply(node).forEach(this::checkpoint);
            case HeldOutMerger.PART -> heldOut.reported(node).forEach(log::add);
            case TaskMerger.PART -> tasks.reported(node).forEach(log::add);
            default -> log.add((ObjectNode) node);
        }
    }

    private void checkpoint(ObjectNode line) {
        if (line.path("type").asText().equals("checkpoint")) {
            savedStep = line.path("step").asLong();
        }
        log.add(line);
    }

    private void straggler(ObjectNode line) {
        LOG.warn("{}", line.path("cause").asText());
        log.add(line.put("attempt", attempt));
    }

    private void finished(int rank, JsonNode node) {
        stragglers.finished(rank, node.path("seconds").asDouble());
        long step = node.path("step").asLong();
        Map<Integer, JsonNode> parts = open.computeIfAbsent(step, s -> new TreeMap<>());
        parts.put(rank, node);
        if (parts.size() == workers) {
            open.remove(step);
            lastStep = step;
            merged++;
            ObjectNode line = merge(step, parts);
            log.add(line);
            gradients.of(step, line.path("levels")).forEach(log::add);
            if (line.has(WorkerMessages.STATISTICS)) {
                findings.of(step, line.path(WorkerMessages.STATISTICS).path("findings"))
                        .forEach(log::add);
            }
            progress.update(
                    step,
                    line.path("loss").asDouble(),
                    line.path("tokens-per-second").asDouble(),
                    line.path("seconds").asDouble());
        }
    }

    private ObjectNode merge(long step, Map<Integer, JsonNode> parts) {
        JsonNode first = parts.values().iterator().next();
        double loss = sum(parts, "loss-sum");
        double targets = sum(parts, "targets");
        double seconds = parts.values().stream()
                .mapToDouble(part -> part.path("seconds").asDouble())
                .max()
                .orElse(0);
        ObjectNode line = RunJson.MAPPER
                .createObjectNode()
                .put("type", "step")
                .put("attempt", attempt)
                .put("step", step)
                .put("loss", loss / targets)
                .put("tokens", (long) targets)
                .put("seconds", seconds)
                .put("tokens-per-second", targets / seconds)
                .put("learning-rate", first.path("learning-rate").asDouble())
                .put("workers", workers);
        addRanks(line, parts);
        ArrayNode levels = line.putArray("levels");
        for (int i = 0; i < first.path("levels").size(); i++) {
            long sent = 0;
            long received = 0;
            double milliseconds = 0;
            for (JsonNode part : parts.values()) {
                JsonNode level = part.path("levels").path(i);
                sent += level.path("bytes-sent").asLong();
                received += level.path("bytes-received").asLong();
                milliseconds = Math.max(milliseconds, level.path("milliseconds").asDouble());
            }
            levels.addObject()
                    .put("level", first.path("levels").path(i).path("level").asInt())
                    .put("bytes-sent", sent)
                    .put("bytes-received", received)
                    .put("milliseconds", milliseconds)
                    .put("gigabytes-per-second", milliseconds > 0 ? sent * 1e-6 / workers / milliseconds : 0)
                    .put(
                            "gradient-norm",
                            first.path("levels").path(i).path("gradient-norm").asDouble());
        }
        if (first.has(WorkerMessages.STATISTICS)) {
            line.set(WorkerMessages.STATISTICS, first.path(WorkerMessages.STATISTICS));
        }
        return line;
    }

    /** Seconds by rank, those that the workers tell. */
    private static void addRanks(ObjectNode line, Map<Integer, JsonNode> parts) {
        for (String key : BY_RANK) {
            if (parts.values().stream().allMatch(part -> part.has(key))) {
                ArrayNode ranks = line.putArray(key);
                parts.values().forEach(part -> ranks.add(part.path(key).asDouble()));
            }
        }
        ArrayNode communication = line.putArray("communication-seconds");
        parts.values().forEach(part -> communication.add(communicationSeconds(part)));
        parts.entrySet().stream()
                .max(Comparator.comparingDouble(part -> ownSeconds(part.getValue())))
                .ifPresent(slowest -> line.put("slowest-rank", slowest.getKey()));
    }

    private static double ownSeconds(JsonNode part) {
        return OWN_SECONDS.stream()
                .mapToDouble(key -> part.path(key).asDouble())
                .sum();
    }

    private static double communicationSeconds(JsonNode part) {
        double milliseconds = 0;
        for (JsonNode level : part.path("levels")) {
            milliseconds += level.path("milliseconds").asDouble();
        }
        return milliseconds * 1e-3;
    }

    private static double sum(Map<Integer, JsonNode> parts, String key) {
        return parts.values().stream()
                .mapToDouble(part -> part.path(key).asDouble())
                .sum();
    }

    private static JsonNode parse(String json) {
        try {
            return RunJson.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
