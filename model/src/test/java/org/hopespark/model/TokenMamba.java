package org.hopespark.model;

import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.rmsNorm;
import static org.hopespark.model.Plain.row;
import static org.hopespark.model.Plain.silu;
import static org.hopespark.model.Plain.times;

import java.util.function.Function;
import org.hopespark.conf.MambaConfig;
import org.hopespark.conf.ModelConfig;

/** Mamba, token by token: the recurrence as Gu and Dao 2023 state it, Eq. 2a and 2b with Algorithm 2. */
final class TokenMamba implements TokenNetwork.Mixer {
    private final Function<String, double[]> parameter;
    private final int width;
    private final int channels;
    private final int n;
    private final int rank;
    private final int taps;

    /** @param parameter values of a parameter by its name within the mixer */
    TokenMamba(ModelConfig model, MambaConfig config, Function<String, double[]> parameter) {
        this.parameter = parameter;
        width = model.width();
        channels = config.expand() * width;
        n = config.stateWidth();
        rank = config.rank(width);
        taps = config.convolutionWidth();
    }

    @Override
    public double[][] mix(double[][] x, int[] documentOf, boolean reset) {
        double[][] result = new double[x.length][];
        double[][] in = new double[x.length][];
        double[][] state = new double[channels][n];
        for (int t = 0; t < x.length; t++) {
            if (reset && t > 0 && documentOf[t] != documentOf[t - 1]) {
                state = new double[channels][n];
            }
            double[] h = rmsNorm(x[t], parameter.apply("norm"));
            in[t] = times(h, matrix(parameter.apply("input"), 0, width, 2 * channels), 2 * channels);
            double[] y = selected(state, convolved(in, t, documentOf));
            for (int e = 0; e < channels; e++) {
                y[e] *= silu(in[t][channels + e]);
            }
            result[t] = times(y, matrix(parameter.apply("output"), 0, channels, width), width);
        }
        return result;
    }

    /** Moves the state on by one token and reads it. */
    private double[] selected(double[][] state, double[] u) {
        double[] made = times(u, matrix(parameter.apply("select"), 0, channels, rank + 2 * n), rank + 2 * n);
        double[] step = times(row(made, 0, rank), matrix(parameter.apply("step"), 0, rank, channels), channels);
        double[] y = new double[channels];
        for (int e = 0; e < channels; e++) {
            double dt = Math.log1p(Math.exp(step[e] + parameter.apply("step-bias")[e]));
            y[e] = parameter.apply("skip")[e] * u[e];
            for (int i = 0; i < n; i++) {
                double decay = Math.exp(-dt * Math.exp(parameter.apply("a-log")[e * n + i]));
                state[e][i] = decay * state[e][i] + dt * made[rank + i] * u[e];
                y[e] += made[rank + n + i] * state[e][i];
            }
        }
        return y;
    }

    /** Tap j is for the token j back, if that is in the same document. */
    private double[] convolved(double[][] in, int t, int[] documentOf) {
        double[] u = parameter.apply("convolution-bias").clone();
        for (int j = 0; j < taps && j <= t && documentOf[t - j] == documentOf[t]; j++) {
            for (int e = 0; e < channels; e++) {
                u[e] += parameter.apply("convolution")[j * channels + e] * in[t - j][e];
            }
        }
        for (int e = 0; e < channels; e++) {
            u[e] = silu(u[e]);
        }
        return u;
    }
}
