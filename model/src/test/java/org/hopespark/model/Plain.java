package org.hopespark.model;

import java.util.Arrays;

/** Functions of vectors as the papers write them, one number after the other: what the scripts are compared with. */
final class Plain {
    private static final double EPSILON = 1e-6;

    private Plain() {}

    static double[] row(double[] values, int index, int length) {
        return Arrays.copyOfRange(values, index * length, (index + 1) * length);
    }

    /** A matrix that lies row after row in {@code values}, from {@code first} on. */
    static double[][] matrix(double[] values, int first, int rows, int columns) {
        double[][] result = new double[rows][];
        for (int i = 0; i < rows; i++) {
            result[i] = Arrays.copyOfRange(values, first + i * columns, first + (i + 1) * columns);
        }
        return result;
    }

    static double[][] copy(double[][] matrix) {
        return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    }

    /** z @ matrix. */
    static double[] times(double[] z, double[][] matrix, int columns) {
        double[] result = new double[columns];
        for (int i = 0; i < z.length; i++) {
            for (int j = 0; j < columns; j++) {
                result[j] += z[i] * matrix[i][j];
            }
        }
        return result;
    }

    static double[][] product(double[][] a, double[][] b) {
        return Arrays.stream(a).map(row -> times(row, b, b[0].length)).toArray(double[][]::new);
    }

    static double[][] transposed(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    static double[] plus(double[] a, double[] b) {
        double[] result = a.clone();
        Arrays.setAll(result, i -> a[i] + b[i]);
        return result;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /**
     * SiLU of a causal convolution at token t: tap j is for the token j back, if that is in the same document.
     *
     * @param taps a row of each tap after the other
     * @param bias added before SiLU
     */
    static double[] convolved(double[][] rows, double[] taps, double[] bias, int t, int[] documentOf) {
        int width = rows[t].length;
        double[] result = bias.clone();
        for (int j = 0; j < taps.length / width && j <= t && documentOf[t - j] == documentOf[t]; j++) {
            for (int i = 0; i < width; i++) {
                result[i] += rows[t - j][i] * taps[j * width + i];
            }
        }
        return Arrays.stream(result).map(Plain::silu).toArray();
    }

    static double[] unit(double[] x) {
        double length = Math.sqrt(dot(x, x) + EPSILON);
        return Arrays.stream(x).map(v -> v / length).toArray();
    }

    static double[] rmsNorm(double[] x, double[] weight) {
        double root = Math.sqrt(dot(x, x) / x.length + EPSILON);
        double[] result = new double[x.length];
        Arrays.setAll(result, i -> x[i] / root * weight[i]);
        return result;
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    static double silu(double x) {
        return x * sigmoid(x);
    }

    /** The tanh form of Hendrycks and Gimpel 2016. */
    static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(inner(x)));
    }

    static double geluSlope(double x) {
        double t = Math.tanh(inner(x));
        double slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope;
    }

    private static double inner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    /** Largest difference in units of the largest expected value. */
    static double relativeError(double[] actual, double[] expected) {
        if (actual.length != expected.length) {
            throw new IllegalArgumentException(actual.length + " values cannot equal " + expected.length);
        }
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < actual.length; i++) {
            double distance = Math.abs(actual[i] - expected[i]);
            difference = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : Math.max(difference, distance);
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        return difference == 0 ? 0 : difference / scale;
    }
}
