package org.hopespark.model;

import java.util.List;
import java.util.Random;
import org.hopespark.conf.Level;

/**
 * One parameter tensor of the network, and the level that owns it.
 *
 * @param name such as {@code blocks.0.mixer.output}
 * @param shape axis lengths
 * @param level its one owner
 * @param initial values at the start of training
 * @param decays whether weight decay applies: matrices that every token passes yes; norms, biases, gates, taps and the
 *     start of memories no
 */
public record ParameterSpec(String name, List<Long> shape, Level level, Initial initial, boolean decays) {
    static final String EMBEDDING = "embedding";
    static final String HEAD = "head";

    /** Initial values. */
    sealed interface Initial permits Normal, Uniform, LogOfUniform, LogOfCount, InverseSoftplus {
        static Initial constant(double value) {
            return new Normal(value, value, 0);
        }

        static Initial normal(double deviation) {
            return new Normal(0, 0, deviation);
        }

        /** The value of element {@code index} of {@code count}. */
        double value(long index, long count, Random random);
    }

    /**
     * Normal, around a mean that runs evenly from the first element to the last.
     *
     * @param first mean of the first element
     * @param last mean of the last element
     * @param deviation standard deviation; 0 for the mean itself
     */
    record Normal(double first, double last, double deviation) implements Initial {
        @Override
        public double value(long index, long count, Random random) {
            double mean = count == 1 ? first : first + (last - first) * index / (count - 1);
            return deviation == 0 ? mean : mean + deviation * random.nextGaussian();
        }
    }

    /**
     * Drawn evenly.
     *
     * @param low least number
     * @param high greatest number
     */
    record Uniform(double low, double high) implements Initial {
        @Override
        public double value(long index, long count, Random random) {
            return low + (high - low) * random.nextDouble();
        }
    }

    /**
     * Logarithms of 1, 2, ... along the last axis.
     *
     * @param length of the last axis
     */
    record LogOfCount(long length) implements Initial {
        @Override
        public double value(long index, long count, Random random) {
            return Math.log(1.0 + index % length);
        }
    }

    /**
     * Logarithm of a number drawn evenly.
     *
     * @param low least number
     * @param high greatest number
     */
    record LogOfUniform(double low, double high) implements Initial {
        @Override
        public double value(long index, long count, Random random) {
            return Math.log(low + (high - low) * random.nextDouble());
        }
    }

    /**
     * What softplus makes a step of, whose logarithm is drawn evenly.
     *
     * @param low shortest step
     * @param high longest step
     */
    record InverseSoftplus(double low, double high) implements Initial {
        @Override
        public double value(long index, long count, Random random) {
            double step = low * Math.pow(high / low, random.nextDouble());
            return step + Math.log(-Math.expm1(-step));
        }
    }

    public ParameterSpec {
        shape = List.copyOf(shape);
    }

    /** Whether each row belongs to one id: the embedding and the head. */
    boolean hasRowsOfIds() {
        return name.equals(EMBEDDING) || name.equals(HEAD);
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
