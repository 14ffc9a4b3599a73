package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.CheckpointConfig;

/**
 * Publishes a checkpoint on the driver once all workers have written their parts, and removes old ones. What cannot be
 * published is reported, and the next checkpoint is another chance; the ones before stay.
 */
final class CheckpointPublisher {
    static final String PART = "checkpoint-part";

    private static final Logger LOG = LogManager.getLogger(CheckpointPublisher.class);

    private final CheckpointStore store;
    private final CheckpointConfig config;
    private final ToLongFunction<LongPredicate> best;
    private final Map<String, String> about;
    private final Map<String, Map<Integer, JsonNode>> open = new HashMap<>();

    /**
     * A publisher.
     *
     * @param best the step, of those that are saved, whose checkpoint stays besides; 0 for none
     * @param about what the run wants to find again in its checkpoints
     */
    CheckpointPublisher(
            CheckpointStore store,
            CheckpointConfig config,
            ToLongFunction<LongPredicate> best,
            Map<String, String> about) {
        this.store = store;
        this.config = config;
        this.best = best;
        this.about = Map.copyOf(about);
    }

    /** Takes a worker's message; gives a line for the metrics when a checkpoint is complete or has failed. */
    List<ObjectNode> reported(JsonNode part) {
        String attempt = part.path("attempt-token").asText();
        long step = part.path("step").asLong();
        Map<Integer, JsonNode> parts = open.computeIfAbsent(attempt + step, key -> new TreeMap<>());
        parts.put(part.path("rank").asInt(), part);
        if (parts.size() < part.path("ranks").asInt()) {
            return List.of();
        }
        open.clear();
        List<ObjectNode> lines = new ArrayList<>();
        List<String> problems = parts.values().stream()
                .filter(each -> each.has("problem"))
                .map(each -> "rank " + each.path("rank").asInt() + ": "
                        + each.path("problem").asText())
                .toList();
        try {
            if (!problems.isEmpty()) {
                throw new CheckpointFailedException(String.join("; ", problems));
            }
            lines.add(publish(step, attempt, parts.values()));
        } catch (CheckpointFailedException e) {
            LOG.error("the checkpoint of step {} failed; training goes on, and the next one is another try", step, e);
            lines.add(WorkerMessages.JSON
                    .createObjectNode()
                    .put("type", "checkpoint-failure")
                    .put("step", step)
                    .put("cause", String.valueOf(e.getMessage())));
        }
        return lines;
    }

    private ObjectNode publish(long step, String attempt, Collection<JsonNode> parts) {
        long begin = System.nanoTime();
        List<Checkpoint.Part> files = new ArrayList<>();
        for (JsonNode part : parts) {
            part.path("parts")
                    .forEach(file -> files.add(WorkerMessages.JSON.convertValue(file, Checkpoint.Part.class)));
        }
        Map<String, String> all = new TreeMap<>(about);
        all.put(RunFolder.WORKERS, Integer.toString(parts.size()));
        Checkpoint checkpoint = store.publish(step, attempt, files, all);
        if (config.keep() > 0) {
            Set<Long> saved = store.list().stream().map(Checkpoint::step).collect(Collectors.toSet());
            store.prune(config.keep(), config.permanentEverySteps(), best.applyAsLong(saved::contains));
        }
        return WorkerMessages.JSON
                .createObjectNode()
                .put("type", "checkpoint")
                .put("step", step)
                .put("stall-seconds", most(parts, "stall-seconds"))
                .put("seconds", most(parts, "seconds") + (System.nanoTime() - begin) * 1e-9)
                .put("bytes", checkpoint.bytes())
                .put("path", checkpoint.location());
    }

    private static double most(Collection<JsonNode> parts, String key) {
        return parts.stream()
                .mapToDouble(part -> part.path(key).asDouble())
                .max()
                .orElse(0);
    }
}
