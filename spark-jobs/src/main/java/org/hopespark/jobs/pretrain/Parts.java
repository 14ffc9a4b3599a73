package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the workers report of one thing, each its part, until all have. */
final class Parts {
    private final Map<String, Map<Integer, JsonNode>> open = new HashMap<>();

    /**
     * Takes the message of one of {@code ranks} workers.
     *
     * @param thing that it is a part of
     * @return those of all workers, by rank, when this is the last one
     */
    Optional<List<JsonNode>> add(String thing, JsonNode part) {
        Map<Integer, JsonNode> parts = open.computeIfAbsent(thing, key -> new TreeMap<>());
        parts.put(part.path("rank").asInt(), part);
        if (parts.size() < part.path("ranks").asInt()) {
            return Optional.empty();
        }
        open.remove(thing);
        return Optional.of(List.copyOf(parts.values()));
    }

    /** Forgets what is half reported. */
    void clear() {
        open.clear();
    }
}
