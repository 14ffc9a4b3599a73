package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.TokenBatch.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The outer gradient of the whole network, in float64. */
final class GradientTest {
    /** Central differences: the truncation error grows with its square, the rounding error with its inverse. */
    private static final double STEP = 1e-5;

    @ParameterizedTest
    @CsvSource({
        "gelu, after-write, reset",
        "gelu, before-write, carry",
        "silu-gated, after-write, carry",
        "silu-gated, before-write, reset"
    })
    void gradientOfEveryParameterTensorEqualsFiniteDifferences(String activation, String read, String documents) {
        RunConfig config = Tiny.config(
                "model.activation=" + activation,
                "model.memory.read=" + read,
                "model.documents=" + documents,
                // so that some rates meet the bound eta <= alpha
                "model.memory.eta-max=0.9",
                "model.memory.retention-bias=0.3");
        assertGradientEqualsFiniteDifferences(config);
    }

    @ParameterizedTest
    @MethodSource({"org.hopespark.model.Ingredients#oneByOne", "pairs"})
    void gradientOfEveryIngredientEqualsFiniteDifferences(String settings) {
        String blocks = settings.contains("model.pattern") ? " model.blocks=2" : " model.blocks=1";
        assertGradientEqualsFiniteDifferences(Tiny.config((settings + blocks).split(" ")));
    }

    /** Where the scripts take a path that no single setting takes. */
    static List<String> pairs() {
        return List.of(
                "model.memory.inner-rule=gd model.memory.inner-momentum=0.7 model.memory.read=before-write",
                "model.memory.inner-momentum=0.7 model.memory.depth=1 model.memory.main-chunk-tokens=2",
                "model.memory.inner-momentum=0.7 model.memory.adaptive-query=true model.memory.main-chunk-tokens=8",
                "model.memory.retention=false model.memory.adaptive-key=false model.memory.adaptive-value=false");
    }

    private static void assertGradientEqualsFiniteDifferences(RunConfig config) {
        try (Network network = Tiny.shaken(config)) {
            assertGradientEqualsFiniteDifferences(network, withMaskedTarget(Tiny.batch(4, 2, Tiny.TOKENS, 0, 8)));
        }
    }

    static void assertGradientEqualsFiniteDifferences(Network network, TokenBatch batch) {
        double loss = network.forwardBackward(batch, 1);
        assertThat(loss(network, batch)).isCloseTo(loss, within(1e-10));
        Map<String, FlatBuffer> gradients = Tiny.gradients(network);
        Random random = new Random(2);

        Tiny.parameters(network).forEach((name, parameter) -> {
            double[] gradient = Tiny.values(gradients, name);
            if (name.endsWith(".initial")) {
                // it meets no token; its gradient comes when the window closes
                assertThat(gradient).as(name).containsOnly(0);
                return;
            }
            int largest = largest(gradient);
            assertThat(Math.abs(gradient[largest])).as(name).isGreaterThan(1e-4);
            for (int i : new int[] {largest, random.nextInt(gradient.length), random.nextInt(gradient.length)}) {
                double difference = centralDifference(network, batch, parameter, i);
                assertThat(gradient[i])
                        .as("%s[%d]", name, i)
                        .isCloseTo(difference, within(1e-5 * Math.abs(gradient[largest])));
            }
        });
    }

    @Test
    void microBatchesAddUpToTheGradientOfTheWholeBatch() {
        RunConfig config = Tiny.config();
        try (Network together = Tiny.shaken(config);
                Network apart = Tiny.shaken(config)) {
            List<Sequence> rows =
                    withMaskedTarget(Tiny.batch(1, 4, Tiny.TOKENS, 0, 8)).sequences();
            double loss = together.forwardBackward(new TokenBatch(rows), 0.25);

            double sum = apart.forwardBackward(new TokenBatch(rows.subList(0, 1)), 0.25)
                    + apart.forwardBackward(new TokenBatch(rows.subList(1, 4)), 0.25);

            assertThat(sum).isCloseTo(loss, within(1e-10));
            Map<String, FlatBuffer> expected = Tiny.gradients(together);
            Tiny.gradients(apart)
                    .forEach((name, gradient) -> assertThat(Tiny.values(gradient))
                            .as(name)
                            .containsExactly(Tiny.values(expected, name), within(1e-11)));
        }
    }

    @Test
    void gradientScalesWithTheGivenScaleAndIsClearedOnDemand() {
        RunConfig config = Tiny.config();
        try (Network network = Tiny.shaken(config)) {
            TokenBatch batch = Tiny.batch(1, 2, Tiny.TOKENS, 0);
            network.forwardBackward(batch, 0.5);
            double[] once = Tiny.values(Tiny.gradients(network), "embedding");
            config.schedule()
                    .levels()
                    .forEach(level -> network.levels().gradient(level).clear());

            network.forwardBackward(batch, 1.5);

            assertThat(Tiny.values(Tiny.gradients(network), "embedding"))
                    .containsExactly(Arrays.stream(once).map(x -> 3 * x).toArray(), within(1e-11));
            Level first = config.schedule().levels().get(0);
            network.levels().gradient(first).clear();
            assertThat(Tiny.values(Tiny.gradients(network), "embedding")).containsOnly(0);
        }
    }

    private static TokenBatch withMaskedTarget(TokenBatch batch) {
        List<Sequence> rows = new ArrayList<>(batch.sequences());
        Sequence first = rows.get(0);
        long[] targets = first.targets().clone();
        targets[6] = TokenBatch.NO_TARGET;
        targets[7] = TokenBatch.NO_TARGET;
        rows.set(0, new Sequence(first.inputs(), targets, first.starts()));
        return new TokenBatch(rows);
    }

    private static double centralDifference(Network network, TokenBatch batch, FlatBuffer parameter, int index) {
        double value = Tiny.get(parameter, index);
        Tiny.set(parameter, index, value + STEP);
        double above = loss(network, batch);
        Tiny.set(parameter, index, value - STEP);
        double below = loss(network, batch);
        Tiny.set(parameter, index, value);
        return (above - below) / (2 * STEP);
    }

    private static double loss(Network network, TokenBatch batch) {
        long[] targets = batch.sequences().stream()
                .flatMapToLong(row -> Arrays.stream(row.targets()))
                .toArray();
        double[] scores = network.scores(batch).logProbabilities();
        return -IntStream.range(0, targets.length)
                .filter(i -> targets[i] >= 0)
                .mapToDouble(i -> scores[i])
                .sum();
    }

    private static int largest(double[] values) {
        return IntStream.range(0, values.length).reduce(0, (a, b) -> Math.abs(values[b]) > Math.abs(values[a]) ? b : a);
    }
}
