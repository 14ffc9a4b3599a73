package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chunk form of the memory against loops over tokens. */
final class MemoryTest {
    private static final List<String> INPUTS = List.of("q", "k", "v", "alpha", "eta", "up", "down");

    @ParameterizedTest
    @CsvSource({
        "read-after-write, FLOAT64, 1e-10",
        "read-before-write, FLOAT64, 1e-10",
        "read-after-write, FLOAT32, 1e-5",
        "read-before-write, FLOAT32, 1e-5"
    })
    void chunkFormAndItsOuterGradientsEqualTheGoldenTokenLoop(String read, ElementType type, double tolerance)
            throws IOException {
        JsonNode golden;
        try (InputStream in = requireNonNull(getClass().getResourceAsStream("hope-memory-golden.json"))) {
            golden = new ObjectMapper().readTree(in);
        }
        Sizes sizes = new Sizes(
                golden.get("heads").asInt(),
                golden.get("tokens").asInt(),
                golden.get("width").asInt(),
                golden.get("hidden").asInt(),
                golden.get("chunk").asInt());
        List<double[]> inputs = INPUTS.stream()
                .map(name -> numbers(golden.get("inputs").get(name)))
                .toList();

        Result result = chunkForm(sizes, inputs, numbers(golden.get("R")), read.replace("read-", ""), type);

        JsonNode expected = golden.get(read);
        assertThat(relativeError(result.output, numbers(expected.get("output"))))
                .isLessThan(tolerance);
        assertThat(relativeError(result.up, numbers(expected.get("up")))).isLessThan(tolerance);
        assertThat(relativeError(result.down, numbers(expected.get("down")))).isLessThan(tolerance);
        for (int i = 0; i < INPUTS.size(); i++) {
            double[] gradient = numbers(expected.get("gradients").get(INPUTS.get(i)));
            assertThat(relativeError(result.gradients.get(i), gradient))
                    .as("outer gradient of %s", INPUTS.get(i))
                    .isLessThan(tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, after-write", "2, after-write", "4, after-write", "8, after-write",
        "1, before-write", "2, before-write", "4, before-write", "8, before-write"
    })
    void chunkFormEqualsThePlainLoopOverTokens(int chunk, String read) {
        Sizes sizes = new Sizes(3, 8, 5, 7, chunk);
        List<double[]> inputs = randomInputs(sizes, new Random(chunk));

        Result result = chunkForm(sizes, inputs, new double[sizes.rows()], read, ElementType.FLOAT64);

        Result loop = TokenLoop.run(sizes, inputs, read.equals("after-write"));
        assertThat(relativeError(result.output, loop.output)).isLessThan(1e-12);
        assertThat(relativeError(result.up, loop.up)).isLessThan(1e-12);
        assertThat(relativeError(result.down, loop.down)).isLessThan(1e-12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"after-write", "before-write"})
    void memoryThatNeitherLearnsNorForgetsIsAStaticResidualMlp(String read) {
        Sizes sizes = new Sizes(2, 8, 5, 7, 4);
        List<double[]> inputs = randomInputs(sizes, new Random(5));
        java.util.Arrays.fill(inputs.get(3), 1);
        java.util.Arrays.fill(inputs.get(4), 0);

        Result result = chunkForm(sizes, inputs, new double[sizes.rows()], read, ElementType.FLOAT64);

        assertThat(result.up).containsExactly(inputs.get(5));
        assertThat(result.down).containsExactly(inputs.get(6));
        for (int g = 0; g < sizes.heads; g++) {
            TokenLoop memory = new TokenLoop(sizes, inputs, g);
            for (int t = 0; t < sizes.tokens; t++) {
                double[] read1 = memory.read(TokenLoop.row(inputs.get(0), g * sizes.tokens + t, sizes.width));
                double[] out = TokenLoop.row(result.output, g * sizes.tokens + t, sizes.width);
                assertThat(relativeError(out, read1)).isLessThan(1e-14);
            }
        }
    }

    @Test
    void writesOfOneHeadDoNotReachAnother() {
        Sizes sizes = new Sizes(2, 8, 5, 7, 4);
        List<double[]> inputs = randomInputs(sizes, new Random(6));
        Result before = chunkForm(sizes, inputs, new double[sizes.rows()], "after-write", ElementType.FLOAT64);
        inputs.get(2)[sizes.rows() / 2]++;

        Result after = chunkForm(sizes, inputs, new double[sizes.rows()], "after-write", ElementType.FLOAT64);

        int half = sizes.rows() / 2;
        assertThat(java.util.Arrays.copyOf(after.output, half))
                .containsExactly(java.util.Arrays.copyOf(before.output, half));
        assertThat(after.output[half]).isNotEqualTo(before.output[half]);
    }

    record Sizes(int heads, int tokens, int width, int hidden, int chunk) {
        int rows() {
            return heads * tokens * width;
        }

        List<Shape> shapes() {
            Shape rows = new Shape(heads, tokens, width);
            Shape scalars = new Shape(heads, tokens, 1);
            return List.of(
                    rows,
                    rows,
                    rows,
                    scalars,
                    scalars,
                    new Shape(heads, width, hidden),
                    new Shape(heads, 1, hidden, width));
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Result(double[] output, double[] up, double[] down, List<double[]> gradients) {}

    /** Runs the script; gradients are those of sum(output * weight). */
    private static Result chunkForm(
            Sizes sizes, List<double[]> inputs, double[] weight, String read, ElementType type) {
        RunConfig config = Tiny.config(
                "model.chunk-tokens=" + sizes.chunk,
                "model.context-tokens=" + sizes.tokens,
                "model.memory.read=" + read);
        try (Torch torch = new Torch(Device.cpu(), TorchScriptArchive.write(config.model(), type));
                NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList leaves = new NDList();
            for (int i = 0; i < inputs.size(); i++) {
                leaves.add(Torch.leaf(
                        tensor(manager, type, inputs.get(i), sizes.shapes().get(i))));
            }
            NDList out = Torch.recording(() -> torch.call("memory_check", leaves));
            Torch.backward(
                    out.get(0), tensor(manager, type, weight, sizes.shapes().get(0)));
            List<double[]> gradients = new ArrayList<>();
            leaves.forEach(leaf -> gradients.add(numbers(leaf.getGradient())));
            return new Result(numbers(out.get(0)), numbers(out.get(1)), numbers(out.get(2)), gradients);
        }
    }

    private static List<double[]> randomInputs(Sizes sizes, Random random) {
        List<double[]> inputs = new ArrayList<>();
        for (Shape shape : sizes.shapes()) {
            inputs.add(random.doubles(shape.size()).map(x -> 2 * x - 1).toArray());
        }
        inputs.set(3, random.doubles((long) sizes.heads * sizes.tokens, 0.8, 1).toArray());
        inputs.set(4, random.doubles((long) sizes.heads * sizes.tokens, 0, 0.3).toArray());
        return inputs;
    }

    private static NDArray tensor(NDManager manager, ElementType type, double[] values, Shape shape) {
        return manager.create(values, shape).toType(Torch.dataType(type), false);
    }

    private static double[] numbers(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToDouble(i -> requireNonNull(array.get(i)).asDouble())
                .toArray();
    }

    private static double[] numbers(NDArray array) {
        return array.toType(Torch.dataType(ElementType.FLOAT64), false).toDoubleArray();
    }

    /** Largest difference in units of the largest expected value. */
    private static double relativeError(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < actual.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
            scale = Math.max(scale, Math.abs(expected[i]));
        }
        return difference / scale;
    }
}
