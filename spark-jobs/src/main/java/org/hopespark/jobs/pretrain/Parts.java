package org.hopespark.jobs.pretrain;

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
 * @param <K> what tells one thing from another
 * @param <T> a worker's part
 */
final class Parts<K, T extends WorkerMessage.Part> {
    private final Map<K, Map<Integer, T>> open = new LinkedHashMap<>();

    /** A thing of which some ranks have reported nothing. */
    record Incomplete<K>(K thing, List<Integer> missing) {}

    /**
     * Takes a worker's part.
     *
     * @param thing that it is a part of
     * @return those of all workers, by rank, when this is the last one
     */
    Optional<List<T>> add(K thing, T part) {
        Map<Integer, T> parts = open.computeIfAbsent(thing, key -> new TreeMap<>());
        parts.put(part.rank(), part);
        if (parts.size() < part.ranks()) {
            return Optional.empty();
        }
        open.remove(thing);
        return Optional.of(List.copyOf(parts.values()));
    }

    /** Forgets what is half reported. */
    void clear() {
        open.clear();
    }

    /** Forgets the chosen things that are half reported, and returns which they were. */
    List<Incomplete<K>> removeIncomplete(Predicate<K> chosen) {
        List<Incomplete<K>> removed = new ArrayList<>();
        open.forEach((thing, parts) -> {
            if (chosen.test(thing)) {
                int ranks = parts.values().iterator().next().ranks();
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
