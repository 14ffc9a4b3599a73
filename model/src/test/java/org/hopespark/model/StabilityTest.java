package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hopespark.conf.RunConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Native memory: whose it is, and that nothing else touches or keeps it. */
final class StabilityTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    @Test
    void twoRunsGiveTheSameBits() {
        assertThat(digestsAfter(20)).containsExactly(digestsAfter(20));
    }

    @Test
    @Tag("slow") // 30 s
    void garbageCollectionWhileTrainingChangesNoBit() throws InterruptedException {
        long[] undisturbed = digestsAfter(60);
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicLong collections = new AtomicLong();
        Thread churn = new Thread(() -> {
            while (running.get()) {
                System.gc();
                collections.incrementAndGet();
                // memory that was freed too early is handed out again here, and written over
                for (int bytes = 4; bytes <= 1 << 14; bytes *= 2) {
                    for (int i = 0; i < 20; i++) {
                        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
                        while (buffer.hasRemaining()) {
                            buffer.put((byte) 0x7f);
                        }
                    }
                }
            }
        });
        churn.start();
        try {
            while (collections.get() == 0) {
                Thread.onSpinWait();
            }
            assertThat(digestsAfter(60)).containsExactly(undisturbed);
        } finally {
            running.set(false);
            churn.join();
        }
        assertThat(collections.get()).isGreaterThan(10);
    }

    /** In a JVM of its own, whose heap is resident from the start: all that grows is native. */
    @Test
    @Tag("slow")
    void aThousandStepsKeepNoArrayAndNoNativeMemory() throws IOException, InterruptedException {
        assumeTrue(Files.exists(STATUS), "resident memory is read from /proc, which only Linux has");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms64m",
                        "-Xmx64m",
                        "-XX:+AlwaysPreTouch",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StabilityTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        Matcher grown =
                Pattern.compile("grown by (-?\\d+) arrays and (-?\\d+) bytes").matcher(output);
        assertThat(grown.find()).as(output).isTrue();
        assertThat(Long.parseLong(grown.group(1))).isZero();
        assertThat(Long.parseLong(grown.group(2))).isLessThan(8L << 20);
    }

    /** The other JVM of the test above. */
    public static void main(String[] arguments) throws IOException {
        RunConfig config = Tiny.config("model.blocks=1", "training.steps=1000");
        try (Network network = new Network(config)) {
            Tiny.train(config, network, 300);
            int arrays = network.liveArrays();
            long bytes = residentBytes();
            Tiny.train(config, network, 1000);
            network.scores(Tiny.batch(1, 2, Tiny.TOKENS, 0));
            try (InferenceState state = network.inference().begin()) {
                network.inference().advance(state, 1, 2, 3, 4, 5);
            }
            System.out.printf(
                    "grown by %d arrays and %d bytes%n", network.liveArrays() - arrays, residentBytes() - bytes);
        }
    }

    private static long[] digestsAfter(int steps) {
        RunConfig config = Tiny.config("training.steps=100");
        try (Network network = new Network(config)) {
            Tiny.train(config, network, steps);
            return network.levels().digests();
        }
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
