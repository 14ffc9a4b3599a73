package org.hopespark.model;

import static org.hopespark.model.Plain.copy;
import static org.hopespark.model.Plain.gelu;
import static org.hopespark.model.Plain.geluSlope;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.times;

import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.MemoryConfig.InnerRule;

/**
 * One memory of one head, written token by token with gradients derived by hand: slow, and nothing but the definition.
 */
final class TokenMemory {
    private final MemoryConfig config;
    private final double cap;
    private final int d;
    private final int m;
    private final double[][] up;
    private final double[][] down;
    private final double[][] upMomentum;
    private final double[][] downMomentum;

    /**
     * A memory that starts without momentum.
     *
     * @param cap longest error that a write learns from
     * @param up [d,m]
     * @param down [m,d]; no rows for a memory of depth 1, whose m is d
     */
    TokenMemory(MemoryConfig config, double cap, double[][] up, double[][] down) {
        this(
                config,
                cap,
                copy(up),
                copy(down),
                new double[up.length][up[0].length],
                new double[down.length][up.length]);
    }

    private TokenMemory(
            MemoryConfig config,
            double cap,
            double[][] up,
            double[][] down,
            double[][] upMomentum,
            double[][] downMomentum) {
        this.config = config;
        this.cap = cap;
        this.d = up.length;
        this.m = up[0].length;
        this.up = up;
        this.down = down;
        this.upMomentum = upMomentum;
        this.downMomentum = downMomentum;
    }

    /** The same memory as it is now. */
    TokenMemory snapshot() {
        return new TokenMemory(config, cap, copy(up), copy(down), copy(upMomentum), copy(downMomentum));
    }

    double[][] up() {
        return up;
    }

    double[][] down() {
        return down;
    }

    double[][] upMomentum() {
        return upMomentum;
    }

    double[][] downMomentum() {
        return downMomentum;
    }

    /** M(z) = z + gelu(z up) down (Nested Learning, Eq. 89), or z + z up. */
    double[] read(double[] z) {
        double[] x = times(z, up, m);
        if (config.depth() == 1) {
            return plus(z, x);
        }
        double[] result = z.clone();
        for (int j = 0; j < m; j++) {
            for (int i = 0; i < d; i++) {
                result[i] += gelu(x[j]) * down[j][i];
            }
        }
        return result;
    }

    /**
     * One write (Eq. 88, with the momentum of Titans, Eq. 9-10): M = M (alpha I - eta k k') + S, where S = b S - eta
     * gradient of 1/2 |start(k) - start(v)|^2 at the state {@code start}, start(v) being a label. Plain gradient
     * descent has no eta k k'; nor has down, whose input is not k.
     */
    void write(TokenMemory start, double[] k, double[] v, double alpha, double eta) {
        double[] error = start.error(k, v);
        double[] x = times(k, start.up, m);
        double[] recalled = times(k, up, m);
        double erase = config.innerRule() == InnerRule.DGD ? eta : 0;
        double b = config.innerMomentum();
        for (int j = 0; j < m; j++) {
            double slope = config.depth() == 1 ? error[j] : start.back(error, j) * geluSlope(x[j]);
            for (int i = 0; i < d; i++) {
                upMomentum[i][j] = b * upMomentum[i][j] - eta * k[i] * slope;
                up[i][j] = alpha * up[i][j] - erase * k[i] * recalled[j] + upMomentum[i][j];
            }
        }
        for (int j = 0; j < down.length; j++) {
            for (int i = 0; i < d; i++) {
                downMomentum[j][i] = b * downMomentum[j][i] - eta * gelu(x[j]) * error[i];
                down[j][i] = alpha * down[j][i] + downMomentum[j][i];
            }
        }
    }

    private double[] error(double[] k, double[] v) {
        double[] error = read(k);
        double[] label = read(v);
        double square = 0;
        for (int i = 0; i < d; i++) {
            error[i] -= label[i];
            square += error[i] * error[i];
        }
        double shrink = Math.min(1, cap / Math.sqrt(square));
        for (int i = 0; i < d; i++) {
            error[i] *= shrink;
        }
        return error;
    }

    private double back(double[] error, int j) {
        return Plain.dot(error, down[j]);
    }
}
