package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The head's hand-written gradient against cross-entropy in plain Java, with a vocabulary so large that rows come in
 * pieces.
 */
final class HeadTest {
    private static final int ROWS = 80;
    private static final int WIDTH = 3;
    private static final int VOCABULARY = 60_000;
    private static final double SCALE = 0.5;

    @Test
    void lossAndGradientsOfTheHeadAreThoseOfCrossEntropyOverTheTargetsThatCount() {
        Random random = new Random(1);
        double[] x = random.doubles((long) ROWS * WIDTH, -1, 1).toArray();
        double[] embedding = random.doubles((long) VOCABULARY * WIDTH, -1, 1).toArray();
        long[] targets = random.longs(ROWS, 0, VOCABULARY).toArray();
        targets[3] = TokenBatch.NO_TARGET;
        targets[70] = TokenBatch.NO_TARGET;
        double[] dx = new double[x.length];
        double[] dEmbedding = new double[embedding.length];
        double loss = crossEntropy(x, embedding, targets, dx, dEmbedding);

        byte[] archive = TorchScriptArchive.write(
                Tiny.config("model.vocabulary-size=" + VOCABULARY).model(), ElementType.FLOAT64);
        try (Torch torch = new Torch(Device.cpu(), archive);
                NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDArray gradient = torch.zeros(ElementType.FLOAT64, VOCABULARY, WIDTH);
            NDList result = torch.call(
                    "head_loss",
                    manager.create(x, new Shape(ROWS, WIDTH)),
                    manager.create(embedding, new Shape(VOCABULARY, WIDTH)),
                    manager.create(targets),
                    gradient,
                    manager.create(new double[] {SCALE}, new Shape()));

            assertThat(result.get(0).toDoubleArray()[0]).isCloseTo(loss, within(1e-9));
            assertThat(result.get(1).toDoubleArray()).containsExactly(dx, within(1e-12));
            assertThat(gradient.toDoubleArray()).containsExactly(dEmbedding, within(1e-12));
        }
    }

    private static double crossEntropy(
            double[] x, double[] embedding, long[] targets, double[] dx, double[] dEmbedding) {
        double loss = 0;
        for (int r = 0; r < ROWS; r++) {
            if (targets[r] < 0) {
                continue;
            }
            double[] p = new double[VOCABULARY];
            double total = 0;
            for (int id = 0; id < VOCABULARY; id++) {
                double logit = 0;
                for (int i = 0; i < WIDTH; i++) {
                    logit += x[r * WIDTH + i] * embedding[id * WIDTH + i];
                }
                p[id] = Math.exp(logit);
                total += p[id];
            }
            loss -= Math.log(p[(int) targets[r]] / total);
            for (int id = 0; id < VOCABULARY; id++) {
                double g = SCALE * (p[id] / total - (id == targets[r] ? 1 : 0));
                for (int i = 0; i < WIDTH; i++) {
                    dx[r * WIDTH + i] += g * embedding[id * WIDTH + i];
                    dEmbedding[id * WIDTH + i] += g * x[r * WIDTH + i];
                }
            }
        }
        return loss;
    }
}
