package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.CheckpointConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.CheckpointPart;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointPublisherTest {
    @TempDir
    private Path folder;

    private CheckpointStore store;
    private CheckpointPublisher publisher;

    @BeforeEach
    void open() {
        store = new CheckpointStore(folder.toUri().toString(), new Configuration());
        publisher =
                new CheckpointPublisher(store, new CheckpointConfig(1, 0, 0), saved -> 0, () -> {}, Map.of(), Map.of());
    }

    /** The disk of rank 1 still holds on to step 10 when rank 0 has written step 20. */
    @Test
    void aSaveIsPublishedThoughOneWorkerIsACheckpointAhead() {
        assertThat(wrote(10, 0, "first")).isEmpty();
        assertThat(wrote(20, 0, "first")).isEmpty();
        assertThat(wrote(10, 1, "first")).containsExactly("checkpoint 10");
        assertThat(wrote(20, 1, "first")).containsExactly("checkpoint 20");
        assertThat(store.list()).map(Checkpoint::step).containsExactly(20L, 10L);
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(20L);
        assertThat(publisher.publishedStep()).isEqualTo(20);
        assertThat(types(publisher.attemptEnded())).isEmpty();
    }

    @Test
    void whatCanNoLongerBecomeWholeIsToldAndRemoved() {
        wrote(10, 0, "first");
        wrote(20, 0, "first");
        assertThat(wrote(20, 1, "first")).containsExactly("checkpoint-failure 10", "checkpoint 20");
        wrote(30, 1, "first");
        List<RunEvent> lost = publisher.attemptEnded();
        assertThat(types(lost)).containsExactly("checkpoint-failure 30");
        assertThat(((RunEvent.CheckpointFailed) lost.get(0)).cause()).contains("step 30 is incomplete: ranks [0]");
        assertThat(folder).isDirectoryNotContaining("glob:**/step-000000{10,30}");
        wrote(30, 0, "second");
        assertThat(wrote(30, 1, "second")).containsExactly("checkpoint 30");
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(30L);
    }

    @Test
    void aCheckpointIsPublishedThoughOldOnesCannotBeRemoved() {
        publisher = new CheckpointPublisher(
                store,
                new CheckpointConfig(1, 1, 0),
                saved -> {
                    throw new CheckpointFailedException("cannot list the folder");
                },
                () -> {},
                Map.of(),
                Map.of());
        wrote(10, 0, "first");
        assertThat(wrote(10, 1, "first")).containsExactly("checkpoint 10");
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(10L);
    }

    @Test
    void aDriverThatHasLostItsRunPublishesNothing() {
        publisher = new CheckpointPublisher(
                store,
                new CheckpointConfig(1, 1, 0),
                saved -> 0,
                () -> {
                    throw new IllegalStateException("taken over by another job");
                },
                Map.of(),
                Map.of());
        wrote(10, 0, "first");
        assertThat(wrote(10, 1, "first")).containsExactly("checkpoint-failure 10");
        assertThat(store.list()).isEmpty();
    }

    private List<String> wrote(long step, int rank, String attempt) {
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 4);
        StateSection section = new StateSection(
                "level-1.parameters", rank, 2, List.of(new NamedTensor("up", List.of(8L), 4L * rank, values)));
        return types(publisher.reported(new CheckpointPart(
                rank, 2, step, attempt, 0, store.write(step, attempt, List.of(section)), Optional.empty(), 0)));
    }

    private static List<String> types(List<RunEvent> events) {
        return events.stream()
                .map(event -> event instanceof RunEvent.CheckpointSaved saved
                        ? "checkpoint " + saved.step()
                        : "checkpoint-failure " + ((RunEvent.CheckpointFailed) event).step())
                .toList();
    }
}
