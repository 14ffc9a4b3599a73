package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.sigmoid;
import static org.hopespark.model.Plain.silu;
import static org.hopespark.model.Plain.times;
import static org.hopespark.model.Plain.unit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.ModelConfig;

/**
 * Self-modifying Titans, token by token as the paper states them (Nested Learning, Eq. 83-91), for one sequence. Every
 * memory is read as of the beginning of its chunk, and is written with every token.
 */
final class TokenTitans implements TokenNetwork.Mixer {
    private final ModelConfig model;
    private final MemoryConfig config;
    private final Function<String, double[]> parameter;
    private final int width;
    private final int d;
    private final int heads;
    private final int m;
    private final List<Trace> traces = new ArrayList<>();

    /**
     * What a head did with a token.
     *
     * @param writtenShare of what it read
     * @param stateNorm of each memory after it, relative to the start
     */
    record Trace(int head, int token, double alpha, double eta, double writtenShare, List<Double> stateNorm) {}

    /** In the order in which the parameters hold them. */
    private enum Role {
        KEY,
        ETA,
        ALPHA,
        VALUE,
        QUERY,
        MAIN
    }

    /** @param parameter values of a parameter by its name within the mixer */
    TokenTitans(ModelConfig model, int headWidth, Function<String, double[]> parameter) {
        this.model = model;
        this.config = model.memory();
        this.parameter = parameter;
        width = model.width();
        d = headWidth;
        heads = width / headWidth;
        m = d * config.hiddenRatio();
    }

    /** Of all heads, in no special order. */
    List<Trace> traces() {
        return traces;
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        int tokens = x.length;
        double[][] h = new double[tokens][];
        double[][] projected = new double[tokens][];
        double[][] o = new double[tokens][width];
        for (int t = 0; t < tokens; t++) {
            h[t] = rmsNorm(x[t], parameter.apply("norm"));
            projected[t] = times(h[t], matrix(parameter.apply("query-key-value"), 0, width, 3 * width), 3 * width);
        }
        for (int head = 0; head < heads; head++) {
            Head memories = new Head(head);
            for (int t = 0; t < tokens; t++) {
                if (reset && t > 0 && documentOf[t] != documentOf[t - 1]) {
                    memories = new Head(head);
                }
                double[] qkv = Plain.convolved(
                        projected, parameter.apply("convolution"), new double[3 * width], t, documentOf);
                double[] y = memories.token(
                        t,
                        unit(row(qkv, head, d)),
                        unit(row(qkv, heads + head, d)),
                        scaled(row(qkv, 2 * heads + head, d), config.valueScale() / Math.sqrt(d)),
                        tokenGates(h[t], head));
                double[] normed = rmsNorm(y, row(parameter.apply("output-norm"), head, d));
                System.arraycopy(normed, 0, o[t], head * d, d);
            }
        }
        for (int t = 0; t < tokens; t++) {
            double[] gate = times(h[t], matrix(parameter.apply("gate"), 0, width, width), width);
            for (int i = 0; i < width; i++) {
                o[t][i] *= silu(gate[i]);
            }
            o[t] = times(o[t], matrix(parameter.apply("output"), 0, width, width), width);
        }
        return o;
    }

    /** What a token adds to eta's gate and to alpha's. */
    private double[] tokenGates(double[] h, int head) {
        double[] result = new double[2];
        int count = config.tokenGates();
        if (count > 0) {
            int columns = heads * count;
            double[] all = times(h, matrix(parameter.apply("token-gates"), 0, width, columns), columns);
            System.arraycopy(all, head * count, result, 0, count);
        }
        return result;
    }

    private static double[] scaled(double[] x, double factor) {
        double[] result = x.clone();
        for (int i = 0; i < x.length; i++) {
            result[i] *= factor;
        }
        return result;
    }

    /** The memories of one head. */
    private final class Head {
        private final int head;
        private final Map<Role, TokenMemory> now = new EnumMap<>(Role.class);
        private final Map<Role, TokenMemory> start = new EnumMap<>(Role.class);
        private final Map<Role, TokenMemory> learned = new EnumMap<>(Role.class);

        Head(int head) {
            this.head = head;
            for (Role role : Role.values()) {
                if (exists(role)) {
                    now.put(role, initial(role, now.size()));
                    learned.put(role, requireNonNull(now.get(role)).snapshot());
                }
            }
        }

        private boolean exists(Role role) {
            return switch (role) {
                case KEY -> config.adaptiveKey();
                case ALPHA -> config.retention();
                case VALUE -> config.adaptiveValue();
                case QUERY -> config.adaptiveQuery();
                case ETA, MAIN -> true;
            };
        }

        /** up [heads, d, memories * m], down [heads, memories, m, d]. */
        private TokenMemory initial(Role role, int index) {
            int memories = config.count();
            double[][] ups = matrix(parameter.apply("memory.up"), head * d * memories * m, d, memories * m);
            double[][] up = new double[d][];
            for (int i = 0; i < d; i++) {
                up[i] = row(ups[i], index, m);
            }
            double[][] down = config.depth() == 1
                    ? new double[0][]
                    : matrix(parameter.apply("memory.down"), (head * memories + index) * m * d, m, d);
            double inputRate = role == Role.MAIN ? config.inputRate() : config.othersInputRate();
            double cap = config.errorCap() * Math.sqrt(d);
            return new TokenMemory(config, cap, inputRate, new TokenMemory.Layers(up, down));
        }

        double[] token(int t, double[] qIn, double[] kIn, double[] vIn, double[] gates) {
            now.forEach((role, memory) -> {
                int chunk = role == Role.MAIN ? model.mainChunkTokens() : model.chunkTokens();
                if (start.get(role) == null || t % chunk == 0) {
                    start.put(role, memory.snapshot());
                }
            });
            double[] k = config.adaptiveKey() ? unit(at(Role.KEY).read(kIn)) : kIn;
            double[] v = config.adaptiveValue() ? at(Role.VALUE).read(vIn) : vIn;
            double[] q = config.adaptiveQuery() ? unit(at(Role.QUERY).read(qIn)) : qIn;
            double alpha = config.retention() ? gate("alpha", at(Role.ALPHA).read(kIn), gates[1]) : 1;
            double eta = model.etaMaxOfToken() * gate("eta", at(Role.ETA).read(kIn), gates[0]);
            if (config.retention()) {
                eta = Math.min(eta, Math.max(1, model.etaMaxOfToken()) * alpha);
            }
            double bounded = eta;
            TokenMemory main = requireNonNull(now.get(Role.MAIN));
            TokenMemory before = main.snapshot();
            now.forEach((role, memory) ->
                    memory.write(at(role), k, v, alpha, role == Role.MAIN ? bounded : config.othersRate() * bounded));
            double[] y = switch (config.read()) {
                case AFTER_WRITE -> main.read(q);
                case BEFORE_WRITE -> before.read(q);
                case CHUNK_START -> at(Role.MAIN).read(q);
            };
            List<Double> norms = new ArrayList<>();
            now.forEach((role, memory) -> norms.add(memory.norm() / start(role).norm()));
            double[] untouched = start(Role.MAIN).read(q);
            double[] written = plus(y, scaled(untouched, -1));
            traces.add(new Trace(head, t, alpha, eta, Math.sqrt(dot(written, written) / dot(y, y)), norms));
            return y;
        }

        private TokenMemory start(Role role) {
            return requireNonNull(learned.get(role));
        }

        private TokenMemory at(Role role) {
            return requireNonNull(start.get(role));
        }

        private double gate(String name, double[] read, double ofToken) {
            return sigmoid(parameter.apply(name + ".bias")[head]
                    + dot(read, row(parameter.apply(name + ".head"), head, d))
                    + ofToken);
        }
    }
}
