package org.hopespark.model;

import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.times;

import java.util.function.Function;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RopeScalingConfig;

/**
 * Softmax attention, token by token. What a rotary embedding does to a product depends on the distance of two tokens
 * alone (Su et al. 2021), and is written that way here.
 */
final class TokenAttention implements TokenNetwork.Mixer {
    private final ModelConfig model;
    private final Function<String, double[]> parameter;
    private final int heads;
    private final int keyValueHeads;
    private final int d;
    private final int window;

    /** @param parameter values of a parameter by its name within the mixer */
    TokenAttention(ModelConfig model, AttentionConfig config, Function<String, double[]> parameter) {
        this.model = model;
        window = config.window() == 0 ? Integer.MAX_VALUE : config.window();
        heads = model.heads(config);
        keyValueHeads = config.keyValueHeads() == 0 ? heads : config.keyValueHeads();
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
            int all = width + 2 * keyValueHeads * d;
            qkv[t] = times(h, matrix(parameter.apply("query-key-value"), 0, width, all), all);
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
            int shared = head / (heads / keyValueHeads);
            double[] k = row(qkv[j], heads + shared, d);
            double[] v = row(qkv[j], heads + keyValueHeads + shared, d);
            double weight = Math.exp(dot(turned(row(qkv[t], head, d), t - j, model), k) / Math.sqrt(d));
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
    static double[] turned(double[] q, int distance, ModelConfig model) {
        int half = q.length / 2;
        double[] result = new double[q.length];
        for (int i = 0; i < half; i++) {
            double angle = distance * turn(model, i, q.length);
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            result[i] = q[i] * cos - q[i + half] * sin;
            result[i + half] = q[i] * sin + q[i + half] * cos;
        }
        return result;
    }

    /** Angle of a pair of channels from one token to the next, in radians. */
    static double turn(ModelConfig model, int pair, int d) {
        RopeScalingConfig scaling = model.ropeScaling();
        double turn = Math.pow(model.ropeBase(), -2.0 * pair / d);
        double slow = turn / scaling.factor();
        double low = scaling.lowFrequencyFactor();
        double high = scaling.highFrequencyFactor();
        double waveLength = 2 * Math.PI / turn;
        double times = scaling.originalContextTokens() / waveLength;
        return switch (scaling.type()) {
            case NONE -> turn;
            case LINEAR -> slow;
            case LLAMA3 -> {
                if (times < low) {
                    yield slow;
                }
                yield times > high ? turn : slow + (turn - slow) * (times - low) / (high - low);
            }
        };
    }
}
