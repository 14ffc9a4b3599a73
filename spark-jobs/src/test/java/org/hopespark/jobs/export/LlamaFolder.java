package org.hopespark.jobs.export;

import ai.djl.util.Float16Utils;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A network of the Llama family with random weights, as Hugging Face's library lays one out, and what it computes:
 * loops in float64 over its tensors as they are stored.
 */
final class LlamaFolder {
    static final int WIDTH = 24;
    static final int HIDDEN = 20;
    static final int BLOCKS = 2;
    static final int HEADS = 6;
    private static final int D = WIDTH / HEADS;
    private static final double EPSILON = 0.02;
    private static final double BASE = 500;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int vocabulary;
    private final int keyValueHeads;
    private final boolean tied;
    private final Map<String, float[]> tensors = new LinkedHashMap<>();
    private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    private final Random random = new Random(5);

    LlamaFolder(int vocabulary, int keyValueHeads, boolean tied) {
        this.vocabulary = vocabulary;
        this.keyValueHeads = keyValueHeads;
        this.tied = tied;
        add("model.embed_tokens.weight", vocabulary, WIDTH);
        for (int block = 0; block < BLOCKS; block++) {
            String prefix = "model.layers." + block + ".";
            add(prefix + "input_layernorm.weight", WIDTH);
            add(prefix + "self_attn.q_proj.weight", WIDTH, WIDTH);
            add(prefix + "self_attn.k_proj.weight", keyValueHeads * D, WIDTH);
            add(prefix + "self_attn.v_proj.weight", keyValueHeads * D, WIDTH);
            add(prefix + "self_attn.o_proj.weight", WIDTH, WIDTH);
            add(prefix + "post_attention_layernorm.weight", WIDTH);
            add(prefix + "mlp.gate_proj.weight", HIDDEN, WIDTH);
            add(prefix + "mlp.up_proj.weight", HIDDEN, WIDTH);
            add(prefix + "mlp.down_proj.weight", WIDTH, HIDDEN);
        }
        add("model.norm.weight", WIDTH);
        if (!tied) {
            add("lm_head.weight", vocabulary, WIDTH);
        }
    }

    private void add(String name, Integer... shape) {
        int elements = List.of(shape).stream().reduce(1, (a, b) -> a * b);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            // eighths, so that each type holds them exactly
            values[i] = Math.round(8 * 0.4 * random.nextGaussian()) / 8f + (shape.length == 1 ? 1 : 0);
        }
        tensors.put(name, values);
        shapes.put(name, List.of(shape));
    }

    /** The configuration, to which a test adds. */
    ObjectNode config() {
        return JSON.createObjectNode()
                .put("model_type", "llama")
                .put("vocab_size", vocabulary)
                .put("hidden_size", WIDTH)
                .put("intermediate_size", HIDDEN)
                .put("num_hidden_layers", BLOCKS)
                .put("num_attention_heads", HEADS)
                .put("num_key_value_heads", keyValueHeads)
                .put("max_position_embeddings", 32)
                .put("hidden_act", "silu")
                .put("rms_norm_eps", EPSILON)
                .put("rope_theta", BASE)
                .put("tie_word_embeddings", tied);
    }

    /** Writes all tensors as one file of a type. */
    void writeOneFile(Path folder, String type) throws IOException {
        write(folder.resolve("model.safetensors"), List.copyOf(tensors.keySet()), List.of(type));
    }

    /** Writes the tensors by turns to two files, and an index. */
    void writeTwoFiles(Path folder) throws IOException {
        ObjectNode index = JSON.createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        for (int file = 1; file <= 2; file++) {
            String name = "model-0000" + file + "-of-00002.safetensors";
            List<String> names = new ArrayList<>();
            int place = 0;
            for (String tensor : tensors.keySet()) {
                if (place++ % 2 == file - 1) {
                    names.add(tensor);
                    map.put(tensor, name);
                }
            }
            write(folder.resolve(name), names, file == 1 ? List.of("BF16") : List.of("F16", "F32"));
        }
        Files.write(folder.resolve("model.safetensors.index.json"), JSON.writeValueAsBytes(index));
    }

    private void write(Path file, List<String> names, List<String> types) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        ByteBuffer elements = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        for (int n = 0; n < names.size(); n++) {
            String type = types.get(n % types.size());
            int from = elements.position();
            for (float value : tensor(names.get(n))) {
                switch (type) {
                    case "BF16" -> elements.putShort((short) (Float.floatToIntBits(value) >>> 16));
                    case "F16" -> elements.putShort(Float16Utils.floatToHalf(value));
                    default -> elements.putFloat(value);
                }
            }
            ObjectNode entry = header.putObject(names.get(n)).put("dtype", type);
            entry.set("shape", JSON.valueToTree(shapes.get(names.get(n))));
            entry.putArray("data_offsets").add(from).add(elements.position());
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + json.length + elements.position())
                .order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(json.length).put(json).put(elements.flip());
        Files.write(file, all.array());
    }

    private float[] tensor(String name) {
        float[] values = tensors.get(name);
        if (values == null) {
            throw new IllegalArgumentException(name);
        }
        return values;
    }

    /** How far each pair of channels turns from one token to the next, without scaling. */
    static double[] turns() {
        double[] turns = new double[D / 2];
        for (int i = 0; i < turns.length; i++) {
            turns[i] = 1 / Math.pow(BASE, 2.0 * i / D);
        }
        return turns;
    }

    /**
     * Logits [T][V] of the id that follows each.
     *
     * @param turns of each pair of channels a token
     * @param window tokens that each sees
     */
    double[][] logits(int[] ids, double[] turns, int window) {
        double[][] x = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            x[t] = row("model.embed_tokens.weight", ids[t]);
        }
        for (int block = 0; block < BLOCKS; block++) {
            String prefix = "model.layers." + block + ".";
            attend(x, prefix, turns, window);
            for (double[] token : x) {
                double[] h = normalised(token, prefix + "post_attention_layernorm.weight");
                double[] gate = linear(prefix + "mlp.gate_proj.weight", h);
                double[] up = linear(prefix + "mlp.up_proj.weight", h);
                for (int i = 0; i < HIDDEN; i++) {
                    up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
                }
                add(token, linear(prefix + "mlp.down_proj.weight", up));
            }
        }
        double[][] logits = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            double[] h = normalised(x[t], "model.norm.weight");
            logits[t] = linear(tied ? "model.embed_tokens.weight" : "lm_head.weight", h);
        }
        return logits;
    }

    private void attend(double[][] x, String prefix, double[] turns, int window) {
        double[][] q = new double[x.length][];
        double[][] k = new double[x.length][];
        double[][] v = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] h = normalised(x[t], prefix + "input_layernorm.weight");
            q[t] = rotated(linear(prefix + "self_attn.q_proj.weight", h), t, turns);
            k[t] = rotated(linear(prefix + "self_attn.k_proj.weight", h), t, turns);
            v[t] = linear(prefix + "self_attn.v_proj.weight", h);
        }
        for (int t = 0; t < x.length; t++) {
            double[] o = new double[WIDTH];
            for (int head = 0; head < HEADS; head++) {
                int of = head / (HEADS / keyValueHeads) * D;
                double total = 0;
                double[] sum = new double[D];
                for (int j = Math.max(0, t - window + 1); j <= t; j++) {
                    double score = 0;
                    for (int i = 0; i < D; i++) {
                        score += q[t][head * D + i] * k[j][of + i];
                    }
                    double weight = Math.exp(score / Math.sqrt(D));
                    total += weight;
                    for (int i = 0; i < D; i++) {
                        sum[i] += weight * v[j][of + i];
                    }
                }
                for (int i = 0; i < D; i++) {
                    o[head * D + i] = sum[i] / total;
                }
            }
            add(x[t], linear(prefix + "self_attn.o_proj.weight", o));
        }
    }

    /** x cos + rotate_half(x) sin, head by head. */
    private static double[] rotated(double[] x, int place, double[] turns) {
        double[] result = new double[x.length];
        for (int first = 0; first < x.length; first += D) {
            for (int i = 0; i < D; i++) {
                double angle = place * turns[i % (D / 2)];
                double other = i < D / 2 ? -x[first + i + D / 2] : x[first + i - D / 2];
                result[first + i] = x[first + i] * Math.cos(angle) + other * Math.sin(angle);
            }
        }
        return result;
    }

    /** weight [outputs, inputs] times x. */
    private double[] linear(String weight, double[] x) {
        double[] result = new double[tensor(weight).length / x.length];
        for (int i = 0; i < result.length; i++) {
            double[] row = row(weight, i);
            for (int j = 0; j < x.length; j++) {
                result[i] += row[j] * x[j];
            }
        }
        return result;
    }

    private double[] row(String name, int index) {
        float[] values = tensor(name);
        List<Integer> shape = shapes.getOrDefault(name, List.of());
        double[] row = new double[shape.get(1)];
        for (int i = 0; i < row.length; i++) {
            row[i] = values[index * row.length + i];
        }
        return row;
    }

    private double[] normalised(double[] x, String weight) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i] / Math.sqrt(squares / x.length + EPSILON) * tensor(weight)[i];
        }
        return result;
    }

    private static void add(double[] to, double[] values) {
        for (int i = 0; i < to.length; i++) {
            to[i] += values[i];
        }
    }
}
