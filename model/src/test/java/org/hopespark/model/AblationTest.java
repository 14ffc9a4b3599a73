package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file of {@code conf/ablation} trains on English text, with one sequence of its own context a step. */
final class AblationTest {
    private static final Path TEXT = Path.of("..", "LICENSE");
    private static final String FULL = "ablation/full";
    private static final int STEPS = 30;

    static Stream<String> ablations() {
        return Settings.SHIPPED.stream().filter(name -> name.startsWith("ablation/") && !name.equals(FULL));
    }

    @Test
    @Tag("slow") // 25 s; MemoryLifeTest looks at the full model every time
    void theFullModelLearnsInThirtySteps() throws IOException {
        learns(FULL);
    }

    @ParameterizedTest
    @MethodSource("ablations")
    @Tag("slow")
    void everyAblationLearnsInThirtySteps(String name) throws IOException {
        learns(name);
    }

    private static void learns(String name) throws IOException {
        RunConfig config = RunConfig.read(
                name,
                List.of(
                        "training.steps=" + STEPS,
                        "training.batch-sequences=1",
                        "training.micro-batch-sequences=1",
                        "training.warmup-steps=10"));

        double[] losses = train(config);

        assertThat(Arrays.stream(losses).allMatch(Double::isFinite)).isTrue();
        assertThat(losses[0]).isBetween(5.0, 6.5); // log 257 = 5.55
        assertThat(mean(losses, STEPS - 10, STEPS)).isLessThan(losses[0] - 2);
    }

    private static double[] train(RunConfig config) throws IOException {
        byte[] text = Files.readAllBytes(TEXT);
        int tokens = config.model().contextTokens();
        Random random = new Random(1);
        double[] losses = new double[STEPS];
        try (Network network = new Network(config)) {
            new TrainingLoop(
                            config,
                            network,
                            BoundarySync.alone(),
                            step -> new WorkerBatch(
                                    List.of(excerpt(text, random.nextInt(text.length - tokens), tokens))),
                            report -> losses[(int) report.step() - 1] = report.lossSum() / report.targets(),
                            (step, windows) -> {})
                    .run(1, STEPS);
        }
        return losses;
    }

    private static TokenBatch excerpt(byte[] text, int from, int tokens) {
        long[] ids = new long[tokens + 1];
        Arrays.setAll(ids, i -> text[from + i] & 0xff);
        return new TokenBatch(List.of(Tiny.sequence(ids)));
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).average().orElseThrow();
    }
}
