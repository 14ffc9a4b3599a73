package org.hopespark.model.eval.continual;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.RealVector;

/**
 * Classes as Gaussians with one covariance for all, updated point by point: nothing that was learned is changed by what
 * comes later but the covariance. The nearest class is that of the smallest Mahalanobis distance. The covariance is
 * drawn towards a sphere, the more so the fewer points there are for each dimension.
 */
final class ClassGaussians {
    private final int dimensions;
    private final double[][] scatter;
    private final Map<Integer, Moments> classes = new TreeMap<>();
    private final Map<Integer, Discriminant> discriminants = new TreeMap<>();
    private long points;

    private static final class Moments {
        private final double[] mean;
        private long count;

        Moments(int dimensions) {
            mean = new double[dimensions];
        }
    }

    /** Half of the squared distance but for a part that all classes share: offset - weight x. */
    private record Discriminant(RealVector weight, double offset) {}

    ClassGaussians(int dimensions) {
        this.dimensions = dimensions;
        scatter = new double[dimensions][dimensions];
    }

    /** Adds a point of a class. */
    void add(int label, double[] x) {
        Moments moments = classes.computeIfAbsent(label, key -> new Moments(dimensions));
        moments.count++;
        points++;
        double[] before = new double[dimensions];
        double[] after = new double[dimensions];
        for (int i = 0; i < dimensions; i++) {
            before[i] = x[i] - moments.mean[i];
            moments.mean[i] += before[i] / moments.count;
            after[i] = x[i] - moments.mean[i];
        }
        for (int i = 0; i < dimensions; i++) {
            for (int j = 0; j < dimensions; j++) {
                scatter[i][j] += before[i] * after[j];
            }
        }
        discriminants.clear();
    }

    boolean isEmpty() {
        return classes.isEmpty();
    }

    /** The classes whose means are nearest, nearest first; fewer if there are not as many. */
    List<Integer> nearest(double[] x, int count) {
        if (discriminants.isEmpty()) {
            discriminate();
        }
        RealVector point = new ArrayRealVector(x, false);
        List<Integer> labels = new ArrayList<>(classes.keySet());
        Map<Integer, Double> distances = new TreeMap<>();
        discriminants.forEach((label, discriminant) ->
                distances.put(label, discriminant.offset - discriminant.weight.dotProduct(point)));
        labels.sort(Comparator.comparing(distances::get));
        return List.copyOf(labels.subList(0, Math.min(count, labels.size())));
    }

    private void discriminate() {
        double freedom = Math.max(1, points - classes.size());
        double trace = 0;
        for (int i = 0; i < dimensions; i++) {
            trace += scatter[i][i] / freedom;
        }
        double sphere = (double) dimensions / (dimensions + points);
        // points that are all alike have no spread: then any distance will do
        double round = trace > 0 ? sphere * trace / dimensions : 1;
        double[][] covariance = new double[dimensions][dimensions];
        for (int i = 0; i < dimensions; i++) {
            for (int j = 0; j < dimensions; j++) {
                double own = (scatter[i][j] + scatter[j][i]) / (2 * freedom);
                covariance[i][j] = (1 - sphere) * own + (i == j ? round : 0);
            }
        }
        DecompositionSolver solver = new CholeskyDecomposition(
                        new Array2DRowRealMatrix(covariance, false),
                        CholeskyDecomposition.DEFAULT_RELATIVE_SYMMETRY_THRESHOLD,
                        0)
                .getSolver();
        classes.forEach((label, moments) -> {
            RealVector mean = new ArrayRealVector(moments.mean, false);
            RealVector weight = solver.solve(mean);
            discriminants.put(label, new Discriminant(weight, weight.dotProduct(mean) / 2));
        });
    }
}
