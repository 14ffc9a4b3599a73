package org.hopespark.model;

import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.sigmoid;
import static org.hopespark.model.Plain.silu;
import static org.hopespark.model.Plain.softplus;
import static org.hopespark.model.Plain.times;
import static org.hopespark.model.Plain.unit;

import java.util.Arrays;
import java.util.function.Function;
import org.hopespark.conf.DeltanetConfig;
import org.hopespark.conf.GatedDeltanet2Config;
import org.hopespark.conf.GatedDeltanetConfig;
import org.hopespark.conf.KdaConfig;
import org.hopespark.conf.LinearConfig;
import org.hopespark.conf.Mamba2Config;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RetnetConfig;

/**
 * The linear recurrences token by token, each as its paper writes it: RetNet as a sum over all tokens before, turned by
 * their distance and decayed, the others as a state that is updated.
 */
final class TokenLinear implements TokenNetwork.Mixer {
    private final ModelConfig model;
    private final LinearConfig config;
    private final Function<String, double[]> parameter;
    private final int heads;
    private final int d;
    private final int e;
    private final int keys;

    /** @param parameter values of a parameter by its name within the mixer */
    TokenLinear(ModelConfig model, LinearConfig config, Function<String, double[]> parameter) {
        this.model = model;
        this.config = config;
        this.parameter = parameter;
        heads = config.heads(model);
        d = config.keyWidth(model);
        e = config.valueWidth(model);
        keys = config.keyHeads(model) * d;
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        int rowWidth = 2 * keys + heads * e;
        double[][] h = new double[x.length][];
        double[][] rows = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            h[t] = rmsNorm(x[t], parameter.apply("norm"));
            rows[t] = product(h[t], "query-key-value", rowWidth);
        }
        double[][] qkv = rows.clone();
        if (config.convolutionWidth() > 0) {
            double[] bias = config instanceof Mamba2Config ? parameter.apply("convolution-bias") : new double[rowWidth];
            for (int t = 0; t < x.length; t++) {
                qkv[t] = Plain.convolved(rows, parameter.apply("convolution"), bias, t, documentOf);
            }
        }
        double[][] outputs = new double[x.length][heads * e];
        for (int head = 0; head < heads; head++) {
            double[][] state = new double[d][e];
            for (int t = 0; t < x.length; t++) {
                if (reset && t > 0 && documentOf[t] != documentOf[t - 1]) {
                    state = new double[d][e];
                }
                double[] o = config instanceof RetnetConfig
                        ? retention(qkv, head, t, documentOf, reset)
                        : step(state, h[t], qkv[t], head);
                System.arraycopy(o, 0, outputs[t], head * e, e);
            }
        }
        double[][] result = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            result[t] = product(gated(h[t], outputs[t]), "output", model.width());
        }
        return result;
    }

    private double[] product(double[] z, String name, int columns) {
        return times(z, matrix(parameter.apply(name), 0, z.length, columns), columns);
    }

    private double[] query(double[] qkv, int head) {
        return row(qkv, config.keyHeads(model) == 1 ? 0 : head, d);
    }

    private double[] key(double[] qkv, int head) {
        return row(Arrays.copyOfRange(qkv, keys, 2 * keys), config.keyHeads(model) == 1 ? 0 : head, d);
    }

    private double[] value(double[] qkv, int head) {
        return row(Arrays.copyOfRange(qkv, 2 * keys, qkv.length), head, e);
    }

    /** Sun et al. 2023, Eq. 5. */
    private double[] retention(double[][] qkv, int head, int t, int[] documentOf, boolean reset) {
        double[] o = new double[e];
        for (int j = 0; j <= t; j++) {
            if (reset && documentOf[j] != documentOf[t]) {
                continue;
            }
            double[] q = TokenAttention.turned(query(qkv[t], head), t - j, model);
            double kept = Math.pow(1 - Math.pow(2, -5.0 - head), t - j);
            double weight = kept * dot(q, key(qkv[j], head)) / Math.sqrt(d);
            double[] v = value(qkv[j], head);
            for (int i = 0; i < e; i++) {
                o[i] += weight * v[i];
            }
        }
        return o;
    }

    /** Updates S [d][e] and reads it. */
    private double[] step(double[][] state, double[] h, double[] qkv, int head) {
        double[] q = query(qkv, head);
        double[] k = key(qkv, head);
        double[] v = value(qkv, head);
        double[] skipped = new double[e];
        if (config instanceof Mamba2Config) {
            double step = softplus(product(h, "decay", heads)[head] + parameter.apply("decay.bias")[head]);
            double kept = Math.exp(-step * Math.exp(parameter.apply("decay.rate")[head]));
            double[] input = v.clone();
            Arrays.setAll(skipped, i -> parameter.apply("skip")[head] * input[i]);
            Arrays.setAll(v, i -> step * input[i]);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < e; j++) {
                    state[i][j] = kept * state[i][j] + k[i] * v[j];
                }
            }
        } else {
            q = Arrays.stream(unit(q)).map(a -> a / Math.sqrt(d)).toArray();
            k = unit(k);
            double[] kept = kept(h, head);
            double[] erased = new double[d];
            double[] written = new double[e];
            rates(h, head, erased, written);
            delta(state, k, v, kept, erased, written);
        }
        double[] o = times(q, state, e);
        Arrays.setAll(o, i -> o[i] + skipped[i]);
        return o;
    }

    /** S = (I - k (b k)^T) diag(a) S + k (w v)^T (Gated DeltaNet-2), of which the others are cases. */
    private void delta(double[][] state, double[] k, double[] v, double[] kept, double[] erased, double[] written) {
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < e; j++) {
                state[i][j] *= kept[i];
            }
        }
        double[] recalled = new double[e];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < e; j++) {
                recalled[j] += erased[i] * k[i] * state[i][j];
            }
        }
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < e; j++) {
                state[i][j] += k[i] * (written[j] * v[j] - recalled[j]);
            }
        }
    }

    /** What is left of each channel. */
    private double[] kept(double[] h, int head) {
        double[] kept = new double[d];
        Arrays.fill(kept, 1);
        if (config instanceof DeltanetConfig) {
            return kept;
        }
        double rate = Math.exp(parameter.apply("decay.rate")[head]);
        if (config instanceof GatedDeltanetConfig) {
            double step = softplus(product(h, "decay", heads)[head] + parameter.apply("decay.bias")[head]);
            Arrays.fill(kept, Math.exp(-rate * step));
            return kept;
        }
        double[] gates = product(product(h, "decay.down", e), "decay.up", keys);
        for (int i = 0; i < d; i++) {
            double gate = gates[head * d + i] + parameter.apply("decay.bias")[head * d + i];
            kept[i] = config instanceof KdaConfig
                    ? Math.exp(-5 * sigmoid(rate * gate))
                    : Math.max(Math.exp(-5), Math.exp(-rate * softplus(gate)));
        }
        return kept;
    }

    private void rates(double[] h, int head, double[] erased, double[] written) {
        double most = config.negativeEigenvalues() ? 2 : 1;
        if (config instanceof GatedDeltanet2Config) {
            double[] erase = product(h, "erase", keys);
            double[] write = product(h, "write", heads * e);
            Arrays.setAll(erased, i -> most * sigmoid(erase[head * d + i]));
            Arrays.setAll(written, i -> sigmoid(write[head * e + i]));
        } else {
            double beta = most * sigmoid(product(h, "beta", heads)[head]);
            Arrays.fill(erased, beta);
            Arrays.fill(written, beta);
        }
    }

    private double[] gated(double[] h, double[] o) {
        double[] weight = parameter.apply("output-norm");
        if (config instanceof DeltanetConfig) {
            return normalisedByHead(o, weight);
        }
        if (config instanceof Mamba2Config) {
            double[] gate = product(h, "gate", o.length);
            Arrays.setAll(gate, i -> o[i] * silu(gate[i]));
            return rmsNorm(gate, weight);
        }
        boolean narrow = config instanceof KdaConfig || config instanceof GatedDeltanet2Config;
        double[] gate = narrow
                ? Plain.plus(product(product(h, "gate.down", e), "gate.up", o.length), parameter.apply("gate.bias"))
                : product(h, "gate", o.length);
        double[] y = normalisedByHead(o, weight);
        Arrays.setAll(y, i -> y[i] * (config instanceof KdaConfig ? sigmoid(gate[i]) : silu(gate[i])));
        return y;
    }

    private double[] normalisedByHead(double[] o, double[] weight) {
        double[] result = new double[o.length];
        for (int head = 0; head < heads; head++) {
            System.arraycopy(rmsNorm(row(o, head, e), weight), 0, result, head * e, e);
        }
        return result;
    }
}
