package org.hopespark.model;

import java.util.Arrays;

/** DMGD of a matrix, vector by vector: the gradients of <tanh(u up) down, u> of all of them are added up. */
final class DeepMomentumRule implements OptimizerRule {
    private final int rows;
    private final int columns;
    private final int d;
    private final double momentum;
    private final double[][] up;
    private final double[][] down;

    DeepMomentumRule(ParameterSpec spec, double momentum) {
        rows = spec.shape().get(0).intValue();
        columns = spec.shape().get(1).intValue();
        d = Math.min(rows, columns);
        this.momentum = momentum;
        up = new double[d][d];
        down = new double[d][d];
        for (int i = 0; i < d; i++) {
            up[i][i] = 1;
        }
    }

    @Override
    public void update(double[] parameter, double[] gradient, double rate, double decay) {
        double root = Math.sqrt(Plain.dot(gradient, gradient) / gradient.length);
        double[][] g = Plain.matrix(Arrays.stream(gradient).map(x -> x / root).toArray(), 0, rows, columns);
        double[][] vectors = rows < columns ? Plain.transposed(g) : g;
        double[][] ofUp = new double[d][d];
        double[][] ofDown = new double[d][d];
        for (double[] u : vectors) {
            double[] a = hidden(u);
            for (int i = 0; i < d; i++) {
                double slope = Plain.dot(down[i], u) * (1 - a[i] * a[i]);
                for (int j = 0; j < d; j++) {
                    ofDown[i][j] += a[i] * u[j] / vectors.length;
                    ofUp[j][i] += slope * u[j] / vectors.length;
                }
            }
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                double start = i == j ? 1 : 0;
                up[i][j] = start + momentum * (up[i][j] - start) - (1 - momentum) * ofUp[i][j];
                down[i][j] = momentum * down[i][j] - (1 - momentum) * ofDown[i][j];
            }
        }
        double[][] read =
                Arrays.stream(vectors).map(u -> Plain.times(hidden(u), down, d)).toArray(double[][]::new);
        double square = Arrays.stream(read).mapToDouble(y -> Plain.dot(y, y)).sum() / parameter.length;
        for (int i = 0; i < parameter.length; i++) {
            double y = rows < columns ? read[i % columns][i / columns] : read[i / columns][i % columns];
            parameter[i] += rate * (0.2 * y / Math.sqrt(square) - decay * parameter[i]);
        }
    }

    private double[] hidden(double[] u) {
        return Arrays.stream(Plain.times(u, up, d)).map(Math::tanh).toArray();
    }
}
