package org.hopespark.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hopespark.cluster.SavedStates.ABOUT;
import static org.hopespark.cluster.SavedStates.digests;
import static org.hopespark.cluster.SavedStates.overwrite;
import static org.hopespark.cluster.SavedStates.part;
import static org.hopespark.cluster.SavedStates.state;
import static org.hopespark.cluster.SavedStates.values;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.UserException;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CheckpointStoreTest {
    @TempDir
    private Path folder;

    private CheckpointStore store;

    @BeforeEach
    void openStore() {
        store = new CheckpointStore(folder.toUri().toString(), new Configuration());
    }

    @Test
    void whatIsSavedComesBackBitForBit() {
        Checkpoint saved = store.save(123, state(1), ABOUT);
        assertThat(folder.resolve("step-00000123")).isDirectory();

        Checkpoint found = store.newestValid().orElseThrow();
        assertThat(found).isEqualTo(saved);
        assertThat(found.step()).isEqualTo(123);
        assertThat(found.about()).isEqualTo(ABOUT);
        List<StateSection> loaded = state(2);
        store.load(found, loaded);
        assertThat(digests(loaded)).isEqualTo(digests(state(1)));
    }

    @Test
    void partsAreStandardSafetensors() throws IOException {
        store.save(1, state(1), ABOUT);
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(part(store, 1, "level-1.parameters")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) file.getLong();
        byte[] json = new byte[length];
        file.get(json);
        JsonNode header = new ObjectMapper().readTree(json);
        assertThat(length % 8).isZero();
        assertThat(header.path("up").toString())
                .isEqualTo("{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}");
        assertThat(header.path("down").toString())
                .isEqualTo("{\"dtype\":\"F64\",\"shape\":[700],\"data_offsets\":[24,5624]}");
        assertThat(header.path("__metadata__").path("step").asText()).isEqualTo("1");
        assertThat(file.remaining()).isEqualTo(5624);
        assertThat(file.getFloat()).isEqualTo(1f);
    }

    @Test
    void anEmptyFolderHasNoCheckpoint() {
        assertThat(store.newestValid()).isEmpty();
        assertThat(new CheckpointStore(folder.resolve("none").toString(), new Configuration()).list())
                .isEmpty();
    }

    @Test
    void theCheckpointOfAnotherModelIsRefusedAndNothingIsWritten() {
        Checkpoint checkpoint = store.save(10, state(1), ABOUT);
        List<StateSection> other = List.of(
                new StateSection(
                        "level-1.parameters",
                        List.of(
                                new NamedTensor("up", List.of(3L, 2L), values(ElementType.FLOAT32, 6, 9)),
                                new NamedTensor("gate", List.of(1L), values(ElementType.FLOAT32, 1, 9)))),
                new StateSection("level-3.parameters", List.of()));
        List<Long> before = digests(other);
        assertThatThrownBy(() -> store.load(checkpoint, other))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("step-00000010 is of another model: 5 problems")
                .hasMessageContaining("level-1.parameters.safetensors: tensor up is F32[2, 3], the model has F32[3, 2]")
                .hasMessageContaining("section level-1.parameters: tensor gate is missing, 0 of 1 elements are there")
                .hasMessageContaining("level-1.parameters.safetensors: tensor down is unknown to the model")
                .hasMessageContaining("level-2.parameters.safetensors: the model has no section level-2.parameters")
                .hasMessageContaining("the checkpoint has no section level-3.parameters");
        assertThat(digests(other)).isEqualTo(before);
    }

    /** Every worker writes its elements of each tensor; another number of workers reads them. */
    @ParameterizedTest
    @CsvSource({"1, 3", "3, 1", "3, 3", "4, 2", "2, 5"})
    void whatSomeWorkersSaveTogetherAnyNumberReads(int writers, int readers) {
        List<Checkpoint.Part> parts = new ArrayList<>();
        for (int rank = writers - 1; rank >= 0; rank--) {
            parts.addAll(store.write(7, "together", shares(state(1), rank, writers)));
            assertThat(store.list()).as("nobody sees it before it is published").isEmpty();
        }
        Checkpoint checkpoint = store.publish(7, "together", parts, ABOUT);
        assertThat(store.newestValid()).hasValue(checkpoint);
        assertThat(checkpoint.parts()).hasSize(writers * state(1).size());

        List<StateSection> whole = state(2);
        for (int rank = 0; rank < readers; rank++) {
            store.load(checkpoint, shares(whole, rank, readers));
        }
        assertThat(digests(whole)).isEqualTo(digests(state(1)));
        List<StateSection> all = state(3);
        store.load(checkpoint, all);
        assertThat(digests(all)).isEqualTo(digests(state(1)));
    }

    @Test
    void aCheckpointWithoutTheFilesOfOneWorkerIsNeverLoadedInPart() {
        List<Checkpoint.Part> parts = new ArrayList<>();
        parts.addAll(store.write(7, "alone", shares(state(1), 0, 2)));
        Checkpoint checkpoint = store.publish(7, "alone", parts, ABOUT);
        List<StateSection> loaded = state(2);
        assertThatThrownBy(() -> store.load(checkpoint, loaded))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("tensor down is missing, 350 of 700 elements are there");
        assertThat(digests(loaded)).isEqualTo(digests(state(2)));
    }

    private static List<StateSection> shares(List<StateSection> state, int rank, int ranks) {
        return state.stream()
                .map(section -> new StateSection(
                        section.name(),
                        rank,
                        ranks,
                        section.tensors().stream()
                                .map(tensor -> share(tensor, rank, ranks))
                                .toList()))
                .toList();
    }

    private static NamedTensor share(NamedTensor tensor, int rank, int ranks) {
        long elements = tensor.data().elements();
        long from = elements * rank / ranks;
        return new NamedTensor(
                tensor.name(), tensor.shape(), from, tensor.data().range(from, elements * (rank + 1) / ranks));
    }

    @Test
    void savingAStepAgainReplacesIt() {
        store.save(10, state(1), ABOUT);
        store.save(10, state(2), ABOUT);
        List<StateSection> loaded = state(3);
        store.load(store.newestValid().orElseThrow(), loaded);
        assertThat(digests(loaded)).isEqualTo(digests(state(2)));
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void pruningKeepsTheNewestThatAreWhole() throws IOException {
        for (int step = 10; step <= 50; step += 10) {
            store.save(step, state(step), ABOUT);
        }
        Files.delete(part(store, 50, "level-1.parameters"));
        store.write(35, "left-by-a-crash", state(1));
        store.write(60, "being-written", state(1));
        store.write(50, "instead-of-the-damaged-one", state(1));
        store.prune(0, 0, 0);
        assertThat(store.list()).hasSize(5);
        store.prune(2, 0, 0);
        assertThat(store.list()).map(Checkpoint::step).containsExactly(50L, 40L, 30L);
        assertThat(folder.resolve("step-00000035")).doesNotExist();
        assertThat(folder.resolve("step-00000050/instead-of-the-damaged-one")).isNotEmptyDirectory();
        assertThat(folder.resolve("step-00000060/being-written")).isNotEmptyDirectory();
    }

    @Test
    void whatIsAttachedToACheckpointIsCheckedWithIt() throws IOException {
        store.save(10, state(1), ABOUT);
        List<Checkpoint.Part> parts = store.write(20, "attempt", state(2));
        Checkpoint checkpoint =
                store.publish(20, "attempt", parts, Map.of("tokenizer.json", "{}".getBytes(UTF_8)), ABOUT);
        assertThat(store.newestValid()).hasValue(checkpoint);
        Path attached = folder.resolve("step-00000020/attempt/tokenizer.json");
        assertThat(attached).hasContent("{}");
        overwrite(attached, "[]".getBytes(UTF_8));
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(10L);
    }

    /** Whatever fails after a checkpoint was published, it stays. */
    @Test
    void whatIsPublishedIsNotDiscarded() {
        Checkpoint checkpoint = store.save(10, state(1), ABOUT);
        store.write(10, "another", state(2));
        store.discard(10, checkpoint.attempt());
        store.discard(10, "another");
        assertThat(folder.resolve("step-00000010/another")).doesNotExist();
        assertThat(store.newestValid()).hasValue(checkpoint);
    }

    /** As version 2 wrote it: files beside the manifest, which names no attempt. */
    @Test
    void aCheckpointOfAnOlderVersionIsRead() throws IOException {
        Checkpoint saved = store.save(10, state(1), ABOUT);
        Path step = folder.resolve("step-00000010");
        try (Stream<Path> parts = Files.list(step.resolve(saved.attempt()))) {
            for (Path part : parts.toList()) {
                Files.move(part, step.resolve(part.getFileName()));
            }
        }
        Path manifest = step.resolve("manifest.json");
        overwrite(
                manifest,
                Files.readString(manifest)
                        .replaceFirst("\"attempt\".*\\R", "")
                        .replace("\"version\" : 3", "\"version\" : 2")
                        .getBytes(UTF_8));
        Checkpoint found = store.newestValid().orElseThrow();
        assertThat(found.attempt()).isEmpty();
        List<StateSection> loaded = state(2);
        store.load(found, loaded);
        assertThat(digests(loaded)).isEqualTo(digests(state(1)));
        assertThat(store.prune(1, 0, 0)).isEmpty();
        store.load(found, loaded);
    }

    @Test
    void pruningKeepsTheBestBesides() {
        for (int step = 10; step <= 50; step += 10) {
            store.save(step, state(step), ABOUT);
        }
        store.prune(2, 0, 20);
        assertThat(store.list()).map(Checkpoint::step).containsExactly(50L, 40L, 20L);
        store.prune(1, 0, 50);
        assertThat(store.list())
                .as("the best is the newest")
                .map(Checkpoint::step)
                .containsExactly(50L);
    }

    @Test
    @Tag("slow")
    void aTensorMayBeLongerThanTwoGibibytes() {
        FlatBuffer block = values(ElementType.FLOAT32, 1 << 24, 5);
        FlatBuffer whole = new FlatBuffer(
                ElementType.FLOAT32, Collections.nCopies(33, block.slices().get(0)));
        List<StateSection> state = List.of(new StateSection(
                "large",
                List.of(
                        new NamedTensor("table", List.of(33L, 1L << 24), whole),
                        new NamedTensor("end", List.of(2L), values(ElementType.FLOAT32, 2, 7)))));
        store.save(1, state, ABOUT);
        List<Long> saved = digests(state);
        block.clear();
        Checkpoint found = store.newestValid().orElseThrow();
        store.load(found, state);
        assertThat(digests(state)).isEqualTo(saved);
        assertThat(found.parts().get(0).bytes()).isGreaterThan(33L << 26);
    }
}
