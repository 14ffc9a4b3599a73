package org.hopespark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Slices;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on a real HDFS: a name node and a data node in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HdfsCheckpointTest {
    private static final int ELEMENTS = 700_001;
    private static final Map<String, String> ABOUT = Map.of("seed", "17");

    private MiniDFSCluster hdfs;
    private FileSystem files;

    @BeforeAll
    void start(@TempDir java.nio.file.Path folder) throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
        // several blocks a file
        configuration.setLong("dfs.blocksize", 1 << 20);
        configuration.setLong("dfs.namenode.fs-limits.min-block-size", 1 << 20);
        hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs.waitActive();
        files = hdfs.getFileSystem();
    }

    @AfterAll
    void stop() {
        hdfs.shutdown();
    }

    @Test
    void whatTwoWorkersSaveThreeRead() {
        CheckpointStore store = store("shared");
        List<Checkpoint.Part> parts = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
            parts.addAll(store.write(5, "attempt", List.of(section(1, rank, 2))));
        }
        assertThat(store.list()).isEmpty();
        store.publish(5, "attempt", parts, ABOUT);

        Checkpoint found = store.newestValid().orElseThrow();
        assertThat(found.location()).startsWith("hdfs://").endsWith("step-00000005");
        FlatBuffer loaded = FlatBuffer.allocate(ElementType.FLOAT32, ELEMENTS);
        for (int rank = 0; rank < 3; rank++) {
            store.load(found, List.of(share(loaded, rank, 3)));
        }
        assertThat(loaded.digest()).isEqualTo(values(1).digest());
    }

    @Test
    void aCutFileAndAnUnfinishedSaveAreSeenAndTheCheckpointBeforeIsUsed() throws IOException {
        CheckpointStore store = store("cut");
        store.save(10, List.of(section(1, 0, 1)), ABOUT);
        Checkpoint newest = store.save(20, List.of(section(2, 0, 1)), ABOUT);
        Path file = new Path(newest.folder(), newest.parts().get(0).file());
        byte[] start = new byte[1_500_000];
        try (var in = files.open(file)) {
            in.readFully(0, start);
        }
        try (FSDataOutputStream out = files.create(file, true)) {
            out.write(start);
        }
        store.write(30, "dead", List.of(section(3, 0, 1)));
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(10L);
    }

    @Test
    void oldOnesAreRemovedAndThoseOfTheSeriesStay() {
        CheckpointStore store = store("pruned");
        for (long step = 10; step <= 60; step += 10) {
            store.save(step, List.of(section(step, 0, 1)), ABOUT);
        }
        assertThat(store.prune(2, 20, 0).stream().map(Checkpoint::step)).containsExactly(30L, 10L);
        assertThat(store.list().stream().map(Checkpoint::step)).containsExactly(60L, 50L, 40L, 20L);
    }

    /** A new name node knows of all that was published. */
    @Test
    void whatIsPublishedOutlivesTheNameNode() throws IOException {
        CheckpointStore store = store("restarted");
        store.save(10, List.of(section(1, 0, 1)), ABOUT);
        hdfs.restartNameNode();
        files = hdfs.getFileSystem();
        assertThat(store("restarted").newestValid()).map(Checkpoint::step).hasValue(10L);
    }

    private CheckpointStore store(String name) {
        return new CheckpointStore(files.getUri() + "/runs/" + name + "/checkpoints", files.getConf());
    }

    private static StateSection section(long seed, int rank, int ranks) {
        return share(values(seed), rank, ranks);
    }

    private static StateSection share(FlatBuffer values, int rank, int ranks) {
        Slices slices = Slices.of(ELEMENTS, ranks);
        NamedTensor tensor = new NamedTensor(
                "up", List.of((long) ELEMENTS), slices.from(rank), values.range(slices.from(rank), slices.to(rank)));
        return new StateSection("level-1.parameters", rank, ranks, List.of(tensor));
    }

    private static FlatBuffer values(long seed) {
        Random random = new Random(seed);
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, ELEMENTS);
        for (int i = 0; i < ELEMENTS; i++) {
            values.slices().get(0).putFloat(i * Float.BYTES, random.nextFloat());
        }
        return values;
    }
}
