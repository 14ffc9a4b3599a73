package org.hopespark.model;

import java.util.List;
import org.hopespark.conf.Level;

/**
 * One parameter tensor of the network, and the level that owns it.
 *
 * @param name such as {@code blocks.0.mixer.output}
 * @param shape axis lengths
 * @param level its one owner
 * @param mean of the initial values
 * @param deviation standard deviation of the initial values; 0 for a constant
 * @param decays whether weight decay applies: matrices yes, norms and biases no
 */
public record ParameterSpec(String name, List<Long> shape, Level level, double mean, double deviation, boolean decays) {
    public ParameterSpec {
        shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
