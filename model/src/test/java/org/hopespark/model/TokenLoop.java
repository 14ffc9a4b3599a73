package org.hopespark.model;

import static org.hopespark.model.Plain.matrix;
import static org.hopespark.model.Plain.row;

import java.util.List;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.MemoryConfig.Read;
import org.hopespark.model.MemoryTest.Result;
import org.hopespark.model.MemoryTest.Sizes;

/** One memory for each head over all tokens; inputs in the order q, k, v, alpha, eta, up, down. */
final class TokenLoop {
    private static final double NO_CAP = Double.POSITIVE_INFINITY;

    private TokenLoop() {}

    static TokenMemory memory(MemoryConfig config, Sizes sizes, List<double[]> inputs, int head) {
        int d = sizes.width();
        int m = sizes.hidden();
        int rows = config.depth() == 1 ? 0 : m;
        double[][] up = matrix(inputs.get(5), head * d * m, d, m);
        double[][] down = matrix(inputs.get(6), head * rows * d, rows, d);
        return new TokenMemory(config, NO_CAP, config.inputRate(), new TokenMemory.Layers(up, down));
    }

    static Result run(MemoryConfig config, Sizes sizes, List<double[]> inputs) {
        double[] output = new double[sizes.rows()];
        double[] ups = new double[inputs.get(5).length];
        double[] downs = new double[inputs.get(6).length];
        for (int head = 0; head < sizes.heads(); head++) {
            TokenMemory memory = memory(config, sizes, inputs, head);
            run(memory, config.read(), sizes, inputs, head, output);
            append(memory.now().up(), ups, head);
            append(memory.now().down(), downs, head);
        }
        return new Result(output, ups, downs, List.of());
    }

    private static void run(TokenMemory now, Read read, Sizes sizes, List<double[]> inputs, int head, double[] output) {
        int d = sizes.width();
        TokenMemory chunkStart = now;
        for (int t = 0; t < sizes.tokens(); t++) {
            if (t % sizes.chunk() == 0) {
                chunkStart = now.snapshot();
            }
            int at = head * sizes.tokens() + t;
            double[] q = row(inputs.get(0), at, d);
            TokenMemory before = now.snapshot();
            now.write(
                    chunkStart,
                    row(inputs.get(1), at, d),
                    row(inputs.get(2), at, d),
                    inputs.get(3)[at],
                    inputs.get(4)[at]);
            double[] y = switch (read) {
                case AFTER_WRITE -> now.read(q);
                case BEFORE_WRITE -> before.read(q);
                case CHUNK_START -> chunkStart.read(q);
            };
            System.arraycopy(y, 0, output, at * d, d);
        }
    }

    private static void append(double[][] matrix, double[] to, int head) {
        for (int i = 0; i < matrix.length; i++) {
            System.arraycopy(matrix[i], 0, to, (head * matrix.length + i) * matrix[i].length, matrix[i].length);
        }
    }
}
