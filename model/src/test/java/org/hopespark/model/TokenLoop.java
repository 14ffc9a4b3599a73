package org.hopespark.model;

import java.util.Arrays;
import java.util.List;
import org.hopespark.model.MemoryTest.Result;
import org.hopespark.model.MemoryTest.Sizes;

/**
 * The recurrence of one memory, token by token, with gradients derived by hand: slow, and nothing but the definition.
 */
final class TokenLoop {
    private final int d;
    private final int m;
    private final double[][] up;
    private final double[][] down;

    TokenLoop(Sizes sizes, List<double[]> inputs, int head) {
        this(sizes.width(), sizes.hidden(), inputs.get(5), inputs.get(6), head);
    }

    private TokenLoop(int d, int m, double[] up, double[] down, int head) {
        this.d = d;
        this.m = m;
        this.up = new double[d][];
        this.down = new double[m][];
        for (int i = 0; i < d; i++) {
            this.up[i] = row(up, head * d + i, m);
        }
        for (int j = 0; j < m; j++) {
            this.down[j] = row(down, head * m + j, d);
        }
    }

    private TokenLoop(TokenLoop other) {
        d = other.d;
        m = other.m;
        up = Arrays.stream(other.up).map(double[]::clone).toArray(double[][]::new);
        down = Arrays.stream(other.down).map(double[]::clone).toArray(double[][]::new);
    }

    /** All heads over all tokens; inputs in the order q, k, v, alpha, eta, up, down. */
    static Result run(Sizes sizes, List<double[]> inputs, boolean readAfterWrite) {
        double[] output = new double[sizes.rows()];
        double[] ups = new double[inputs.get(5).length];
        double[] downs = new double[inputs.get(6).length];
        int d = sizes.width();
        int m = sizes.hidden();
        for (int head = 0; head < sizes.heads(); head++) {
            TokenLoop now = new TokenLoop(sizes, inputs, head);
            TokenLoop chunkStart = now;
            for (int t = 0; t < sizes.tokens(); t++) {
                if (t % sizes.chunk() == 0) {
                    chunkStart = new TokenLoop(now);
                }
                int at = head * sizes.tokens() + t;
                double[] q = row(inputs.get(0), at, d);
                if (!readAfterWrite) {
                    System.arraycopy(now.read(q), 0, output, at * d, d);
                }
                now.write(
                        chunkStart,
                        row(inputs.get(1), at, d),
                        row(inputs.get(2), at, d),
                        inputs.get(3)[at],
                        inputs.get(4)[at]);
                if (readAfterWrite) {
                    System.arraycopy(now.read(q), 0, output, at * d, d);
                }
            }
            for (int i = 0; i < d; i++) {
                System.arraycopy(now.up[i], 0, ups, (head * d + i) * m, m);
            }
            for (int j = 0; j < m; j++) {
                System.arraycopy(now.down[j], 0, downs, (head * m + j) * d, d);
            }
        }
        return new Result(output, ups, downs, List.of());
    }

    /** M(z) = z + gelu(z up) down. */
    double[] read(double[] z) {
        double[] result = z.clone();
        double[] x = times(z, up, m);
        for (int j = 0; j < m; j++) {
            for (int i = 0; i < d; i++) {
                result[i] += gelu(x[j]) * down[j][i];
            }
        }
        return result;
    }

    /** One step of delta gradient descent on half the squared error at the state {@code start}. */
    private void write(TokenLoop start, double[] k, double[] v, double alpha, double eta) {
        double[] x = times(k, start.up, m);
        double[] error = start.read(k);
        double[] target = start.read(v);
        for (int i = 0; i < d; i++) {
            error[i] -= target[i];
        }
        double[] recalled = times(k, up, m);
        for (int j = 0; j < m; j++) {
            double back = 0;
            for (int i = 0; i < d; i++) {
                back += error[i] * start.down[j][i];
            }
            for (int i = 0; i < d; i++) {
                up[i][j] = alpha * up[i][j] - eta * k[i] * (recalled[j] + back * geluSlope(x[j]));
                down[j][i] = alpha * down[j][i] - eta * gelu(x[j]) * error[i];
            }
        }
    }

    static double[] row(double[] values, int index, int length) {
        return Arrays.copyOfRange(values, index * length, (index + 1) * length);
    }

    private static double[] times(double[] z, double[][] matrix, int columns) {
        double[] result = new double[columns];
        for (int i = 0; i < z.length; i++) {
            for (int j = 0; j < columns; j++) {
                result[j] += z[i] * matrix[i][j];
            }
        }
        return result;
    }

    private static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(inner(x)));
    }

    private static double geluSlope(double x) {
        double t = Math.tanh(inner(x));
        double slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope;
    }

    private static double inner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }
}
