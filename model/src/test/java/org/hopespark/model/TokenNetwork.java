package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.hopespark.model.Plain.dot;
import static org.hopespark.model.Plain.gelu;
import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.plus;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.silu;
import static org.hopespark.model.Plain.times;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.hopespark.conf.AttentionConfig;
import org.hopespark.conf.LinearConfig;
import org.hopespark.conf.MambaConfig;
import org.hopespark.conf.MixerConfig;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.ModelConfig.Activation;
import org.hopespark.conf.ModelConfig.Continuum;
import org.hopespark.conf.ModelConfig.Documents;
import org.hopespark.conf.TitansConfig;
import org.hopespark.conf.TitansLmmConfig;
import org.hopespark.conf.TttConfig;

/**
 * The whole network for one sequence in plain loops over tokens; shares nothing with the network but its parameters.
 */
final class TokenNetwork {
    private final ModelConfig model;
    private final int levels;
    private final Map<String, double[]> parameters = new HashMap<>();

    /** What is added to the residual stream x [T][D]; documents count from any number. */
    interface Mixer {
        double[][] mix(double[][] x, int[] documentOf, boolean reset);
    }

    TokenNetwork(Network network) {
        model = network.architecture().model();
        levels = network.architecture().schedule().levels().size();
        Tiny.parameters(network).forEach((name, values) -> parameters.put(name, Tiny.values(values)));
    }

    /** Log-probability of each target. */
    double[] logProbabilities(TokenBatch.Sequence sequence) {
        return logProbabilities(throughBlocks(sequence), sequence);
    }

    /** The same of an auto-encoder. */
    double[] decodedLogProbabilities(TokenBatch.Sequence sequence) {
        double[][] x = throughBlocks(sequence);
        double[][] decoded = new double[x.length][];
        int half = model.width() / 2;
        for (int t = 0; t < x.length; t++) {
            double[] y = x[x.length - 1].clone();
            for (int i = 0; i < half; i++) {
                double angle = t / Math.pow(10_000, i / (half - 1.0));
                y[i] += Math.sin(angle);
                y[half + i] += Math.cos(angle);
            }
            for (String layer : new String[] {"decoder.1.", "decoder.2."}) {
                double[] h = rmsNorm(y, parameter(layer + "norm"));
                double[][] linear = matrix(parameter(layer + "linear"), 0, model.width(), model.width());
                y = Arrays.stream(times(h, linear, model.width()))
                        .map(Plain::gelu)
                        .toArray();
            }
            decoded[t] = y;
        }
        return logProbabilities(decoded, sequence);
    }

    /** What the heads of the first block did. */
    List<TokenTitans.Trace> traces(TokenBatch.Sequence sequence) {
        TokenTitans mixer = (TokenTitans) mixer(model.mixers().get(0), "blocks.0.mixer.");
        mixer.mix(embedded(sequence), documentOf(sequence), model.documents() == Documents.RESET);
        return mixer.traces();
    }

    private double[][] embedded(TokenBatch.Sequence sequence) {
        return LongStream.of(sequence.inputs())
                .mapToObj(id -> row(parameter("embedding"), (int) id, model.width()))
                .toArray(double[][]::new);
    }

    private double[][] throughBlocks(TokenBatch.Sequence sequence) {
        double[][] x = embedded(sequence);
        for (int block = 0; block < model.blocks(); block++) {
            String prefix = "blocks." + block + ".";
            double[][] mixed = mixer(model.mixers().get(block), prefix + "mixer.")
                    .mix(x, documentOf(sequence), model.documents() == Documents.RESET);
            for (int t = 0; t < x.length; t++) {
                x[t] = continuum(plus(x[t], mixed[t]), prefix + "continuum.");
            }
        }
        return x;
    }

    private double[] logProbabilities(double[][] x, TokenBatch.Sequence sequence) {
        double[] result = new double[x.length];
        for (int t = 0; t < x.length; t++) {
            result[t] = logProbability(rmsNorm(x[t], parameter("norm")), (int) sequence.targets()[t]);
        }
        return result;
    }

    private Mixer mixer(MixerConfig config, String prefix) {
        if (config instanceof TitansConfig) {
            return new TokenTitans(model, model.headWidth(config), name -> parameter(prefix + name));
        }
        if (config instanceof AttentionConfig attention) {
            return new TokenAttention(model, attention, name -> parameter(prefix + name));
        }
        if (config instanceof TttConfig ttt) {
            return new TokenTtt(model, ttt, name -> parameter(prefix + name));
        }
        if (config instanceof MambaConfig mamba) {
            return new TokenMamba(model, mamba, name -> parameter(prefix + name));
        }
        if (config instanceof LinearConfig linear) {
            return new TokenLinear(model, linear, name -> parameter(prefix + name));
        }
        if (config instanceof TitansLmmConfig lmm) {
            return new TokenLmm(model, lmm, name -> parameter(prefix + name));
        }
        throw new IllegalArgumentException("no loop over tokens for " + config.text());
    }

    private static int[] documentOf(TokenBatch.Sequence sequence) {
        int[] result = new int[sequence.inputs().length];
        for (int t = 0; t < result.length; t++) {
            int at = t;
            result[t] = (int) Arrays.stream(sequence.starts())
                    .filter(start -> start > 0 && start <= at)
                    .count();
        }
        return result;
    }

    /** One MLP a level, in a chain (Nested Learning, Eq. 70) or side by side (Eq. 74). */
    private double[] continuum(double[] x, String prefix) {
        double[] y = x;
        int place = 0;
        for (int level = 1; level <= levels; level++) {
            if (!parameters.containsKey(prefix + level + ".up")) {
                continue;
            }
            if (model.continuum() == Continuum.INDEPENDENT) {
                double weight = parameter(prefix + "weights")[place++];
                y = plus(
                        y,
                        Arrays.stream(mlp(x, prefix + level + "."))
                                .map(v -> weight * v)
                                .toArray());
            } else {
                y = plus(y, mlp(y, prefix + level + "."));
            }
        }
        return y;
    }

    private double[] mlp(double[] x, String prefix) {
        int width = model.width();
        int hidden = parameter(prefix + "up").length / width;
        double[] h = rmsNorm(x, parameter(prefix + "norm"));
        double[] u = times(h, matrix(parameter(prefix + "up"), 0, width, hidden), hidden);
        if (model.activation() == Activation.SILU_GATED) {
            double[] gate = times(h, matrix(parameter(prefix + "gate"), 0, width, hidden), hidden);
            Arrays.setAll(u, i -> u[i] * silu(gate[i]));
        } else {
            Arrays.setAll(u, i -> gelu(u[i]));
        }
        return times(u, matrix(parameter(prefix + "down"), 0, hidden, width), width);
    }

    private double logProbability(double[] h, int target) {
        double[] logits = new double[model.vocabularySize()];
        String head = model.tiedEmbeddings() ? "embedding" : "head";
        Arrays.setAll(logits, id -> dot(h, row(parameter(head), id, model.width())));
        return logits[target] - Math.log(Arrays.stream(logits).map(Math::exp).sum());
    }

    private double[] parameter(String name) {
        return requireNonNull(parameters.get(name), name);
    }
}
