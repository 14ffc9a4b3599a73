package org.hopespark.model;

import java.util.List;

/**
 * A tensor of a training state with its name, for files that others read; or a run of its elements.
 *
 * @param name such as {@code blocks.0.mixer.query}
 * @param shape axis lengths of the whole tensor
 * @param from first element, in row-major order
 * @param data row-major elements from there on, perhaps none; a view of the live state
 */
public record NamedTensor(String name, List<Long> shape, long from, FlatBuffer data) {
    public NamedTensor {
        shape = List.copyOf(shape);
        if (from < 0 || from + data.elements() > elements(shape)) {
            throw new IllegalArgumentException(
                    name + " has shape " + shape + ", but elements " + from + ".." + (from + data.elements()));
        }
    }

    /** A whole tensor. */
    public NamedTensor(String name, List<Long> shape, FlatBuffer data) {
        this(name, shape, 0, data);
        if (!isWhole()) {
            throw new IllegalArgumentException(name + " has shape " + shape + " but " + data.elements() + " elements");
        }
    }

    /** The element after the last. */
    public long to() {
        return from + data.elements();
    }

    /** Whether all elements are there. */
    public boolean isWhole() {
        return data.elements() == elements(shape);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
