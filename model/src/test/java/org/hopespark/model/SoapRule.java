package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.hopespark.conf.OptimizerConfig;
import org.hopespark.conf.TrainingConfig;

/**
 * SOAP of a matrix as its paper writes it. Eigenvectors are not unique where gradients have seen less than all
 * directions; so bases are checked for what makes them eigenbases, or QR factors, and then taken over.
 */
final class SoapRule implements OptimizerRule {
    private final int rows;
    private final int columns;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final int refreshEveryUpdates;
    private final double[][] momentum;
    private double[][] second;
    private final double[][] left;
    private final double[][] right;
    private double[][] leftBasis;
    private double[][] rightBasis;
    private int count;

    SoapRule(ParameterSpec spec, OptimizerConfig config, TrainingConfig training) {
        rows = spec.shape().get(0).intValue();
        columns = spec.shape().get(1).intValue();
        beta1 = config.momentum();
        beta2 = training.beta2();
        epsilon = training.epsilon();
        refreshEveryUpdates = config.refreshEveryUpdates();
        momentum = new double[rows][columns];
        second = new double[rows][columns];
        left = new double[rows][rows];
        right = new double[columns][columns];
        leftBasis = left;
        rightBasis = right;
    }

    @Override
    public void update(double[] parameter, double[] gradient, double rate, double decay) {
        double[][] g = Plain.matrix(gradient, 0, rows, columns);
        mix(left, Plain.product(g, Plain.transposed(g)), beta2);
        mix(right, Plain.product(Plain.transposed(g), g), beta2);
        if (count++ == 0) {
            return;
        }
        int updates = count - 1;
        mix(momentum, g, beta1);
        double[][] turned = turned(g);
        for (double[] row : turned) {
            Arrays.setAll(row, j -> row[j] * row[j]);
        }
        mix(second, turned, beta2);
        double[][] update = turned(momentum);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                double mean = update[i][j] / (1 - Math.pow(beta1, updates));
                // the authors add epsilon before they correct the bias
                double root = Math.sqrt(second[i][j]) + epsilon;
                update[i][j] = mean * Math.sqrt(1 - Math.pow(beta2, updates)) / root;
            }
        }
        update = Plain.product(Plain.product(leftBasis, update), Plain.transposed(rightBasis));
        for (int i = 0; i < parameter.length; i++) {
            parameter[i] -= rate * (update[i / columns][i % columns] + decay * parameter[i]);
        }
    }

    @Override
    public void compare(Function<String, double[]> slots) {
        double[][] newLeft = Plain.matrix(slots.apply("left-basis"), 0, rows, rows);
        double[][] newRight = Plain.matrix(slots.apply("right-basis"), 0, columns, columns);
        assertThat(slots.apply("left")).containsExactly(flat(left), within(1e-12));
        assertThat(slots.apply("right")).containsExactly(flat(right), within(1e-12));
        if (count == 1) {
            assertIsEigenbasis(newLeft, left);
            assertIsEigenbasis(newRight, right);
        } else if ((count - 1) % refreshEveryUpdates == 0) {
            List<Integer> rowOrder = order(leftBasis, left);
            List<Integer> columnOrder = order(rightBasis, right);
            assertIsFactor(newLeft, inOrder(Plain.product(left, leftBasis), counted(rows), rowOrder));
            assertIsFactor(newRight, inOrder(Plain.product(right, rightBasis), counted(columns), columnOrder));
            second = inOrder(second, rowOrder, columnOrder);
        } else {
            assertThat(newLeft).isDeepEqualTo(leftBasis);
            assertThat(newRight).isDeepEqualTo(rightBasis);
        }
        assertThat(slots.apply("second-moment")).containsExactly(flat(second), within(1e-12));
        assertThat(slots.apply("momentum")).containsExactly(flat(momentum), within(1e-12));
        leftBasis = newLeft;
        rightBasis = newRight;
    }

    /** x in the basis of the preconditioners. */
    private double[][] turned(double[][] x) {
        return Plain.product(Plain.product(Plain.transposed(leftBasis), x), rightBasis);
    }

    /** mean = beta mean + (1 - beta) x. */
    private static void mix(double[][] mean, double[][] x, double beta) {
        for (int i = 0; i < mean.length; i++) {
            for (int j = 0; j < mean[i].length; j++) {
                mean[i][j] = beta * mean[i][j] + (1 - beta) * x[i][j];
            }
        }
    }

    /** The columns of a basis by what a preconditioner makes of them, the greatest first. */
    private static List<Integer> order(double[][] basis, double[][] preconditioner) {
        double[][] inBasis = Plain.product(Plain.product(Plain.transposed(basis), preconditioner), basis);
        return counted(basis.length).stream()
                .sorted(Comparator.comparingDouble((Integer i) -> -inBasis[i][i]))
                .toList();
    }

    private static List<Integer> counted(int length) {
        return IntStream.range(0, length).boxed().toList();
    }

    private static double[][] inOrder(double[][] x, List<Integer> rows, List<Integer> columns) {
        return rows.stream()
                .map(row ->
                        columns.stream().mapToDouble(column -> x[row][column]).toArray())
                .toArray(double[][]::new);
    }

    /** Orthogonal, makes the preconditioner diagonal, and has the greatest eigenvalue first. */
    private static void assertIsEigenbasis(double[][] basis, double[][] preconditioner) {
        assertIsOrthogonal(basis);
        double[][] inBasis = Plain.product(Plain.product(Plain.transposed(basis), preconditioner), basis);
        double rounding = 1e-14 * inBasis[0][0];
        assertThat(most(inBasis, (i, j) -> i != j)).isLessThan(rounding);
        for (int i = 1; i < basis.length; i++) {
            assertThat(inBasis[i][i]).isLessThanOrEqualTo(inBasis[i - 1][i - 1] + rounding);
        }
    }

    /** The Q of a QR decomposition: orthogonal, and Q' x is upper triangular. */
    private static void assertIsFactor(double[][] basis, double[][] x) {
        assertIsOrthogonal(basis);
        double[][] triangle = Plain.product(Plain.transposed(basis), x);
        assertThat(most(triangle, (i, j) -> i > j)).isLessThan(1e-14 * most(triangle, (i, j) -> true));
    }

    private static void assertIsOrthogonal(double[][] basis) {
        double[][] difference = Plain.product(Plain.transposed(basis), basis);
        for (int i = 0; i < basis.length; i++) {
            difference[i][i] -= 1;
        }
        assertThat(most(difference, (i, j) -> true)).isLessThan(1e-13);
    }

    /** Some places of a matrix. */
    @FunctionalInterface
    private interface Places {
        boolean test(int row, int column);
    }

    /** The greatest absolute value of some elements. */
    private static double most(double[][] x, Places chosen) {
        double most = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = 0; j < x[i].length; j++) {
                most = chosen.test(i, j) ? Math.max(most, Math.abs(x[i][j])) : most;
            }
        }
        return most;
    }

    private static double[] flat(double[][] x) {
        return Arrays.stream(x).flatMapToDouble(Arrays::stream).toArray();
    }
}
