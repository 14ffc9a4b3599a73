package org.hopespark.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hopespark.model.Plain.relativeError;

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
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.hopespark.conf.MemoryConfig;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chunk form of the memory against loops over tokens. */
final class MemoryTest {
    private static final JsonNode GOLDEN = golden();

    static List<Arguments> goldenCases() {
        List<Arguments> all = new ArrayList<>();
        requireNonNull(GOLDEN.get("cases")).fieldNames().forEachRemaining(name -> {
            all.add(Arguments.of(name, ElementType.FLOAT64, 1e-10));
            all.add(Arguments.of(name, ElementType.FLOAT32, 1e-5));
        });
        return all;
    }

    @ParameterizedTest
    @MethodSource("goldenCases")
    void chunkFormAndItsOuterGradientsEqualTheGoldenTokenLoop(String name, ElementType type, double tolerance) {
        JsonNode expected = requireNonNull(GOLDEN.at("/cases/" + name));
        boolean deep = expected.get("depth").asInt() == 2;
        Sizes sizes = new Sizes(
                GOLDEN.get("heads").asInt(),
                GOLDEN.get("tokens").asInt(),
                GOLDEN.get("width").asInt(),
                GOLDEN.get(deep ? "hidden" : "width").asInt(),
                expected.get("chunk").asInt());
        List<String> names = List.of("q", "k", "v", "alpha", "eta", deep ? "up" : "matrix");
        List<double[]> inputs = new ArrayList<>();
        names.forEach(input -> inputs.add(numbers(GOLDEN.at("/inputs/" + input))));
        inputs.add(deep ? numbers(GOLDEN.at("/inputs/down")) : new double[0]);
        MemoryConfig config = memory(
                "read=" + expected.get("read").asText(),
                "inner-rule=" + expected.get("inner-rule").asText(),
                "inner-momentum=" + expected.get("inner-momentum").asText(),
                "depth=" + expected.get("depth").asText(),
                "input-rate=" + expected.get("input-rate").asText(),
                "decay=" + expected.get("decay").asText(),
                "moving-targets=" + expected.get("moving-targets").asText());

        Result result = chunkForm(config, sizes, inputs, numbers(GOLDEN.get("R")), type);

        assertThat(relativeError(result.output, numbers(expected.get("output"))))
                .isLessThan(tolerance);
        assertThat(relativeError(result.up, numbers(expected.get("up")))).isLessThan(tolerance);
        List<String> leaves = new ArrayList<>(names.subList(0, 5));
        leaves.add("up");
        if (deep) {
            assertThat(relativeError(result.down, numbers(expected.get("down"))))
                    .isLessThan(tolerance);
            leaves.add("down");
        }
        for (int i = 0; i < leaves.size(); i++) {
            double[] gradient = numbers(expected.get("gradients").get(leaves.get(i)));
            assertThat(relativeError(result.gradients.get(i), gradient))
                    .as("outer gradient of %s", leaves.get(i))
                    .isLessThan(tolerance);
        }
    }

    static List<MemoryConfig> everyMemory() {
        List<MemoryConfig> all = new ArrayList<>();
        for (String read : List.of("after-write", "before-write", "chunk-start")) {
            for (String rule : List.of("dgd", "dgd-printed", "gd")) {
                for (String momentum : List.of("0", "0.8")) {
                    for (String depth : List.of("1", "2")) {
                        for (String decay : List.of("start", "zero")) {
                            for (String moving : List.of("false", "true")) {
                                for (String input : List.of("0", "0.3")) {
                                    all.add(memory(
                                            "read=" + read,
                                            "inner-rule=" + rule,
                                            "inner-momentum=" + momentum,
                                            "depth=" + depth,
                                            "decay=" + decay,
                                            "moving-targets=" + moving,
                                            "input-rate=" + input));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("everyMemory")
    void chunkFormEqualsThePlainLoopOverTokens(MemoryConfig config) {
        for (int chunk : new int[] {1, 4, 12}) {
            int hidden = config.depth() == 1 ? 5 : 2 + chunk;
            Sizes sizes = new Sizes(3, 12, 5, hidden, chunk);
            List<double[]> inputs = randomInputs(config, sizes, new Random(chunk));
            if (chunk == 4) {
                // some tokens retain everything
                Arrays.fill(inputs.get(3), 0, 12, 1);
            }
            Result result = chunkForm(config, sizes, inputs, new double[sizes.rows()], ElementType.FLOAT64);

            Result loop = TokenLoop.run(config, sizes, inputs);
            assertThat(relativeError(result.output, loop.output)).isLessThan(1e-12);
            assertThat(relativeError(result.up, loop.up)).isLessThan(1e-12);
            assertThat(relativeError(result.down, loop.down)).isLessThan(1e-12);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"after-write", "before-write"})
    void memoryThatNeitherLearnsNorForgetsIsAStaticResidualMlp(String read) {
        Sizes sizes = new Sizes(2, 8, 5, 7, 4);
        MemoryConfig config = memory("read=" + read);
        List<double[]> inputs = randomInputs(config, sizes, new Random(5));
        Arrays.fill(inputs.get(3), 1);
        Arrays.fill(inputs.get(4), 0);

        Result result = chunkForm(config, sizes, inputs);

        assertThat(result.up).containsExactly(inputs.get(5));
        assertThat(result.down).containsExactly(inputs.get(6));
        for (int g = 0; g < sizes.heads; g++) {
            TokenMemory memory = TokenLoop.memory(config, sizes, inputs, g);
            for (int t = 0; t < sizes.tokens; t++) {
                double[] read1 = memory.read(Plain.row(inputs.get(0), g * sizes.tokens + t, sizes.width));
                double[] out = Plain.row(result.output, g * sizes.tokens + t, sizes.width);
                assertThat(relativeError(out, read1)).isLessThan(1e-14);
            }
        }
    }

    @Test
    void writesOfOneHeadDoNotReachAnother() {
        Sizes sizes = new Sizes(2, 8, 5, 7, 4);
        MemoryConfig config = memory();
        List<double[]> inputs = randomInputs(config, sizes, new Random(6));
        Result before = chunkForm(config, sizes, inputs);
        inputs.get(2)[sizes.rows() / 2]++;

        Result after = chunkForm(config, sizes, inputs);

        int half = sizes.rows() / 2;
        assertThat(Arrays.copyOf(after.output, half)).containsExactly(Arrays.copyOf(before.output, half));
        assertThat(after.output[half]).isNotEqualTo(before.output[half]);
    }

    record Sizes(int heads, int tokens, int width, int hidden, int chunk) {
        int rows() {
            return heads * tokens * width;
        }

        List<Shape> shapes(MemoryConfig config) {
            Shape rows = new Shape(heads, tokens, width);
            Shape scalars = new Shape(heads, tokens, 1);
            return List.of(
                    rows,
                    rows,
                    rows,
                    scalars,
                    scalars,
                    new Shape(heads, width, hidden),
                    new Shape(heads, 1, config.depth() == 2 ? hidden : 0, width));
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Result(double[] output, double[] up, double[] down, List<double[]> gradients) {}

    static Result chunkForm(MemoryConfig config, Sizes sizes, List<double[]> inputs) {
        return chunkForm(config, sizes, inputs, new double[sizes.rows()], ElementType.FLOAT64);
    }

    /** Runs the script; gradients are those of sum(output * weight). */
    private static Result chunkForm(
            MemoryConfig memory, Sizes sizes, List<double[]> inputs, double[] weight, ElementType type) {
        RunConfig config = Tiny.config(
                "model.chunk-tokens=" + sizes.chunk,
                "model.context-tokens=" + sizes.tokens,
                "model.memory.depth=" + memory.depth(),
                "model.memory.inner-momentum=" + memory.innerMomentum(),
                "model.memory.inner-rule=" + setting(memory.innerRule()),
                "model.memory.decay=" + setting(memory.decay()),
                "model.memory.moving-targets=" + memory.movingTargets(),
                "model.memory.input-rate=" + memory.inputRate(),
                "model.memory.read=" + setting(memory.read()));
        List<Shape> shapes = sizes.shapes(memory);
        try (Torch torch = new Torch(Device.cpu(), TorchScriptArchive.write(config.model(), type));
                NDScope scope = new NDScope();
                NDManager manager = torch.manager().newSubManager()) {
            scope.suppressNotUsedWarning();
            NDList leaves = new NDList();
            for (int i = 0; i < inputs.size(); i++) {
                leaves.add(Torch.leaf(tensor(manager, type, inputs.get(i), shapes.get(i))));
            }
            NDList out = Torch.recording(() -> torch.call("memory_check", leaves));
            Torch.backward(out.get(0), tensor(manager, type, weight, shapes.get(0)));
            List<double[]> gradients = new ArrayList<>();
            for (NDArray leaf : memory.depth() == 2 ? leaves : leaves.subList(0, 6)) {
                gradients.add(numbers(leaf.getGradient()));
            }
            return new Result(numbers(out.get(0)), numbers(out.get(1)), numbers(out.get(2)), gradients);
        }
    }

    private static String setting(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static MemoryConfig memory(String... settings) {
        return Tiny.config(Arrays.stream(settings)
                        .map(setting -> "model.memory." + setting)
                        .toArray(String[]::new))
                .model()
                .memory();
    }

    private static List<double[]> randomInputs(MemoryConfig config, Sizes sizes, Random random) {
        List<double[]> inputs = new ArrayList<>();
        for (Shape shape : sizes.shapes(config)) {
            inputs.add(random.doubles(shape.size()).map(x -> 2 * x - 1).toArray());
        }
        // writes with longer keys and momentum would run away
        inputs.set(1, unitRows(inputs.get(1), sizes.width));
        inputs.set(3, random.doubles((long) sizes.heads * sizes.tokens, 0.8, 1).toArray());
        inputs.set(4, random.doubles((long) sizes.heads * sizes.tokens, 0, 0.3).toArray());
        return inputs;
    }

    private static double[] unitRows(double[] rows, int width) {
        return IntStream.range(0, rows.length / width)
                .mapToObj(i -> Plain.unit(Plain.row(rows, i, width)))
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private static JsonNode golden() {
        try (InputStream in = requireNonNull(MemoryTest.class.getResourceAsStream("hope-memory-golden.json"))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
}
