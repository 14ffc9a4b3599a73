package org.hopespark.cluster.spark;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Counts the failures that began on each host, and names those that have had too many. */
final class Hosts {
    private final int maxFailures;
    private final Map<String, Integer> failures = new TreeMap<>();

    /**
     * Counts from nothing.
     *
     * @param maxFailures of one host; 0 sets no limit
     */
    Hosts(int maxFailures) {
        this.maxFailures = maxFailures;
    }

    void failedFirst(String host) {
        if (!host.isEmpty()) {
            failures.merge(host, 1, Integer::sum);
        }
    }

    /** Hosts where no worker should run again. */
    Set<String> excluded() {
        return failures.entrySet().stream()
                .filter(host -> maxFailures > 0 && host.getValue() >= maxFailures)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
