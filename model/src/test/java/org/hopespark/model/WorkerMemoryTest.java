package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorkerMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int FLOAT32 = 4;
    private static final int BFLOAT16 = 2;

    /** One block and token: twice the MLP of 12 numbers a level, of width 16. */
    private static final long MLPS = 2 * FLOAT32 * (3 * 16 + 4 * 12);

    private static final long TITANS =
            FLOAT32 * (29 * 16 + 23 * 16 + 41 * 16 + 2 * 17 * 4); // 2 heads of 5 memories, chunks of 4

    @Test
    void fourNumbersAParameterAreHeldWhateverTheBatch() {
        RunConfig config = Tiny.config();
        long size = Architecture.of(config).size();

        WorkerMemory memory = WorkerMemory.of(config, 3);

        assertThat(memory.parameters()).isEqualTo(4 * size);
        assertThat(memory.gradients()).isEqualTo(4 * size);
        assertThat(memory.moments()).isEqualTo(8 * size);
        String levels = "levels=[{period-steps: 1, continuum-hidden: 12, optimizer: {name: %s}},"
                + " {period-steps: 2, continuum-hidden: 12}]";
        long second = Architecture.of(Tiny.config()).size(2);
        assertThat(WorkerMemory.of(Tiny.config(levels.formatted("sgd")), 1).moments())
                .isEqualTo(4 * (size - second) + 8 * second);
        // of each block's mixer the three matrices, of its MLP three
        long matrices = 2 * (5 * 16 * 16 + 3 * 12 * 16);
        assertThat(WorkerMemory.of(Tiny.config(levels.formatted("muon")), 1).moments())
                .isEqualTo(8 * size - 4 * matrices);
        // two squares of each side: [16, 48], two [16, 16] and, either way, three [16, 12]
        long squares = 2 * 2 * ((16 * 16 + 48 * 48) + 2 * (16 * 16 + 16 * 16) + 3 * (16 * 16 + 12 * 12));
        assertThat(WorkerMemory.of(Tiny.config(levels.formatted("soap")), 1).moments())
                .isEqualTo(8 * size + 4 * squares);
        assertThat(WorkerMemory.of(Tiny.config(levels.formatted("m3")), 1).moments())
                .isEqualTo(8 * size + 8 * matrices);
        // two squares of each shorter side
        assertThat(WorkerMemory.of(Tiny.config(levels.formatted("deep-momentum")), 1)
                        .moments())
                .isEqualTo(8 * (size - matrices) + 4 * 2 * 2 * (3 * 16 * 16 + 3 * 12 * 12));
        assertThat(memory.total()).isEqualTo(16 * size + memory.activations() + memory.innerState() + memory.head());
    }

    @Test
    void activationsGrowWithTokensAndWithTheBlocksThatAreKept() {
        long attention = FLOAT32 * (9 * 16 + 2);
        long tokens = 3 * 16;

        assertThat(WorkerMemory.of(Tiny.config("model.mixer=attention"), 3).activations())
                .isEqualTo(tokens * 2 * (attention + MLPS));
        assertThat(WorkerMemory.of(Tiny.config("model.mixer=attention", "training.recompute-every-chunks=2"), 3)
                        .activations())
                .isEqualTo(tokens * (attention + MLPS + 2 * FLOAT32 * 16));
        assertThat(WorkerMemory.of(Tiny.config(), 3).activations()).isEqualTo(tokens * 2 * (TITANS + MLPS));
        // a window has a state of constant size, but no chunks to stop at
        long window = attention + 2 * FLOAT32 * 16 + 2 * 8;
        assertThat(WorkerMemory.of(
                                Tiny.config(
                                        "model.pattern=[{\"attention\":{\"window\":8}}]",
                                        "training.recompute-every-chunks=2"),
                                3)
                        .activations())
                .isEqualTo(tokens * (window + MLPS + 2 * FLOAT32 * 16));
    }

    @Test
    void innerStateIsKeptAtEveryChunk() {
        long memories = 2 * 5 * 2 * 8 * 8; // of 2 heads, five output sides, moved and as they are
        long chunks = 16 / 4;

        assertThat(WorkerMemory.of(Tiny.config(), 3).innerState()).isEqualTo(2 * 3 * chunks * memories * FLOAT32);
        // two blocks enter two spans of two chunks each, and one span of one block is there as a whole
        assertThat(WorkerMemory.of(Tiny.config("training.recompute-every-chunks=2"), 3)
                        .innerState())
                .isEqualTo(3 * (2 * 2 / 2 + 2) * memories * FLOAT32);
        assertThat(WorkerMemory.of(Tiny.config("training.recompute-every-chunks=2"), 3)
                        .activations())
                .isEqualTo(3 * (8 * (TITANS + MLPS) + 2 * 16 * 16 * FLOAT32));
        assertThat(WorkerMemory.of(Tiny.config("model.memory.inner-momentum=0.5"), 3)
                        .innerState())
                .isEqualTo(3 * 3 * chunks * memories * FLOAT32);
        assertThat(WorkerMemory.of(Tiny.config("model.mixer=attention"), 3).innerState())
                .isZero();
        // an inner model and the sums of its gradients at each of 4 chunks, of 2 heads
        long inner = 2 * (2 * 8 * 32 + 32 + 8);
        String mlp = "model.pattern=[{\"ttt-mlp\":{\"chunk-tokens\":4}}]";
        assertThat(WorkerMemory.of(Tiny.config(mlp), 3).innerState()).isEqualTo(2 * 3 * chunks * 2 * inner * FLOAT32);
        assertThat(WorkerMemory.of(Tiny.config(mlp, "training.recompute-every-chunks=2"), 3)
                        .innerState())
                .isEqualTo(3 * (2 * 2 + 2) * 2 * inner * FLOAT32);
    }

    @Test
    void bfloat16HalvesTheInputsOfProductsAndKeepsCopiesOfTheMatrices() {
        long mlps = 2 * (FLOAT32 * (2 * 16 + 3 * 12) + BFLOAT16 * (16 + 12));
        long attention = FLOAT32 * (2 * 16 + 2) + BFLOAT16 * 6 * 16;
        long matrices = 4 * 16 * 16 + 2 * 3 * 16 * 12;

        assertThat(WorkerMemory.of(Tiny.config("model.mixer=attention", "model.precision=bfloat16"), 1)
                        .activations())
                .isEqualTo(2 * (16 * (attention + mlps) + BFLOAT16 * matrices));
    }

    @Test
    void logitsExistForSomeRowsAtATime() {
        WorkerMemory few = WorkerMemory.of(Tiny.config(), 1);
        WorkerMemory many = WorkerMemory.of(Tiny.config("model.vocabulary-size=50257"), 100);

        assertThat(few.head()).isEqualTo(3 * 16 * 23 * FLOAT32 + 5 * 16 * 16 * FLOAT32);
        assertThat(many.head()).isBetween(40L << 20, 50L << 20);
    }

    /**
     * Resident memory at its peak, of two processes that differ in the number of blocks. The C library gives every
     * tensor pages of its own there, so that there is no fragmentation.
     */
    @Test
    @Tag("slow")
    void aProcessGrowsByWhatTheFormulaSaysForABlockOfAttention() throws IOException, InterruptedException {
        growsByFormula("model.mixer=attention");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.mixer=titans",
                "model.pattern=[{\"attention\":{\"key-value-heads\":2}}]",
                "model.activation=silu-gated",
                "training.recompute-every-chunks=2",
                "model.mixer=retnet",
                "model.mixer=deltanet",
                "model.mixer=gated-deltanet",
                "model.mixer=mamba2",
                "model.mixer=kda",
                "model.mixer=gated-deltanet2",
                "model.mixer=titans-lmm",
                "model.pattern=[{\"titans-lmm\":{\"arrangement\":\"mag\",\"window\":128}}]",
                "model.pattern=[{\"titans-lmm\":{\"arrangement\":\"mac\"}}]",
                "model.pattern=[{\"ttt-linear\":{\"chunk-tokens\":64}}]",
                "model.pattern=[{\"ttt-mlp\":{\"chunk-tokens\":64}}]",
                "model.mixer=mamba model.context-tokens=128"
            })
    @Tag("slow")
    void aProcessGrowsByWhatTheFormulaSaysForABlock(String overrides) throws IOException, InterruptedException {
        growsByFormula(overrides);
    }

    private static void growsByFormula(String overrides) throws IOException, InterruptedException {
        assumeTrue(Files.exists(STATUS), "resident memory is read from /proc, which only Linux has");

        String[] large = ("model.blocks=9 " + overrides).split(" ");
        String[] small = ("model.blocks=1 " + overrides).split(" ");
        long measured = peakBytes(large) - peakBytes(small);

        long formula = WorkerMemory.of(nano(large), 1).total()
                - WorkerMemory.of(nano(small), 1).total();
        assertThat((double) measured).isCloseTo((double) formula, withinPercentage(8));
    }

    private static RunConfig nano(String... overrides) {
        return RunConfig.read("quickstart", List.of(overrides));
    }

    private static long peakBytes(String... overrides) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx64m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMemoryTest.class.getName()));
        command.addAll(List.of(overrides));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "16384");
        builder.environment().put("MALLOC_MMAP_MAX_", "1000000");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        Matcher peak = Pattern.compile("VmHWM:\\s*(\\d+) kB").matcher(output);
        assertThat(peak.find()).as(output).isTrue();
        return 1024 * Long.parseLong(peak.group(1));
    }

    /** The other JVM of the test above: two steps of hope-nano on one sequence. */
    public static void main(String[] overrides) throws IOException {
        RunConfig config = nano(overrides);
        Network.useThreads(1);
        long[] ids = new Random(1)
                .longs(config.model().contextTokens() + 1L, 0, config.model().vocabularySize())
                .toArray();
        TokenBatch batch = new TokenBatch(List.of(Tiny.sequence(ids)));
        try (Network network = new Network(config)) {
            for (int step = 1; step <= 2; step++) {
                network.forwardBackward(batch, 1.0 / batch.targetCount());
                config.schedule().levels().forEach(level -> network.levels().update(level, 1, config.training()));
            }
        }
        System.out.println(Arrays.toString(Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .toArray()));
    }
}
