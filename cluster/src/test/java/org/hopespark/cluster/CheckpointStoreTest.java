package org.hopespark.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
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
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointStoreTest {
    private static final Map<String, String> ABOUT = Map.of("seed", "17", "configuration", "model:\n  width: 8\n");

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
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(part(1, "level-1.parameters")))
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flipped byte",
                "truncated part",
                "missing part",
                "missing manifest",
                "cut manifest",
                "poor manifest"
            })
    void aDamagedCheckpointIsPassedOverForTheOneBefore(String damage) throws IOException {
        store.save(10, state(1), ABOUT);
        store.save(20, state(2), ABOUT);
        Path part = part(20, "level-2.parameters");
        Path manifest = folder.resolve("step-00000020/manifest.json");
        byte[] bytes = Files.readAllBytes(part);
        switch (damage) {
            case "flipped byte" -> {
                bytes[bytes.length - 5] ^= 1;
                overwrite(part, bytes);
            }
            case "truncated part" -> overwrite(part, Arrays.copyOf(bytes, bytes.length - 1));
            case "missing part" -> Files.delete(part);
            case "missing manifest" -> Files.delete(manifest);
            case "poor manifest" ->
                overwrite(manifest, "{\"format\":\"hope-checkpoint\",\"version\":1}".getBytes(UTF_8));
            default -> overwrite(manifest, Arrays.copyOf(Files.readAllBytes(manifest), 100));
        }
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(10L);
    }

    @Test
    void aRunDoesNotStartFromScratchBecauseAllItsCheckpointsAreDamaged() throws IOException {
        store.save(10, state(1), ABOUT);
        Files.delete(part(10, "level-1.parameters"));
        assertThatThrownBy(() -> store.newestValid())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no checkpoint in")
                .hasMessageContaining("level-1.parameters.safetensors cannot be read");
        overwrite(folder.resolve("step-00000010/manifest.json"), "{".getBytes(UTF_8));
        assertThatThrownBy(() -> store.newestValid())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("manifest.json cannot be read");
    }

    @Test
    void damageBetweenVerificationAndLoadingIsNoticed() throws IOException {
        Checkpoint checkpoint = store.save(10, state(1), ABOUT);
        byte[] bytes = Files.readAllBytes(part(10, "level-1.parameters"));
        bytes[bytes.length - 1] ^= 1;
        overwrite(part(10, "level-1.parameters"), bytes);
        assertThatThrownBy(() -> store.load(checkpoint, state(2)))
                .isInstanceOf(CheckpointFailedException.class)
                .hasMessageContaining("does not have the SHA-256 of its manifest");
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

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 6000, 6300})
    void aSaveThatFailsLeavesTheEarlierCheckpointAndNothingElse(int capacityBytes) throws IOException {
        store.save(10, state(1), ABOUT);
        FileSystem full = new FullDisk(FileSystem.getLocal(new Configuration()), capacityBytes, Integer.MAX_VALUE);
        CheckpointStore failing =
                new CheckpointStore(full, new org.apache.hadoop.fs.Path(folder.toUri()), Duration.ZERO);

        assertThatThrownBy(() -> failing.save(20, state(2), ABOUT))
                .isInstanceOf(CheckpointFailedException.class)
                .hasMessageContaining("checkpoint of step 20 was not saved")
                .hasMessageContaining("No space left on device")
                .hasCauseInstanceOf(IOException.class);

        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(10L);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("step-00000010"));
        }
        assertThat(store.save(20, state(2), ABOUT).step()).isEqualTo(20);
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
        Files.delete(part(50, "level-1.parameters"));
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
    void aFlippedBitIsNotCountedAmongTheCheckpointsThatStay() throws IOException {
        for (int step = 10; step <= 30; step += 10) {
            store.save(step, state(step), ABOUT);
        }
        Path part = part(30, "level-1.parameters");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length - 1] ^= 1;
        overwrite(part, bytes);
        CheckpointStore another = new CheckpointStore(folder.toUri().toString(), new Configuration());
        assertThat(another.prune(1, 0, 0)).map(Checkpoint::step).containsExactly(10L);
        assertThat(another.newestValid()).map(Checkpoint::step).hasValue(20L);
        another.save(30, state(3), ABOUT);
        assertThat(another.prune(1, 0, 0)).map(Checkpoint::step).containsExactly(20L);
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(30L);
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

    /** Its files lay there only once they were published. */
    @Test
    void aCheckpointOfVersionTwoThatHasLostItsManifestIsDamagedAndNotUnfinished() throws IOException {
        Path step = Files.createDirectory(folder.resolve("step-00000010"));
        Files.writeString(step.resolve("level-1.parameters.safetensors"), "parameters");
        assertThatThrownBy(() -> store.newestValid())
                .isInstanceOf(UserException.class)
                .hasMessageContaining("manifest.json cannot be read");
        store.save(20, state(1), ABOUT);
        store.prune(1, 0, 0);
        assertThat(step).isNotEmptyDirectory();
    }

    @Test
    void aSaveThatNeverEndedKeepsNoRunFromStarting() {
        store.write(10, "killed", state(1));
        assertThat(store.newestValid()).isEmpty();
        assertThat(store.list()).isEmpty();
        store.save(10, state(2), ABOUT);
        assertThat(store.newestValid()).isPresent();
        assertThat(folder.resolve("step-00000010/killed")).doesNotExist();
    }

    @Test
    void aFileThatFailsOnceIsWrittenAgain() throws IOException {
        FileSystem twice = new FullDisk(FileSystem.getLocal(new Configuration()), 100, 2);
        new CheckpointStore(twice, new org.apache.hadoop.fs.Path(folder.toUri()), Duration.ZERO)
                .save(10, state(1), ABOUT);
        assertThat(store.newestValid()).isPresent();
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

    private Path part(long step, String section) {
        Checkpoint checkpoint =
                store.list().stream().filter(c -> c.step() == step).findFirst().orElseThrow();
        return Path.of(java.net.URI.create(checkpoint.folder())).resolve(section + ".safetensors");
    }

    /** Also removes Hadoop's own checksum file, so that ours is the one that notices. */
    private static void overwrite(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    }

    private static List<StateSection> state(int seed) {
        FlatBuffer whole = values(ElementType.FLOAT64, 700, seed);
        FlatBuffer inTwoSlices = new FlatBuffer(
                ElementType.FLOAT64,
                List.of(
                        whole.range(0, 300).slices().get(0),
                        whole.range(300, 700).slices().get(0)));
        return List.of(
                new StateSection(
                        "level-1.parameters",
                        List.of(
                                new NamedTensor("up", List.of(2L, 3L), values(ElementType.FLOAT32, 6, seed)),
                                new NamedTensor("down", List.of(700L), inTwoSlices))),
                new StateSection(
                        "level-2.parameters",
                        List.of(new NamedTensor("scale", List.of(), values(ElementType.FLOAT32, 1, seed)))));
    }

    private static FlatBuffer values(ElementType type, int elements, int seed) {
        FlatBuffer values = FlatBuffer.allocate(type, elements);
        ByteBuffer bytes = values.slices().get(0);
        for (int i = 0; i < elements; i++) {
            if (type == ElementType.FLOAT32) {
                bytes.putFloat(i * Float.BYTES, seed + i);
            } else {
                bytes.putDouble(i * Double.BYTES, seed + i);
            }
        }
        return values;
    }

    private static List<Long> digests(List<StateSection> state) {
        return state.stream()
                .flatMap(section -> section.tensors().stream())
                .map(tensor -> tensor.data().digest())
                .toList();
    }

    /** A disk that takes so many bytes and no more. */
    private static final class FullDisk extends FilterFileSystem {
        private long room;
        private int failures;

        FullDisk(FileSystem disk, int capacityBytes, int failures) {
            super(disk);
            this.room = capacityBytes;
            this.failures = failures;
        }

        @Override
        public FSDataOutputStream create(
                org.apache.hadoop.fs.Path file,
                FsPermission permission,
                boolean overwrite,
                int bufferSize,
                short replication,
                long blockSize,
                Progressable progress)
                throws IOException {
            OutputStream out = super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress);
            return new FSDataOutputStream(
                    new OutputStream() {
                        @Override
                        public void write(int value) throws IOException {
                            write(new byte[] {(byte) value}, 0, 1);
                        }

                        @Override
                        public void write(byte[] bytes, int offset, int count) throws IOException {
                            room -= count;
                            if (room < 0 && failures-- > 0) {
                                throw new IOException("No space left on device");
                            }
                            out.write(bytes, offset, count);
                        }

                        @Override
                        public void close() throws IOException {
                            out.close();
                        }
                    },
                    null);
        }
    }
}
