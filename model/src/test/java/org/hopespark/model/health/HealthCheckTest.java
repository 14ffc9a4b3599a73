package org.hopespark.model.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.model.Finding;
import org.hopespark.model.Illness;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Illnesses that were planted are found, and healthy models are left alone. */
final class HealthCheckTest {
    private static final String SETTINGS = """
            seed: 3
            model: {vocabulary-size: 257, width: 32, blocks: 2, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels:
              - {period-steps: 1, continuum-hidden: 32}
              - {period-steps: 4, continuum-hidden: 32}
            training: {steps: 200, warmup-steps: 2, learning-rate: 3.0e-3}
            """;

    private static final String LEVELS =
            "levels=[{period-steps: 1, continuum-hidden: 32}, {period-steps: 4, continuum-hidden: 32%s}%s]";

    static {
        // kernels of tiny tensors spend their time waiting for each other
        Network.useThreads(1);
    }

    private static RunConfig config(String... overrides) {
        return Settings.parse("small", SETTINGS).with(List.of(overrides)).bind(RunConfig.class);
    }

    static Stream<Arguments> planted() {
        return Stream.of(
                Arguments.of(
                        Illness.SHORT_MEMORY,
                        "model.memory.retention-bias-last",
                        // sigmoid(-2.944) = 0.05
                        config("model.memory.retention-bias=-2.944", "model.memory.retention-bias-last=-2.944")),
                Arguments.of(
                        Illness.DEAD_LEVEL,
                        "levels.1.learning-rate-factor",
                        config(String.format(LEVELS, ", learning-rate-factor: 0", ""))),
                Arguments.of(Illness.DEAD_MEMORY, "model.memory.eta-max is 0", config("model.memory.eta-max=0")),
                Arguments.of(Illness.DEAD_MEMORY, "model.memory.eta-start", config("model.memory.eta-start=1e-6")),
                Arguments.of(
                        Illness.FROZEN_GATE,
                        "blocks.0.mixer.alpha.",
                        config(String.format(
                                LEVELS,
                                "",
                                ", {period-steps: 4, learning-rate-factor: 0, parameters: ['*.mixer.alpha.*']}"))),
                Arguments.of(
                        Illness.FROZEN_GATE,
                        "model.memory.retention-bias",
                        config("model.memory.retention-bias=40", "model.memory.retention-bias-last=40")),
                Arguments.of(
                        Illness.CAPPED_ERRORS,
                        "model.memory.error-cap",
                        config("model.memory.error-cap=1e-3", "model.memory.input-rate=0.03")));
    }

    static Stream<RunConfig> healthy() {
        return Stream.of(
                config(),
                config("seed=4", "model.memory.gates=token"),
                config("seed=5", "model.continuum=independent", "model.memory.inner-momentum=0.5"));
    }

    @ParameterizedTest
    @MethodSource("planted")
    void anIllnessIsFoundAfterAFewStepsAndItsSettingNamed(Illness illness, String setting, RunConfig config)
            throws IOException {
        assertFound(illness, setting, check(config, 4));
    }

    @ParameterizedTest
    @MethodSource("planted")
    @Tag("slow")
    void anIllnessIsFoundAfterTwoHundredSteps(Illness illness, String setting, RunConfig config) throws IOException {
        assertFound(illness, setting, check(config, 200));
    }

    private static void assertFound(Illness illness, String setting, List<Finding> findings) {
        assertThat(findings).anySatisfy(finding -> {
            assertThat(finding.illness()).isEqualTo(illness);
            assertThat(finding.text()).contains(setting);
        });
    }

    @ParameterizedTest
    @MethodSource("healthy")
    void aHealthyModelRaisesNoAlarmAfterAFewSteps(RunConfig config) throws IOException {
        assertThat(check(config, 4)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("healthy")
    @Tag("slow")
    void aHealthyModelRaisesNoAlarmAfterTwoHundredSteps(RunConfig config) throws IOException {
        assertThat(check(config, 200)).isEmpty();
    }

    @Test
    void aModelWithoutMemoriesIsJudgedByItsLevelsAndGradients() throws IOException {
        RunConfig config = config("model.mixer=attention");
        try (Network network = new Network(config)) {
            Health health = healthCheck(config, network).trained(heldOut(), 256, 0);
            assertThat(health.blocks()).isEmpty();
            assertThat(health.gradients()).hasSize(2);
            assertThat(health.trained().orElseThrow().bitsPerByteWithoutWrites())
                    .isNaN();
            assertThat(Diagnosis.of(health, config)).isEmpty();
        }
    }

    @Test
    void aPredictionThatKnowsTheNextTokenIsALeak() {
        TokenBatch.Sequence row = new TokenBatch.Sequence(new long[16], new long[16], new int[0]);
        assertThat(Leak.of(batch -> new double[16], row, 23)).isZero();
        assertThat(Leak.of(HealthCheckTest::shiftedByOne, row, 23)).isEqualTo(0.5);

        Health health = new Health(row, List.of(), gradients(1, 1), List.of(), 0.5, Optional.empty());
        assertThat(Diagnosis.of(health, config()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.illness()).isEqualTo(Illness.LEAK));
    }

    /** Every token sees the one after it. */
    private static double[] shiftedByOne(TokenBatch batch) {
        long[] inputs = batch.sequences().get(0).inputs();
        double[] scores = new double[inputs.length];
        for (int t = 0; t + 1 < scores.length; t++) {
            scores[t] = -0.5 * inputs[t + 1];
        }
        return scores;
    }

    @Test
    void aGradientThatGrowsWithTheDocumentIsNamedWithItsTensor() {
        TokenBatch.Sequence row = new TokenBatch.Sequence(new long[16], new long[16], new int[0]);
        for (double norm : new double[] {10.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            Health health = new Health(row, List.of(), gradients(1, norm), List.of(), 0, Optional.empty());
            assertThat(Diagnosis.of(health, config())).singleElement().satisfies(finding -> {
                assertThat(finding.illness()).isEqualTo(Illness.GRADIENT);
                assertThat(finding.text())
                        .contains("level 2", "256 tokens", "blocks.1.mixer.memory.up", "training.learning-rate");
            });
        }
        Health health = new Health(row, List.of(), gradients(1, 9.9), List.of(), 0, Optional.empty());
        assertThat(Diagnosis.of(health, config())).isEmpty();
    }

    @Test
    void writesThatSaveNothingAreAnIllnessOnceAModelHasHadTheTimeToUseThem() {
        assertThat(Diagnosis.of(trained(1000, 2.0049, 0.5), config()))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.USELESS_WRITES);
                    assertThat(finding.text()).contains("2.0049", "2.0000", "model.memory.eta-start");
                });
        assertThat(Diagnosis.of(trained(1000, 2.0051, 0.5), config())).isEmpty();
        assertThat(Diagnosis.of(trained(999, 1.9, 0.5), config())).isEmpty();
    }

    @Test
    void aLevelThatHasMovedInVainIsDead() {
        assertThat(Diagnosis.of(trained(10, 2.1, 0.00009), config()))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.illness()).isEqualTo(Illness.DEAD_LEVEL);
                    assertThat(finding.text()).contains("level 2", "levels.1.period-steps (4)");
                });
        assertThat(Diagnosis.of(trained(10, 2.1, 0.00011), config())).isEmpty();
    }

    /** A made-up model of 2 bits a byte. */
    private static Health trained(long step, double withoutWrites, double useOfLevel) {
        TokenBatch.Sequence row = new TokenBatch.Sequence(new long[16], new long[16], new int[0]);
        return new Health(
                row,
                List.of(),
                gradients(1, 1),
                List.of(),
                0,
                Optional.of(new Health.Trained(
                        step,
                        2,
                        withoutWrites,
                        List.of(
                                new Health.LevelHealth(1, step, 0.1, 8),
                                new Health.LevelHealth(2, 4, 0.01, 2 + useOfLevel)),
                        List.of())));
    }

    private static List<Health.Gradient> gradients(double first, double second) {
        return List.of(
                new Health.Gradient(64, List.of(1.0, first), "embedding"),
                new Health.Gradient(256, List.of(1.0, second), "blocks.1.mixer.memory.up"));
    }

    @Test
    void theNetworkIsAsItWasAfterTheCheck() throws IOException {
        RunConfig config = config();
        try (Network network = trained(config, 4)) {
            long[] before = network.levels().digests();
            healthCheck(config, network).trained(heldOut(), 64, 4);
            assertThat(network.levels().digests()).isEqualTo(before);
            for (Level level : config.schedule().levels()) {
                assertThat(network.levels().gradient(level).values().get(0)).isZero();
            }
        }
    }

    private static List<Finding> check(RunConfig config, int steps) throws IOException {
        try (Network network = trained(config, steps)) {
            return Diagnosis.of(healthCheck(config, network).trained(heldOut(), 256, steps), config);
        }
    }

    private static HealthCheck healthCheck(RunConfig config, Network network) {
        return new HealthCheck(config, network, Network::new, told -> {});
    }

    private static Network trained(RunConfig config, int steps) throws IOException {
        Network network = new Network(config);
        byte[] text = text();
        Random random = new Random(1);
        for (int step = 1; step <= steps; step++) {
            TokenBatch batch = new TokenBatch(Stream.generate(() -> row(text, random.nextInt(text.length / 2), 64))
                    .limit(steps > 20 ? 8 : 2)
                    .toList());
            network.forwardBackward(batch, 1.0 / batch.targetCount());
            for (Level level : config.schedule().dueAt(step)) {
                network.levels().addInitialStateGradient(level);
                network.levels().update(level, step, config.training());
            }
        }
        return network;
    }

    /** From the half that is not trained on. */
    private static HealthCheck.HeldOutText heldOut() throws IOException {
        byte[] text = text();
        List<TokenBatch.Sequence> rows = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            rows.add(row(text, text.length / 2 + 100 + 64 * i, 64));
        }
        return new HealthCheck.HeldOutText(rows, 1);
    }

    private static TokenBatch.Sequence row(byte[] text, int from, int tokens) {
        long[] inputs = new long[tokens];
        long[] targets = new long[tokens];
        Arrays.setAll(inputs, t -> text[from + t] & 0xff);
        Arrays.setAll(targets, t -> text[from + t + 1] & 0xff);
        return new TokenBatch.Sequence(inputs, targets, new int[0]);
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
