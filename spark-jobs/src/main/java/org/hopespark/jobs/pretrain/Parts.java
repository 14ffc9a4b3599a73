package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What the workers report of one thing, each its part, until all have.
 *
 * @param <T> what tells one thing from another
 */
final class Parts<T> {
    private final Map<T, Map<Integer, JsonNode>> open = new LinkedHashMap<>();

    /** A thing of which some ranks have reported nothing. */
    record Incomplete<T>(T thing, List<Integer> missing) {}

    /**
     * Takes the message of one of {@code ranks} workers.
     *
     * @param thing that it is a part of
     * @return those of all workers, by rank, when this is the last one
     */
    Optional<List<JsonNode>> add(T thing, JsonNode part) {
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

    /** Forgets the chosen things that are half reported, and tells which they were. */
    List<Incomplete<T>> removeIncomplete(Predicate<T> chosen) {
        List<Incomplete<T>> removed = new ArrayList<>();
        open.forEach((thing, parts) -> {
            if (chosen.test(thing)) {
                int ranks = parts.values().iterator().next().path("ranks").asInt();
                removed.add(new Incomplete<>(
                        thing,
                        IntStream.range(0, ranks)
                                .filter(rank -> !parts.containsKey(rank))
                                .boxed()
                                .toList()));
            }
        });
        removed.forEach(each -> open.remove(each.thing));
        return removed;
    }
}
