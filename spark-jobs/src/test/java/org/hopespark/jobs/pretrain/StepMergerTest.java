package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.progress.Progress;
import org.junit.jupiter.api.Test;

final class StepMergerTest {
    private final List<ObjectNode> lines = new ArrayList<>();
    private final StepMerger merger = new StepMerger(
            Duration.ofSeconds(60),
            lines::add,
            new Progress(new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8), 9),
            part -> List.of(),
            new HeldOutMerger(RunConfig.read("quickstart", List.of()).evaluation(), 1),
            new TaskMerger(RunConfig.read("quickstart", List.of()).evaluation(), List.of()));

    StepMergerTest() {
        merger.begin(1, 2);
    }

    @Test
    void aStepIsToldOnceAllRanksAreThereAndSaysWhoWasSlowest() {
        merger.reported(1, part(0.5, 2.0, 4));
        assertThat(lines).isEmpty();
        merger.reported(0, part(0.25, 1.0, 8));
        assertThat(lines).hasSize(1);
        ObjectNode line = lines.get(0);
        assertThat(line.path("data-seconds")).hasToString("[0.25,0.5]");
        assertThat(line.path("compute-seconds")).hasToString("[1.0,2.0]");
        assertThat(line.path("communication-seconds")).hasToString("[0.008,0.004]");
        assertThat(line.has("forward-seconds")).as("no worker tells it").isFalse();
        assertThat(line.path("slowest-rank").asInt()).isEqualTo(1);
        // 2 workers send 4 MB each in 8 ms
        assertThat(line.path("levels").path(0).path("gigabytes-per-second").asDouble())
                .isEqualTo(0.5);
    }

    @Test
    void aStragglerIsALineOfItsAttempt() {
        merger.begin(3, 2);
        merger.reported(1, "{\"type\":\"worker\",\"attempt\":3,\"rank\":1,\"host\":\"node-7\",\"gpu\":\"\"}");
        merger.reported(0, "{\"type\":\"waiting\",\"step\":5,\"seconds\":12}");
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1).path("type").asText()).isEqualTo("straggler");
        assertThat(lines.get(1).path("attempt").asLong()).isEqualTo(3);
        assertThat(lines.get(1).path("cause").asText()).startsWith("rank 1 (node-7) has not arrived at step 5;");
    }

    @Test
    void aGradientThatJumpsIsWarnedOfOnceUntilItIsBack() {
        merger.begin(1, 1);
        for (double norm : new double[] {50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 11, 12, 1, 13}) {
            merger.reported(0, part(1, 1, 1).replace("\"gradient-norm\":1", "\"gradient-norm\":" + norm));
        }
        assertThat(lines.stream()
                        .filter(line -> line.path("type").asText().equals("warning"))
                        .map(line -> line.path("cause").asText()))
                .hasSize(2)
                .anySatisfy(cause -> assertThat(cause).contains("level 1 has norm 11.0", "1.00: lower training."))
                .anySatisfy(cause -> assertThat(cause).contains("level 1 has norm 13.0"));
    }

    @Test
    void anIllnessIsWarnedOfOnceUntilItHasPassed() {
        merger.begin(1, 1);
        for (String findings : List.of(
                "{\"illness\":\"state\",\"text\":\"block 2\"},{\"illness\":\"state\",\"text\":\"block 3\"}",
                "{\"illness\":\"state\",\"text\":\"block 3\"}",
                "{\"illness\":\"dead-memory\",\"text\":\"block 1\"}",
                "{\"illness\":\"state\",\"text\":\"block 0\"}")) {
            merger.reported(
                    0,
                    part(1, 1, 1)
                            .replace("\"seconds\"", "\"statistics\":{\"findings\":[" + findings + "]},\"seconds\""));
        }
        merger.reported(0, part(1, 1, 1));
        assertThat(lines.stream()
                        .filter(line -> line.path("type").asText().equals("warning"))
                        .map(line -> line.path("cause").asText()))
                .containsExactly(
                        "step 3, state: block 2; and in 1 more blocks",
                        "step 3, dead-memory: block 1",
                        "step 3, state: block 0");
    }

    private static String part(double data, double compute, double milliseconds) {
        return String.format("""
                {"type":"step","step":3,"loss-sum":8,"targets":4,"learning-rate":0.1,"data-seconds":%f,
                 "compute-seconds":%f,"seconds":3,"levels":[{"level":1,"bytes-sent":4000000,"bytes-received":4000000,
                 "milliseconds":%f,"gradient-norm":1}]}""", data, compute, milliseconds);
    }
}
