package org.hopespark.model;

import static org.hopespark.model.Plain.copy;
import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.gelu;
import static org.hopespark.model.Plain.geluSlope;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.times;

import java.util.Arrays;
import java.util.stream.Stream;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.MemoryConfig.InnerRule;

/**
 * One memory of one head, written token by token with gradients derived by hand: slow, and nothing but the definition.
 * It is an origin, to which it decays, and what it has moved from there.
 */
final class TokenMemory {
    private final MemoryConfig config;
    private final double cap;
    private final double inputRate;
    private final Layers learned;
    private final Layers origin;
    private final Layers moved;
    private final Layers momentum;

    /**
     * Both sides of a memory.
     *
     * @param up [d,m]
     * @param down [m,d]; no rows for a memory of depth 1, whose m is d
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Layers(double[][] up, double[][] down) {
        Layers copied() {
            return new Layers(copy(up), copy(down));
        }

        Layers zeros() {
            return new Layers(new double[up.length][up[0].length], new double[down.length][up.length]);
        }

        Layers plus(Layers other) {
            Layers sum = copied();
            add(other.up, sum.up);
            add(other.down, sum.down);
            return sum;
        }

        private static void add(double[][] from, double[][] to) {
            for (int i = 0; i < from.length; i++) {
                to[i] = Plain.plus(to[i], from[i]);
            }
        }
    }

    /**
     * A memory at a document's start.
     *
     * @param cap longest error at a chunk's beginning that a write learns from
     * @param inputRate eta of the input side, as a share of eta
     */
    TokenMemory(MemoryConfig config, double cap, double inputRate, Layers learned) {
        this(
                config,
                cap,
                inputRate,
                learned,
                config.decay() == MemoryConfig.Decay.START ? learned : learned.zeros(),
                config.decay() == MemoryConfig.Decay.START ? learned.zeros() : learned.copied(),
                learned.zeros());
    }

    private TokenMemory(
            MemoryConfig config,
            double cap,
            double inputRate,
            Layers learned,
            Layers origin,
            Layers moved,
            Layers momentum) {
        this.config = config;
        this.cap = cap;
        this.inputRate = inputRate;
        this.learned = learned;
        this.origin = origin;
        this.moved = moved;
        this.momentum = momentum;
    }

    /** The same memory as it is now. */
    TokenMemory snapshot() {
        return new TokenMemory(config, cap, inputRate, learned, origin, moved.copied(), momentum.copied());
    }

    /** What it is. */
    Layers now() {
        return origin.plus(moved);
    }

    /** The root of the sum of all squares. */
    double norm() {
        Layers now = now();
        return Math.sqrt(Stream.of(now.up, now.down)
                .flatMap(Arrays::stream)
                .mapToDouble(row -> dot(row, row))
                .sum());
    }

    /** M(z) = z + gelu(z up) down (Nested Learning, Eq. 89), or z + z up. */
    double[] read(double[] z) {
        return read(now(), z);
    }

    private double[] read(Layers layers, double[] z) {
        double[] x = times(z, layers.up, layers.up[0].length);
        return plus(z, config.depth() == 1 ? x : times(gelus(x), layers.down, z.length));
    }

    private static double[] gelus(double[] x) {
        double[] a = new double[x.length];
        for (int j = 0; j < x.length; j++) {
            a[j] = gelu(x[j]);
        }
        return a;
    }

    /**
     * One write: what has moved decays, then takes a step along a gradient (Eq. 88), which momentum repeats (Titans,
     * Eq. 9-10). Gradients are those of half the squared distance of M(k) from a label; what depends on it, and how key
     * or hidden layer erase, is up to the rule.
     *
     * @param start the memory as of its chunk's beginning
     */
    void write(TokenMemory start, double[] k, double[] v, double alpha, double eta) {
        Layers before = start.now();
        double[] label = read(config.movingTargets() ? before : learned, v);
        double[] error = capped(minus(read(before, k), label));
        boolean exact = config.innerRule() == InnerRule.DGD;
        if (config.depth() == 1) {
            double[] e = exact ? minus(read(origin, k), label) : error;
            step(moved.up, momentum.up, k, e, alpha, eta);
            return;
        }
        double[] x = times(k, before.up, before.up[0].length);
        double[] a = gelus(x);
        double size = Math.sqrt(dot(a, a) + 1e-6);
        double[] e = exact ? minus(plus(k, times(a, origin.down, k.length)), label) : error;
        if (inputRate > 0) {
            double[] b = new double[x.length];
            for (int j = 0; j < b.length; j++) {
                b[j] = dot(error, before.down[j]) * geluSlope(x[j]);
            }
            step(moved.up, momentum.up, k, b, alpha, inputRate * eta);
        }
        step(moved.down, momentum.down, over(a, size), over(e, size), alpha, eta);
    }

    /** matrix = alpha matrix + S, S = m S - rate input' (error + input matrix), the last without the delta rule. */
    private void step(
            double[][] matrix, double[][] momentum, double[] input, double[] error, double alpha, double rate) {
        double[] erased =
                config.innerRule() == InnerRule.GD ? new double[error.length] : times(input, matrix, error.length);
        for (int i = 0; i < input.length; i++) {
            for (int j = 0; j < error.length; j++) {
                momentum[i][j] = config.innerMomentum() * momentum[i][j] - rate * input[i] * (error[j] + erased[j]);
                matrix[i][j] = alpha * matrix[i][j] + momentum[i][j];
            }
        }
    }

    private double[] capped(double[] error) {
        double norm = Math.sqrt(dot(error, error));
        return norm > cap ? over(error, norm / cap) : error;
    }

    private static double[] over(double[] x, double divisor) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i] / divisor;
        }
        return result;
    }

    private static double[] minus(double[] a, double[] b) {
        return plus(a, over(b, -1));
    }
}
