package org.hopespark.model;

import java.util.List;

/**
 * A part of the training state that is saved and loaded as one file.
 *
 * @param name such as {@code level-2.parameters}
 * @param rank whose share of it this is
 * @param ranks how many share it; 1 when this is all of it
 * @param tensors views of the live state: saving reads them, loading writes them
 */
public record StateSection(String name, int rank, int ranks, List<NamedTensor> tensors) {
    public StateSection {
        tensors = List.copyOf(tensors);
    }

    /** A whole section. */
    public StateSection(String name, List<NamedTensor> tensors) {
        this(name, 0, 1, tensors);
    }
}
