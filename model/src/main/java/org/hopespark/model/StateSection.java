package org.hopespark.model;

import java.util.List;

/**
 * A part of the training state that is saved and loaded as one file.
 *
 * @param name such as {@code level-2.parameters}
 * @param tensors views of the live state: saving reads them, loading writes them
 */
public record StateSection(String name, List<NamedTensor> tensors) {
    public StateSection {
        tensors = List.copyOf(tensors);
    }
}
