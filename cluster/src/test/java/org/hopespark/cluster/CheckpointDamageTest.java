package org.hopespark.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hopespark.cluster.SavedStates.ABOUT;
import static org.hopespark.cluster.SavedStates.overwrite;
import static org.hopespark.cluster.SavedStates.part;
import static org.hopespark.cluster.SavedStates.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that a disk has damaged or not taken whole. */
final class CheckpointDamageTest {
    @TempDir
    private Path folder;

    private CheckpointStore store;

    @BeforeEach
    void openStore() {
        store = new CheckpointStore(folder.toUri().toString(), new Configuration());
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
        Path part = part(store, 20, "level-2.parameters");
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
        Files.delete(part(store, 10, "level-1.parameters"));
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
        byte[] bytes = Files.readAllBytes(part(store, 10, "level-1.parameters"));
        bytes[bytes.length - 1] ^= 1;
        overwrite(part(store, 10, "level-1.parameters"), bytes);
        assertThatThrownBy(() -> store.load(checkpoint, state(2)))
                .isInstanceOf(CheckpointFailedException.class)
                .hasMessageContaining("does not have the SHA-256 of its manifest");
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
    void aFlippedBitIsNotCountedAmongTheCheckpointsThatStay() throws IOException {
        for (int step = 10; step <= 30; step += 10) {
            store.save(step, state(step), ABOUT);
        }
        Path part = part(store, 30, "level-1.parameters");
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
    void aFileThatFailsOnceIsWrittenAgain() throws IOException {
        FileSystem twice = new FullDisk(FileSystem.getLocal(new Configuration()), 100, 2);
        new CheckpointStore(twice, new org.apache.hadoop.fs.Path(folder.toUri()), Duration.ZERO)
                .save(10, state(1), ABOUT);
        assertThat(store.newestValid()).isPresent();
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
}
