package org.hopespark.jobs.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong clock = new AtomicLong();

    @Test
    void aLogFileGetsALineEveryFiveSecondsAndTheLastStep() {
        try (Progress progress = new Progress(out, 10, Progress.Style.LINES, clock::get)) {
            for (int step = 1; step <= 10; step++) {
                clock.addAndGet(2_000_000_000L);
                progress.update(step, 5.5, 4444, 2);
            }
        }
        assertThat(written().lines())
                .containsExactly(
                        "[##......................]  10%  step 1/10  loss 5.5000  4,444 tokens/s  ETA 18 s",
                        "[#########...............]  40%  step 4/10  loss 5.5000  4,444 tokens/s  ETA 12 s",
                        "[################........]  70%  step 7/10  loss 5.5000  4,444 tokens/s  ETA 6 s",
                        "[########################] 100%  step 10/10  loss 5.5000  4,444 tokens/s  done");
    }

    @Test
    void aTerminalLineIsWrittenOverInPlace() {
        try (Progress progress = new Progress(out, 4, Progress.Style.IN_PLACE, clock::get)) {
            for (int step = 1; step <= 3; step++) {
                clock.addAndGet(1_000_000_000L);
                progress.update(step, 5, 1, 1);
            }
        }
        assertThat(written().lines().toList())
                .as("carriage returns part lines too")
                .hasSize(4);
        assertThat(written().chars().filter(c -> c == '\n').count()).isEqualTo(1);
        assertThat(written()).startsWith("\r[######").contains("\u001b[K\r[############");
    }

    @Test
    void theTimeLeftIsJudgedByTheLastStepsAndNotByTheSlowFirstOne() {
        try (Progress progress = new Progress(out, 1000, Progress.Style.LINES, clock::get)) {
            for (int step = 901; step <= 903; step++) {
                clock.addAndGet(60_000_000_000L); // an evaluation lies between them
                progress.update(step, 5, 1, step == 901 ? 30 : 10);
            }
        }
        assertThat(written()).contains("step 901/1000", "ETA 49 min 30 s").contains("step 903/1000", "ETA 16 min 10 s");
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
