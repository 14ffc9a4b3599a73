package org.hopespark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointsCommandTest {
    private static final RunConfig CONFIG = RunConfig.read("quickstart", List.of());

    @TempDir
    private Path run;

    private CheckpointStore store;

    /** A run of four checkpoints whose lowest held-out loss is that of step 16. */
    @BeforeEach
    void save() throws IOException {
        store = new CheckpointStore(run.resolve("checkpoints").toString(), new Configuration());
        StringBuilder metrics = new StringBuilder();
        for (long step = 8; step <= 32; step += 8) {
            FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 4);
            store.save(
                    step,
                    List.of(new StateSection(
                            "level-1.parameters", List.of(new NamedTensor("up", List.of(4L), values)))),
                    Map.of("config", CONFIG.print()));
            metrics.append(String.format(
                    "{\"type\":\"validation\",\"step\":%d,\"loss\":%s,\"bits-per-byte\":2,\"rows\":%d}%n",
                    step, step == 16 ? "1.5" : "2.5", CONFIG.evaluation().rows()));
        }
        Files.writeString(run.resolve("metrics.jsonl"), metrics);
    }

    @Test
    void theNewestAndTheBestStay() {
        assertThat(prune(new StringWriter())).isZero();
        assertThat(store.list()).map(Checkpoint::step).containsExactly(32L, 16L);
    }

    @Test
    void aDamagedOneDoesNotCountAndTheNewestWholeOneStays() throws IOException {
        Checkpoint newest = store.list().get(0);
        Path part = Path.of(java.net.URI.create(newest.folder())).resolve("level-1.parameters.safetensors");
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length - 1] ^= 1;
        Files.write(part, bytes);
        assertThat(prune(new StringWriter())).isZero();
        assertThat(store.list()).map(Checkpoint::step).containsExactly(32L, 24L, 16L);
        CheckpointStore another = new CheckpointStore(run.resolve("checkpoints").toString(), new Configuration());
        assertThat(another.newestValid()).map(Checkpoint::step).hasValue(24L);
    }

    @Test
    void nothingIsRemovedWhileTheRunTrains() {
        StringWriter err = new StringWriter();
        try (FolderLock training = FolderLock.take(run.toString(), new Storage(new Configuration()), "pretrain")) {
            assertThat(prune(err)).isEqualTo(2);
            training.requireHeld();
        }
        assertThat(err.toString()).contains("is being written by another job: pretrain on ");
        assertThat(store.list()).hasSize(4);
    }

    @Test
    void anErrorNamesTheWholeCommand() {
        StringWriter err = new StringWriter();
        int status = Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute("run", "checkpoints", "verify", "--run=" + run.resolve("nowhere"));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).startsWith("hope run checkpoints verify: there is no checkpoint in ");
    }

    private int prune(StringWriter err) {
        return Main.commandLine()
                .setErr(new PrintWriter(err))
                .execute("run", "checkpoints", "prune", "--run=" + run, "--keep=1");
    }
}
