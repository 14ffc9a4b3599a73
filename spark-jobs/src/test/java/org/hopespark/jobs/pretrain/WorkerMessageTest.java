package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.jobs.pretrain.WorkerMessage.CheckpointPart;
import org.hopespark.jobs.pretrain.WorkerMessage.HeldOutPart;
import org.hopespark.jobs.pretrain.WorkerMessage.Joined;
import org.hopespark.jobs.pretrain.WorkerMessage.LevelPart;
import org.hopespark.jobs.pretrain.WorkerMessage.StepPart;
import org.hopespark.jobs.pretrain.WorkerMessage.TaskPart;
import org.hopespark.jobs.pretrain.WorkerMessage.Waiting;
import org.hopespark.jobs.pretrain.WorkerMessage.Warned;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.eval.Likelihood;
import org.junit.jupiter.api.Test;

final class WorkerMessageTest {
    private static final RunEvent.Statistics STATISTICS = new RunEvent.Statistics(
            List.of(new RunEvent.Block(1, 0.1, 0.2, 0, 0.3, 1.5, Double.NaN)),
            List.of(0.1 + 0.2),
            List.of(new RunEvent.Finding("state", "block 1")));

    @Test
    void everyMessageArrivesAsItWasSent() {
        List<WorkerMessage> messages = List.of(
                new Joined(new RunEvent.WorkerJoined(1, 0, "node-7", 4711, "0")),
                new Warned(new RunEvent.Warning(3, "a \"text\"\n")),
                new Waiting(3, 2.5),
                new StepPart(
                        1,
                        2,
                        3,
                        Double.NaN,
                        4,
                        1e-7,
                        0.1,
                        0.2,
                        0.3,
                        0.4,
                        1.1,
                        List.of(new LevelPart(1, 1L << 40, 5, 1.0 / 3, Double.POSITIVE_INFINITY)),
                        Optional.of(STATISTICS)),
                new StepPart(0, 2, 3, 1, 4, 1, 1, 1, 1, 1, 1, List.of(), Optional.empty()),
                new HeldOutPart(0, 2, 10, 1e300, 7, 0.1),
                new TaskPart(0, 2, 10, "piqa", List.of(new Likelihood(Double.NEGATIVE_INFINITY, 3, false)), 0.1),
                new CheckpointPart(
                        0, 1, 10, "t", 0.5, List.of(new Checkpoint.Part("s", 0, 1, 8, "ab")), Optional.empty(), 1),
                new CheckpointPart(0, 1, 10, "t", 0.5, List.of(), Optional.of("No space left"), 1));
        assertThat(messages)
                .allSatisfy(message ->
                        assertThat(WorkerMessage.read(message.write())).isEqualTo(message));
        assertThat(messages.stream().<Class<?>>map(WorkerMessage::getClass).distinct())
                .hasSize(7);
    }
}
