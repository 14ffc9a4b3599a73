package org.hopespark.model.eval.continual;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * a[i][j], the accuracy on task j after learning task i, for T tasks; and b[j], that of the model before it learned
 * any. Formulas count from 1. Means over no task (T = 1) are NaN.
 *
 * <p>Libraries differ. Avalanche's forgetting is a[j][j] - a[T][j], so that it is the negative of backward transfer;
 * mammoth takes the maximum over the last row, too, so that forgetting is never negative.
 */
final class AccuracyMatrix {
    private final double[][] a;
    private final double[] b;

    /**
     * A matrix.
     *
     * @param a row i has the tasks up to i, and the next one for {@link #forwardTransfer}; more are not read
     * @param b one a task
     */
    AccuracyMatrix(double[][] a, double[] b) {
        for (int i = 0; i < a.length; i++) {
            int needed = Math.min(i + 2, a.length);
            if (a[i].length < needed) {
                throw new IllegalArgumentException(
                        "row " + (i + 1) + " needs " + needed + " accuracies, got " + a[i].length);
            }
        }
        if (a.length == 0 || b.length != a.length) {
            throw new IllegalArgumentException("T rows need T accuracies of the untrained model, and T >= 1, got "
                    + a.length + " and " + b.length);
        }
        this.a = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
        this.b = b.clone();
    }

    /** mean_j a[T][j]. */
    double averageAccuracy() {
        return mean(0, a.length, j -> last()[j]);
    }

    /** sum_j c[j] a[T][j] / sum_j c[j], with c[j] the number of classes of task j. */
    double classWeightedAccuracy(int... classes) {
        double total = Arrays.stream(classes).sum();
        return IntStream.range(0, a.length)
                .mapToDouble(j -> classes[j] * last()[j] / total)
                .sum();
    }

    /** mean_{j < T} (a[T][j] - a[j][j]) (Lopez-Paz and Ranzato 2017). */
    double backwardTransfer() {
        return mean(0, a.length - 1, j -> last()[j] - a[j][j]);
    }

    /** mean_{j < T} (max_{j <= i < T} a[i][j] - a[T][j]) (Chaudhry et al. 2018). */
    double forgetting() {
        return mean(0, a.length - 1, j -> {
            double best = IntStream.range(j, a.length - 1)
                    .mapToDouble(i -> a[i][j])
                    .max()
                    .orElseThrow();
            return best - last()[j];
        });
    }

    /** mean_{j > 1} (a[j-1][j] - b[j]) (Lopez-Paz and Ranzato 2017). */
    double forwardTransfer() {
        return mean(1, a.length, j -> a[j - 1][j] - b[j]);
    }

    /** mean_j a[j][j]. */
    double learningAccuracy() {
        return mean(0, a.length, j -> a[j][j]);
    }

    private double[] last() {
        return a[a.length - 1];
    }

    private static double mean(int from, int to, IntToDoubleFunction of) {
        return IntStream.range(from, to).mapToDouble(of).average().orElse(Double.NaN);
    }
}
