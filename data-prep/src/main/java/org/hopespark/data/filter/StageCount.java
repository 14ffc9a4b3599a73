package org.hopespark.data.filter;

import java.util.Map;
import java.util.TreeMap;

/**
 * What one stage did.
 *
 * @param name the stage
 * @param documentsIn documents that came
 * @param documentsOut documents that left
 * @param changed of those, with another text
 * @param removed documents that stayed behind, by reason
 */
public record StageCount(String name, long documentsIn, long documentsOut, long changed, Map<String, Long> removed) {
    public StageCount {
        removed = Map.copyOf(removed);
    }

    public StageCount plus(StageCount other) {
        Map<String, Long> sum = new TreeMap<>(removed);
        other.removed.forEach((reason, documents) -> sum.merge(reason, documents, Long::sum));
        return new StageCount(
                name, documentsIn + other.documentsIn, documentsOut + other.documentsOut, changed + other.changed, sum);
    }

    StageCount kept() {
        return new StageCount(name, documentsIn + 1, documentsOut + 1, changed, removed);
    }

    StageCount keptChanged() {
        return new StageCount(name, documentsIn + 1, documentsOut + 1, changed + 1, removed);
    }

    StageCount removed(String reason) {
        return removed(reason, 1);
    }

    StageCount removed(String reason, long documents) {
        return plus(new StageCount(name, documents, 0, 0, Map.of(reason, documents)));
    }

    /** One that has left is removed after all. */
    StageCount takenBack(String reason) {
        return plus(new StageCount(name, 0, -1, 0, Map.of(reason, 1L)));
    }

    public StageCount selected(int copies, String reason) {
        return copies == 0 ? removed(reason) : plus(new StageCount(name, 1, copies, 0, Map.of()));
    }

    public static StageCount none(String name) {
        return new StageCount(name, 0, 0, 0, Map.of());
    }
}
