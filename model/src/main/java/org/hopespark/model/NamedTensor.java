package org.hopespark.model;

import java.util.List;

/**
 * A tensor of a training state with its name, for files that others read.
 *
 * @param name such as {@code blocks.0.mixer.query}
 * @param shape axis lengths
 * @param data row-major elements; a view of the live state
 */
public record NamedTensor(String name, List<Long> shape, FlatBuffer data) {
    public NamedTensor {
        shape = List.copyOf(shape);
        long elements = shape.stream().reduce(1L, Math::multiplyExact);
        if (elements != data.elements()) {
            throw new IllegalArgumentException(name + " has shape " + shape + " but " + data.elements() + " elements");
        }
    }
}
