package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.LevelPart;
import org.hopespark.jobs.pretrain.WorkerMessage.StepPart;
import org.hopespark.jobs.progress.Progress;
import org.hopespark.jobs.run.RunEvent;
import org.junit.jupiter.api.Test;

final class StepMergerTest {
    private final List<RunEvent> events = new ArrayList<>();
    private final StepMerger merger = new StepMerger(
            Duration.ofSeconds(60),
            events::add,
            new Progress(new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8), 9),
            part -> List.of(),
            new HeldOutMerger(RunConfig.read("quickstart", List.of()).evaluation(), 1),
            new TaskMerger(RunConfig.read("quickstart", List.of()).evaluation(), List.of()));

    StepMergerTest() {
        merger.begin(1, 2);
    }

    @Test
    void aStepIsToldOnceAllRanksAreThereAndSaysWhoWasSlowest() {
        merger.reported(1, part(1, 2, 0.5, 2.0, 4, 1).write());
        assertThat(events).isEmpty();
        merger.reported(0, part(0, 2, 0.25, 1.0, 8, 1).write());
        assertThat(events).hasSize(1);
        RunEvent.StepDone step = (RunEvent.StepDone) events.get(0);
        assertThat(step.loss()).isEqualTo(2);
        assertThat(step.dataSeconds()).containsExactly(0.25, 0.5);
        assertThat(step.computeSeconds()).containsExactly(1.0, 2.0);
        assertThat(step.communicationSeconds()).containsExactly(0.008, 0.004);
        assertThat(step.slowestRank()).hasValue(1);
        // 2 workers send 4 MB each in 8 ms
        assertThat(step.levels().get(0).gigabytesPerSecond()).isEqualTo(0.5);
    }

    @Test
    void aStragglerIsAnEventOfItsAttempt() {
        merger.begin(3, 2);
        merger.reported(1, new WorkerMessage.Joined(new RunEvent.WorkerJoined(3, 1, "node-7", 4711, "")).write());
        merger.reported(0, new WorkerMessage.Waiting(5, 12).write());
        assertThat(events).hasSize(2);
        RunEvent.Straggler straggler = (RunEvent.Straggler) events.get(1);
        assertThat(straggler.attempt()).isEqualTo(3);
        assertThat(straggler.cause()).startsWith("rank 1 (node-7) has not arrived at step 5;");
    }

    @Test
    void whatAnAttemptHasLeftHalfReportedCountsNoMore() {
        merger.reported(1, part(1, 2, 9, 9, 9, 9).write());
        merger.begin(2, 2);
        merger.reported(0, part(0, 2, 1, 1, 1, 1).write());
        assertThat(events).isEmpty();
        merger.reported(1, part(1, 2, 2, 1, 1, 1).write());
        assertThat(((RunEvent.StepDone) events.get(0)).dataSeconds()).containsExactly(1.0, 2.0);
    }

    @Test
    void aGradientThatJumpsIsWarnedOfOnceUntilItIsBack() {
        merger.begin(1, 1);
        for (double norm : new double[] {50, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 11, 12, 1, 13}) {
            merger.reported(0, part(0, 1, 1, 1, 1, norm).write());
        }
        assertThat(warnings())
                .hasSize(2)
                .anySatisfy(cause -> assertThat(cause).contains("level 1 has norm 11.0", "1.00: lower training."))
                .anySatisfy(cause -> assertThat(cause).contains("level 1 has norm 13.0"));
    }

    @Test
    void anIllnessIsWarnedOfOnceUntilItHasPassed() {
        merger.begin(1, 1);
        for (List<RunEvent.Finding> findings : List.of(
                List.of(new RunEvent.Finding("state", "block 2"), new RunEvent.Finding("state", "block 3")),
                List.of(new RunEvent.Finding("state", "block 3")),
                List.of(new RunEvent.Finding("dead-memory", "block 1")),
                List.of(new RunEvent.Finding("state", "block 0")))) {
            merger.reported(0, part(0, 1, 1, 1, 1, 1, Optional.of(findings)).write());
        }
        merger.reported(0, part(0, 1, 1, 1, 1, 1).write());
        assertThat(warnings())
                .containsExactly(
                        "step 3, state: block 2; and in 1 more blocks",
                        "step 3, dead-memory: block 1",
                        "step 3, state: block 0");
    }

    private List<String> warnings() {
        return events.stream()
                .filter(RunEvent.Warning.class::isInstance)
                .map(event -> ((RunEvent.Warning) event).cause())
                .toList();
    }

    private static StepPart part(
            int rank, int ranks, double data, double compute, double milliseconds, double gradientNorm) {
        return part(rank, ranks, data, compute, milliseconds, gradientNorm, Optional.empty());
    }

    private static StepPart part(
            int rank,
            int ranks,
            double data,
            double compute,
            double milliseconds,
            double gradientNorm,
            Optional<List<RunEvent.Finding>> findings) {
        return new StepPart(
                rank,
                ranks,
                3,
                8,
                4,
                0.1,
                data,
                compute / 4,
                compute * 3 / 4,
                0,
                3,
                List.of(new LevelPart(1, 4_000_000, 4_000_000, milliseconds, gradientNorm)),
                findings.map(found -> new RunEvent.Statistics(List.of(), List.of(), found)));
    }
}
