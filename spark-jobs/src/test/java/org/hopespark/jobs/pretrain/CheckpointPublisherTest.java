package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.CheckpointConfig;
import org.hopespark.jobs.run.RunJson;
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
        List<ObjectNode> lost = publisher.attemptEnded();
        assertThat(types(lost)).containsExactly("checkpoint-failure 30");
        assertThat(lost.get(0).path("cause").asText()).contains("step 30 is incomplete: ranks [0]");
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
        ObjectNode part = RunJson.MAPPER
                .createObjectNode()
                .put("type", CheckpointPublisher.PART)
                .put("step", step)
                .put("attempt-token", attempt)
                .put("rank", rank)
                .put("ranks", 2);
        part.set("parts", RunJson.MAPPER.valueToTree(store.write(step, attempt, List.of(section))));
        return types(publisher.reported(part));
    }

    private static List<String> types(List<ObjectNode> lines) {
        List<String> types = new ArrayList<>();
        lines.forEach(line ->
                types.add(line.path("type").asText() + " " + line.path("step").asLong()));
        return types;
    }
}
