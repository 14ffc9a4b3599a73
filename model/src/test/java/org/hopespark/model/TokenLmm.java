package org.hopespark.model;

import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.geluSlope;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.sigmoid;
import static org.hopespark.model.Plain.silu;
import static org.hopespark.model.Plain.times;
import static org.hopespark.model.Plain.unit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.TitansLmmConfig;

/** Titans with a long-term memory and its arrangements with attention, token by token, as the paper writes them. */
final class TokenLmm implements TokenNetwork.Mixer {
    private final ModelConfig model;
    private final TitansLmmConfig config;
    private final Function<String, double[]> parameter;
    private final int width;
    private final int heads;
    private final int d;
    private final int m;
    private final int chunk;

    /** @param parameter values of a parameter by its name within the mixer */
    TokenLmm(ModelConfig model, TitansLmmConfig config, Function<String, double[]> parameter) {
        this.model = model;
        this.config = config;
        this.parameter = parameter;
        width = model.width();
        heads = model.heads(config);
        d = model.headWidth(config);
        m = config.memoryDepth() == 2 ? d * config.hiddenRatio() : d;
        chunk = config.chunk(model);
    }

    /** The memory of one head: layers as they are, their momenta, and layers as of the beginning of the chunk. */
    private final class Memory {
        private final List<double[][]> layers = new ArrayList<>();
        private final List<double[][]> momenta = new ArrayList<>();
        private List<double[][]> atStart = List.of();

        Memory(int head) {
            layers.add(matrix(parameter.apply("memory.up"), head * d * m, d, m));
            if (config.memoryDepth() == 2) {
                layers.add(matrix(parameter.apply("memory.down"), head * m * d, m, d));
            }
            layers.forEach(layer -> momenta.add(new double[layer.length][layer[0].length]));
        }

        void beginChunk() {
            atStart = layers.stream().map(Plain::copy).toList();
        }

        double[] read(double[] q) {
            if (layers.size() == 1) {
                return times(q, layers.get(0), d);
            }
            double[] hidden =
                    Arrays.stream(times(q, layers.get(0), m)).map(Plain::gelu).toArray();
            return plus(q, times(hidden, layers.get(1), d));
        }

        /** Gradients of |M_0(k) - v|^2. */
        private List<double[][]> gradients(double[] k, double[] v) {
            double[] z = times(k, atStart.get(0), m);
            if (atStart.size() == 1) {
                double[] error = z.clone();
                Arrays.setAll(error, i -> 2 * (z[i] - v[i]));
                return List.<double[][]>of(outer(k, error));
            }
            double[] x = Arrays.stream(z).map(Plain::gelu).toArray();
            double[] error = plus(k, times(x, atStart.get(1), d));
            Arrays.setAll(error, i -> 2 * (error[i] - v[i]));
            double[] back = new double[m];
            Arrays.setAll(back, i -> dot(error, atStart.get(1)[i]) * geluSlope(z[i]));
            return List.of(outer(k, back), outer(x, error));
        }

        /** How much the error at k moves by a step along its own gradient, at most. */
        private double bound(double[] k) {
            if (atStart.size() == 1) {
                return 1;
            }
            double[] x =
                    Arrays.stream(times(k, atStart.get(0), m)).map(Plain::gelu).toArray();
            return dot(x, x)
                    + Arrays.stream(atStart.get(1))
                            .mapToDouble(row -> dot(row, row))
                            .sum();
        }

        void write(double[] k, double[] v, double alpha, double eta, double theta) {
            List<double[][]> gradients = gradients(k, v);
            double step = theta * (1 - eta) / bound(k);
            for (int l = 0; l < layers.size(); l++) {
                double[][] w = layers.get(l);
                double[][] s = momenta.get(l);
                for (int i = 0; i < w.length; i++) {
                    for (int j = 0; j < w[i].length; j++) {
                        s[i][j] = eta * s[i][j] - step * gradients.get(l)[i][j];
                        w[i][j] = (1 - alpha) * w[i][j] + s[i][j];
                    }
                }
            }
        }
    }

    private static double[][] outer(double[] a, double[] b) {
        double[][] result = new double[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                result[i][j] = a[i] * b[j];
            }
        }
        return result;
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        double[][] h = Arrays.stream(x)
                .map(row -> rmsNorm(row, parameter.apply("norm")))
                .toArray(double[][]::new);
        return switch (config.arrangement()) {
            case LMM -> each(h.length, t -> product(memoryLayer(h, documentOf, reset)[t], "output"));
            case MAL -> {
                double[][] seen = attention(memoryLayer(h, documentOf, reset), documentOf, reset);
                yield each(h.length, t -> product(seen[t], "output"));
            }
            case MAG -> {
                double[][] seen = attention(h, documentOf, reset);
                double[][] memory = memory(h, documentOf, reset);
                yield each(
                        h.length,
                        t -> product(
                                gatedBy(rmsNorm(seen[t], parameter.apply("attention.norm")), memory[t]), "output"));
            }
            case MAC -> segments(h, documentOf, reset);
        };
    }

    private static double[][] each(int count, java.util.function.IntFunction<double[]> function) {
        double[][] result = new double[count][];
        Arrays.setAll(result, function);
        return result;
    }

    private double[] product(double[] z, String name) {
        return times(z, matrix(parameter.apply(name), 0, width, width), width);
    }

    private static double[] gatedBy(double[] y, double[] memory) {
        double[] result = y.clone();
        Arrays.setAll(result, i -> y[i] * sigmoid(memory[i]));
        return result;
    }

    private double[][] memoryLayer(double[][] h, int[] documentOf, boolean reset) {
        double[][] memory = memory(h, documentOf, reset);
        return each(h.length, t -> {
            double[] gate = product(h[t], "gate");
            Arrays.setAll(gate, i -> memory[t][i] * silu(gate[i]));
            return gate;
        });
    }

    private double[] projected(double[] z) {
        return times(z, matrix(parameter.apply("query-key-value"), 0, width, 3 * width), 3 * width);
    }

    /** Normalised outputs of all heads. */
    private double[][] memory(double[][] h, int[] documentOf, boolean reset) {
        double[][] rows = each(h.length, t -> projected(h[t]));
        double[][] qkv = config.taps() == 0
                ? rows
                : each(
                        h.length,
                        t -> Plain.convolved(
                                rows, parameter.apply("convolution"), new double[3 * width], t, documentOf));
        double[][] result = new double[h.length][width];
        for (int head = 0; head < heads; head++) {
            Memory memory = new Memory(head);
            for (int t = 0; t < h.length; t++) {
                if (reset && t > 0 && documentOf[t] != documentOf[t - 1]) {
                    memory = new Memory(head);
                }
                if (t % chunk == 0) {
                    memory.beginChunk();
                }
                writeAndRead(memory, head, qkv[t], h[t], result[t]);
            }
        }
        return result;
    }

    private void writeAndRead(Memory memory, int head, double[] qkv, double[] z, double[] result) {
        double[] gates = times(z, matrix(parameter.apply("gates"), 0, width, 3 * heads), 3 * heads);
        double alpha = sigmoid(gates[3 * head] + parameter.apply("alpha.bias")[head]);
        double eta = sigmoid(gates[3 * head + 1] + parameter.apply("eta.bias")[head]);
        double theta = config.thetaMax()
                / chunk
                * sigmoid(gates[3 * head + 2] + parameter.apply("theta.bias")[head]);
        memory.write(unit(row(qkv, heads + head, d)), row(qkv, 2 * heads + head, d), alpha, eta, theta);
        normalised(memory.read(unit(row(qkv, head, d))), head, result);
    }

    private void normalised(double[] o, int head, double[] result) {
        System.arraycopy(rmsNorm(o, row(parameter.apply("output-norm"), head, d)), 0, result, head * d, d);
    }

    private double[] attentionRows(double[] z) {
        return times(z, matrix(parameter.apply("attention.query-key-value"), 0, width, 3 * width), 3 * width);
    }

    private double[][] persistent() {
        double[] tokens = parameter.apply("attention.persistent");
        return each(tokens.length / width, i -> attentionRows(rmsNorm(row(tokens, i, width), parameter.apply("norm"))));
    }

    /** Over the window and the persistent tokens, which stand nowhere: nothing turns. */
    private double[][] attention(double[][] z, int[] documentOf, boolean reset) {
        double[][] rows = each(z.length, t -> attentionRows(z[t]));
        double[][] always = persistent();
        return each(z.length, t -> {
            List<double[]> keys = new ArrayList<>(List.of(always));
            List<Integer> places = new ArrayList<>(java.util.Collections.nCopies(always.length, null));
            for (int j = Math.max(0, t - config.window(model) + 1); j <= t; j++) {
                if (!reset || documentOf[j] == documentOf[t]) {
                    keys.add(rows[j]);
                    places.add(j);
                }
            }
            return attend(rows[t], t, keys, places);
        });
    }

    private double[] attend(double[] query, int t, List<double[]> keys, List<Integer> places) {
        double[] o = new double[width];
        for (int head = 0; head < heads; head++) {
            double total = 0;
            double[] sum = new double[d];
            for (int j = 0; j < keys.size(); j++) {
                double[] q = row(query, head, d);
                double[] k = row(keys.get(j), heads + head, d);
                double[] v = row(keys.get(j), 2 * heads + head, d);
                if (places.get(j) != null) {
                    q = TokenAttention.turned(q, t - places.get(j), model);
                }
                double weight = Math.exp(dot(q, k) / Math.sqrt(d));
                total += weight;
                for (int i = 0; i < d; i++) {
                    sum[i] += weight * v[i];
                }
            }
            for (int i = 0; i < d; i++) {
                o[head * d + i] = sum[i] / total;
            }
        }
        return o;
    }

    private double[][] segments(double[][] h, int[] documentOf, boolean reset) {
        int length = config.window(model);
        Memory[] memories = new Memory[heads];
        double[][] result = new double[h.length][];
        double[][] always = persistent();
        for (int first = 0; first < h.length; first += length) {
            int end = Math.min(first + length, h.length);
            if (first == 0 || (reset && documentOf[first] != documentOf[first - 1])) {
                Arrays.setAll(memories, Memory::new);
            }
            double[][] recalled = new double[end - first][width];
            double[][] seen = new double[end - first][];
            for (int t = first; t < end; t++) {
                for (int head = 0; head < heads; head++) {
                    normalised(memories[head].read(unit(row(projected(h[t]), head, d))), head, recalled[t - first]);
                }
            }
            for (int t = first; t < end; t++) {
                List<double[]> keys = new ArrayList<>(List.of(always));
                List<Integer> places = new ArrayList<>(java.util.Collections.nCopies(always.length, null));
                for (int j = first; j <= t; j++) {
                    keys.add(attentionRows(recalled[j - first]));
                    places.add(j - first);
                    keys.add(attentionRows(h[j]));
                    places.add(j - first);
                }
                seen[t - first] = rmsNorm(
                        attend(attentionRows(h[t]), t - first, keys, places), parameter.apply("attention.norm"));
            }
            for (int t = first; t < end; t++) {
                double[] y = seen[t - first];
                double[] memory = new double[width];
                for (int head = 0; head < heads; head++) {
                    if (t % chunk == 0) {
                        memories[head].beginChunk();
                    }
                    writeAndRead(memories[head], head, projected(y), y, memory);
                }
                result[t] = product(gatedBy(y, memory), "output");
            }
        }
        return result;
    }
}
