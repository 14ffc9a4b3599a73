package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.files.LineLog;
import org.hopespark.files.WholeFile;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a run's files when the power fails between any two changes of the disk, and what becomes of it. */
class BlackoutTest {
    private static final int LINES = 12;
    private static final long LAST_STEP = 6;

    @TempDir
    private Path folder;

    private Path root;
    private Configuration hadoop;

    @BeforeEach
    void disk() throws IOException {
        root = Files.createDirectory(folder.resolve("disk"));
        hadoop = Blackout.hadoop(root);
    }

    @Test
    void aFileThatIsReplacedIsOldOrNew() throws IOException {
        Files.createDirectory(root.resolve("run"));
        Files.writeString(root.resolve("run/config.yaml"), "old");
        var file = new org.apache.hadoop.fs.Path(place("run/config.yaml"));
        Blackout blackout = new Blackout(root, path -> path.endsWith("config.yaml"));
        blackout.afterEveryChange(() -> {
            try (var in = WholeFile.system(file, hadoop).open(file)) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isIn("old", "new");
            }
            WholeFile.write(WholeFile.system(file, hadoop), file, "new".getBytes(StandardCharsets.UTF_8));
        });
        assertThat(blackout.disksTried()).isGreaterThan(3);
    }

    @Test
    void linesThatWereSyncedStayAndACutOneGoes() throws IOException {
        Blackout blackout = new Blackout(root, path -> path.endsWith("metrics.jsonl"));
        blackout.afterEveryChange(this::log);
        assertThat(blackout.disksTried()).isGreaterThan(20);
    }

    /** Adds the lines that are not there; what is safe is a line in a file of its own. */
    private void log() throws IOException {
        var path = new org.apache.hadoop.fs.Path(place("run/metrics.jsonl"));
        var safe = new org.apache.hadoop.fs.Path(place("run/safe"));
        Storage storage = new Storage(hadoop);
        var files = WholeFile.system(path, hadoop);
        try (LineLog log = new LineLog(files, path, line -> line.endsWith("}"))) {
            List<String> lines = new ArrayList<>();
            LineLog.forEach(files, path, lines::add);
            if (files.exists(safe)) {
                assertThat(lines).hasSizeGreaterThanOrEqualTo((int)
                        files.getFileStatus(safe).getLen());
            }
            for (int i = lines.size(); i < LINES; i++) {
                log.add("{line " + i + "}");
                if (i % 4 == 3) {
                    log.sync();
                    storage.publish(safe.toString(), new byte[i + 1]);
                }
            }
        }
    }

    @Test
    void savesEndWithTheCheckpointsOfAnUndisturbedRun() throws IOException {
        // a third one stays when the run ends before it removes old ones
        Blackout blackout = new Blackout(root, path -> path.matches("/run/checkpoints/step-0*[46]/[^.].*"));
        blackout.afterEveryChange(this::train);
        assertThat(blackout.disksTried()).isGreaterThan(20);
    }

    private void train() {
        CheckpointStore store = new CheckpointStore(place("run/checkpoints"), hadoop);
        long done = store.newestValid().map(Checkpoint::step).orElse(0L);
        for (long step = done + 2; step <= LAST_STEP; step += 2) {
            store.save(step, List.of(section(step)), Map.of("seed", "17"));
            store.prune(2, 0, 0);
        }
    }

    private static StateSection section(long step) {
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 3);
        values.slices().get(0).putFloat(4, (float) step);
        return new StateSection("level-1.parameters", List.of(new NamedTensor("up", List.of(3L), 0, values)));
    }

    /** Half a second to take a lock, for a dozen of disks. */
    @Test
    @Tag("slow")
    void aLockIsFreeAfterwards() throws IOException {
        Blackout blackout = new Blackout(root, path -> path.endsWith("done"));
        Storage storage = new Storage(hadoop);
        blackout.afterEveryChange(() -> {
            try (FolderLock lock = FolderLock.take(place("run"), storage, "test")) {
                lock.requireHeld();
                storage.publish(place("run/done"), new byte[] {1});
            }
        });
        assertThat(blackout.disksTried()).isGreaterThan(5);
    }

    private String place(String name) {
        return Blackout.place(root.resolve(name));
    }
}
