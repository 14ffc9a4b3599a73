package org.hopespark.model;

import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.gelu;
import static org.hopespark.model.Plain.geluSlope;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.sigmoid;
import static org.hopespark.model.Plain.times;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TttConfig;

/**
 * Test-time training, token by token (Sun et al. 2024, section 2.4): the gradient of every token is a matrix, taken at
 * the weights of the chunk's beginning, and the weights of a token are those without the gradients up to it.
 */
final class TokenTtt implements TokenNetwork.Mixer {
    private static final double EPSILON = 1e-6;

    private final ModelConfig model;
    private final TttConfig config;
    private final Function<String, double[]> parameter;
    private final int width;
    private final int d;
    private final int heads;

    /** An affine map: its matrix, or the gradient in that, and its bias. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Layer(double[][] w, double[] b) {
        double[] of(double[] x) {
            return plus(times(x, w, b.length), b);
        }

        Layer minus(double factor, Layer other) {
            double[][] rest = new double[w.length][];
            Arrays.setAll(rest, i -> minus(w[i], factor, other.w[i]));
            return new Layer(rest, minus(b, factor, other.b));
        }

        private static double[] minus(double[] a, double factor, double[] b) {
            double[] result = a.clone();
            Arrays.setAll(result, i -> a[i] - factor * b[i]);
            return result;
        }

        /** The gradient, where that of the output is {@code u}. */
        static Layer gradient(double[] x, double[] u) {
            double[][] w = new double[x.length][u.length];
            for (int i = 0; i < x.length; i++) {
                for (int j = 0; j < u.length; j++) {
                    w[i][j] = x[i] * u[j];
                }
            }
            return new Layer(w, u);
        }
    }

    /** @param parameter values of a parameter by its name within the mixer */
    TokenTtt(ModelConfig model, TttConfig config, Function<String, double[]> parameter) {
        this.model = model;
        this.config = config;
        this.parameter = parameter;
        width = model.width();
        d = config.headWidth() == 0 ? model.headWidth() : config.headWidth();
        heads = width / d;
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        int tokens = x.length;
        double[][] h = new double[tokens][];
        double[][] projected = new double[tokens][];
        for (int t = 0; t < tokens; t++) {
            h[t] = rmsNorm(x[t], parameter.apply("norm"));
            projected[t] = times(h[t], matrix(parameter.apply("query-key-value"), 0, width, 2 * width), 2 * width);
        }
        double[][] o = new double[tokens][width];
        for (int head = 0; head < heads; head++) {
            Head learner = new Head(head);
            for (int t = 0; t < tokens; t++) {
                int place = t % config.chunkTokens();
                if (reset && t > 0 && documentOf[t] != documentOf[t - 1]) {
                    learner = new Head(head);
                }
                double[] q = turned(row(convolved(projected, t, documentOf, 0), head, d), place);
                double[] k = turned(row(convolved(projected, t, documentOf, 1), head, d), place);
                double[] v = row(projected[t], heads + head, d);
                double rate = config.baseRate() / d * sigmoid(rate(h[t], head));
                System.arraycopy(learner.token(place, q, k, v, rate), 0, o[t], head * d, d);
            }
        }
        for (int t = 0; t < tokens; t++) {
            double[] normed = layerNorm(o[t], parameter.apply("output-norm"), parameter.apply("output-norm-bias"));
            double[] gate = times(h[t], matrix(parameter.apply("gate"), 0, width, width), width);
            for (int i = 0; i < width; i++) {
                normed[i] *= gelu(gate[i]);
            }
            o[t] = times(normed, matrix(parameter.apply("output"), 0, width, width), width);
        }
        return o;
    }

    private double rate(double[] h, int head) {
        return times(h, matrix(parameter.apply("rate"), 0, width, heads), heads)[head]
                + parameter.apply("rate-bias")[head];
    }

    /** Queries (0) or keys (1): tap j is for the token j back, if that is in the same document. */
    private double[] convolved(double[][] projected, int t, int[] documentOf, int which) {
        double[] result = row(parameter.apply("convolution-bias"), which, width);
        for (int j = 0; j < config.convolutionWidth() && j <= t && documentOf[t - j] == documentOf[t]; j++) {
            double[] taps = row(parameter.apply("convolution"), 2 * j + which, width);
            for (int i = 0; i < width; i++) {
                result[i] += projected[t - j][i] * taps[i];
            }
        }
        return result;
    }

    private double[] turned(double[] x, int place) {
        double[] result = new double[d];
        int half = d / 2;
        for (int i = 0; i < half; i++) {
            double angle = place * TokenAttention.turn(model, i, d);
            result[i] = x[i] * Math.cos(angle) - x[i + half] * Math.sin(angle);
            result[i + half] = x[i] * Math.sin(angle) + x[i + half] * Math.cos(angle);
        }
        return result;
    }

    private static double mean(double[] z) {
        return Arrays.stream(z).sum() / z.length;
    }

    private static double deviation(double[] z) {
        double mean = mean(z);
        return Math.sqrt(Arrays.stream(z).map(v -> (v - mean) * (v - mean)).sum() / z.length + EPSILON);
    }

    private static double[] layerNorm(double[] z, double[] weight, double[] bias) {
        double mean = mean(z);
        double deviation = deviation(z);
        double[] result = new double[z.length];
        Arrays.setAll(result, i -> (z[i] - mean) / deviation * weight[i] + bias[i]);
        return result;
    }

    /** What one head learns. */
    private final class Head {
        private final double[] norm;
        private final double[] normBias;
        private final List<Layer> now = new ArrayList<>();
        private List<Layer> start = List.of();

        /** Sums of the gradients of the chunk's tokens, each times its rate. */
        private List<Layer> sums = List.of();

        Head(int head) {
            norm = row(parameter.apply("inner-norm"), head, d);
            normBias = row(parameter.apply("inner-norm-bias"), head, d);
            int in = d;
            for (int layer = 1; layer <= config.depth(); layer++) {
                int out = layer == config.depth() ? d : d * config.hiddenRatio();
                double[] bias = row(parameter.apply("inner.b" + layer), head, out);
                now.add(new Layer(matrix(parameter.apply("inner.w" + layer), head * in * out, in, out), bias));
                in = out;
            }
        }

        double[] token(int place, double[] q, double[] k, double[] v, double rate) {
            if (place == 0 || start.isEmpty()) {
                start = List.copyOf(now);
                sums = start.stream().map(layer -> layer.minus(1, layer)).toList();
            }
            List<Layer> gradients = gradients(k, v);
            List<Layer> more = new ArrayList<>();
            double scale = Math.max(0, 1.0 / (place + 1) + parameter.apply("offset")[place]);
            for (int i = 0; i < start.size(); i++) {
                more.add(sums.get(i).minus(-rate, gradients.get(i)));
                now.set(i, start.get(i).minus(scale, more.get(i)));
            }
            sums = more;
            return plus(q, layerNorm(output(now, q), norm, normBias));
        }

        private double[] output(List<Layer> layers, double[] x) {
            double[] y = layers.get(0).of(x);
            return layers.size() == 1
                    ? y
                    : layers.get(1).of(Arrays.stream(y).map(Plain::gelu).toArray());
        }

        /** Of half the squared error of what is added to the key, at the chunk's beginning. */
        private List<Layer> gradients(double[] k, double[] v) {
            double[] z = output(start, k);
            double[] answer = layerNorm(z, norm, normBias);
            double[] ofAnswer = new double[d];
            Arrays.setAll(ofAnswer, i -> answer[i] - (v[i] - k[i]));
            double[] u = throughNorm(z, ofAnswer);
            if (start.size() == 1) {
                return List.of(Layer.gradient(k, u));
            }
            double[] below = start.get(0).of(k);
            double[] ofBelow = new double[below.length];
            Arrays.setAll(ofBelow, i -> dot(start.get(1).w()[i], u) * geluSlope(below[i]));
            double[] hidden = Arrays.stream(below).map(Plain::gelu).toArray();
            return List.of(Layer.gradient(k, ofBelow), Layer.gradient(hidden, u));
        }

        /** The Jacobian of the normalisation, entry by entry: d y_j / d z_i. */
        private double[] throughNorm(double[] z, double[] ofAnswer) {
            double mean = mean(z);
            double deviation = deviation(z);
            double[] result = new double[d];
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    double ofMean = (i == j ? 1 : 0) - 1.0 / d;
                    double ofDeviation = (z[i] - mean) / (d * deviation);
                    double slope = ofMean / deviation - (z[j] - mean) * ofDeviation / (deviation * deviation);
                    result[i] += ofAnswer[j] * norm[j] * slope;
                }
            }
            return result;
        }
    }
}
