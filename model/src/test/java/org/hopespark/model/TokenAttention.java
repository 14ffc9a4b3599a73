package org.hopespark.model;

import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.times;

import java.util.function.Function;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.ModelConfig;

/**
 * Softmax attention, token by token. What a rotary embedding does to a product depends on the distance of two tokens
 * alone (Su et al. 2021), and is written that way here.
 */
final class TokenAttention implements TokenNetwork.Mixer {
    private final ModelConfig model;
    private final Function<String, double[]> parameter;
    private final int heads;
    private final int d;
    private final int window;

    /** @param parameter values of a parameter by its name within the mixer */
    TokenAttention(ModelConfig model, AttentionConfig config, Function<String, double[]> parameter) {
        this.model = model;
        window = config.window() == 0 ? Integer.MAX_VALUE : config.window();
        heads = model.heads(config);
        this.parameter = parameter;
        d = model.headWidth(config);
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        int width = model.width();
        double[][] qkv = new double[x.length][];
        double[][] result = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] h = rmsNorm(x[t], parameter.apply("norm"));
            qkv[t] = times(h, matrix(parameter.apply("query-key-value"), 0, width, 3 * width), 3 * width);
            int first = t;
            while (first > 0 && t - first + 1 < window && (!reset || documentOf[first - 1] == documentOf[t])) {
                first--;
            }
            double[] o = new double[width];
            for (int head = 0; head < heads; head++) {
                System.arraycopy(attend(qkv, first, t, head), 0, o, head * d, d);
            }
            result[t] = times(o, matrix(parameter.apply("output"), 0, width, width), width);
        }
        return result;
    }

    private double[] attend(double[][] qkv, int first, int t, int head) {
        double[] o = new double[d];
        double total = 0;
        for (int j = first; j <= t; j++) {
            double[] k = row(qkv[j], heads + head, d);
            double[] v = row(qkv[j], 2 * heads + head, d);
            double weight = Math.exp(dot(turned(row(qkv[t], head, d), t - j, model.ropeBase()), k) / Math.sqrt(d));
            total += weight;
            for (int i = 0; i < d; i++) {
                o[i] += weight * v[i];
            }
        }
        for (int i = 0; i < d; i++) {
            o[i] /= total;
        }
        return o;
    }

    /** q, turned on by {@code distance} tokens. */
    static double[] turned(double[] q, int distance, double base) {
        int half = q.length / 2;
        double[] result = new double[q.length];
        for (int i = 0; i < half; i++) {
            double angle = distance * Math.pow(base, -2.0 * i / q.length);
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            result[i] = q[i] * cos - q[i + half] * sin;
            result[i + half] = q[i] * sin + q[i + half] * cos;
        }
        return result;
    }
}
