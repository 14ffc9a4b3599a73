package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Inside one long document the memories of every shipped configuration keep their size, and the outer gradient does not
 * grow with the document. Heads are as wide, chunks, periods and contexts as long as shipped; there are fewer heads and
 * blocks.
 */
final class MemoryLifeTest {
    private static final int SHORT = 512;
    private static final int LONG = 8192;
    private static final int TRAINING_STEPS = 200;

    static Stream<String> shipped() {
        return Stream.concat(
                Settings.PRESETS.stream().filter(name -> name.startsWith("hope-")),
                Settings.SHIPPED.stream().filter(name -> name.startsWith("ablation/")));
    }

    /** Short chunks and long ones, and all ingredients at once. */
    static Stream<String> representative() {
        return Stream.of("hope-nano", "hope-340m", "ablation/full");
    }

    @ParameterizedTest
    @MethodSource("representative")
    void stateAndGradientOfAFreshNetworkAreBoundedOverEightThousandTokens(String name) throws IOException {
        RunConfig config = config(name);
        try (Network network = new Network(config)) {
            assertBounded(config, network, LONG);
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    @Tag("slow")
    void stateAndGradientAreBoundedFreshAndTrained(String name) throws IOException {
        RunConfig config = config(name);
        try (Network network = new Network(config)) {
            assertBounded(config, network, LONG);
            train(config, network);
            assertBounded(config, network, LONG);
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    @Tag("slow")
    void stateAndGradientAreBoundedOverThirtyTwoThousandTokens(String name) throws IOException {
        RunConfig config = config(name);
        try (Network network = new Network(config)) {
            assertBounded(config, network, 32_768);
        }
    }

    private static void assertBounded(RunConfig config, Network network, int longest) throws IOException {
        for (InnerStatistics block : network.innerStatistics(document(longest))) {
            block.chunks()
                    .forEach(chunk -> chunk.heads()
                            .forEach(head -> assertThat(head.stateNorm())
                                    .as(
                                            "norms of %s after %d tokens, relative to their start",
                                            block.memories(), chunk.end())
                                    .allMatch(norm -> norm > 0.3 && norm < 3)));
        }
        double[] first = gradientNorms(config, network, SHORT);
        for (int tokens = 4 * SHORT; tokens <= longest; tokens *= 4) {
            double[] norms = gradientNorms(config, network, tokens);
            for (int level = 0; level < norms.length; level++) {
                assertThat(norms[level])
                        .as("gradient norm of level %d over %d tokens", level + 1, tokens)
                        .isFinite()
                        .isBetween(0.0, 10 * first[level]);
            }
        }
    }

    private static RunConfig config(String name) {
        List<String> smaller = List.of(
                "model.blocks=2",
                "model.vocabulary-size=257",
                "model.precision=float32",
                "training.recompute-every-chunks=8");
        ModelConfig shipped = read(name, smaller).model();
        int heads = Math.min(4, shipped.heads());
        return read(
                name,
                Stream.concat(smaller.stream(), Stream.of("model.width=" + heads * shipped.headWidth()))
                        .toList());
    }

    private static RunConfig read(String name, List<String> overrides) {
        return name.startsWith("ablation/") ? RunConfig.read(name, overrides) : RunConfig.ofPreset(name, overrides);
    }

    /** Rows of the configuration's own context, one a step. */
    private static void train(RunConfig config, Network network) throws IOException {
        byte[] text = text();
        int tokens = config.model().contextTokens();
        Random random = new Random(1);
        new TrainingLoop(
                        config,
                        network,
                        BoundarySync.alone(),
                        step -> new WorkerBatch(List.of(row(text, random.nextInt(text.length - tokens), tokens))),
                        report -> {},
                        (step, windows) -> {})
                .run(1, TRAINING_STEPS);
        config.schedule()
                .levels()
                .forEach(level -> network.levels().gradient(level).clear());
    }

    private static double[] gradientNorms(RunConfig config, Network network, int tokens) throws IOException {
        network.forwardBackward(document(tokens), 1.0 / tokens);
        return config.schedule().levels().stream()
                .mapToDouble(level -> {
                    double norm = Math.sqrt(Arrays.stream(network.levels()
                                    .gradientNorm()
                                    .squares(network.levels().state(level)))
                            .sum());
                    network.levels().gradient(level).clear();
                    return norm;
                })
                .toArray();
    }

    private static TokenBatch document(int tokens) throws IOException {
        return row(text(), 0, tokens);
    }

    private static TokenBatch row(byte[] text, int from, int tokens) {
        long[] ids = new long[tokens + 1];
        Arrays.setAll(ids, i -> text[from + i] & 0xff);
        return new TokenBatch(List.of(Tiny.sequence(ids)));
    }

    /** The sources of this module, one after the other. */
    private static byte[] text() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                all.write(Files.readAllBytes(file));
            }
        }
        return all.toByteArray();
    }
}
