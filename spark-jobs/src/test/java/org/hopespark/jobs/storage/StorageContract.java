package org.hopespark.jobs.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.files.LineLog;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.LocalFiles;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.tensorboard.TensorBoardLog;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What must hold on every store that a run or a data set may lie on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StorageContract {
    private static final int ELEMENTS = 70_001;

    @TempDir
    private java.nio.file.Path local;

    /** A folder of the store, and Hadoop's settings to reach it. */
    abstract String root();

    abstract Map<String, String> settings();

    private Configuration hadoop() {
        Configuration hadoop = new Configuration();
        settings().forEach(hadoop::set);
        return hadoop;
    }

    private String place(String name) {
        return root() + "/" + name;
    }

    private FileSystem files() throws IOException {
        return WholeFile.system(new Path(root()), hadoop());
    }

    @Test
    void aFileIsWrittenReplacedAndGivenItsName() throws IOException {
        Storage storage = new Storage(hadoop());
        Path file = new Path(place("files/made/a.json"));
        storage.publish(file.toString(), "old".getBytes(StandardCharsets.UTF_8));
        storage.publish(file.toString(), "new".getBytes(StandardCharsets.UTF_8));
        assertThat(read(file)).asString().isEqualTo("new");
        Path temporary = new Path(place("files/.temporary"));
        try (FSDataOutputStream out = files().create(temporary, true)) {
            out.writeBytes("newest");
        }
        WholeFile.publish(files(), temporary, file);
        assertThat(read(file)).asString().isEqualTo("newest");
        assertThat(files().exists(temporary)).isFalse();
        assertThat(files().listStatus(file.getParent())).hasSize(1);
        assertThat(storage.qualified(file.toString()))
                .isEqualTo(files().makeQualified(file).toString());
    }

    private byte[] read(Path file) throws IOException {
        try (var in = files().open(file)) {
            return in.readAllBytes();
        }
    }

    @Test
    void linesThatWereSyncedOutliveTheirWriterAndTheNextOneGoesOn() throws IOException {
        Path path = new Path(place("log/metrics.jsonl"));
        LineLog killed = new LineLog(files(), path, line -> line.endsWith("}"));
        killed.add("{1}");
        killed.add("{2}");
        killed.sync();
        assertThat(lines(path)).containsExactly("{1}", "{2}");
        killed.close();
        try (LineLog next = new LineLog(files(), path, line -> line.endsWith("}"))) {
            next.add("{3}");
        }
        assertThat(lines(path)).containsExactly("{1}", "{2}", "{3}");
        assertThat(LineLog.exists(files(), path)).isTrue();
    }

    private List<String> lines(Path path) throws IOException {
        List<String> lines = new ArrayList<>();
        LineLog.forEach(files(), path, lines::add);
        return lines;
    }

    @Test
    void eventFilesHaveAllTheirRecords() throws IOException {
        String folder = place("tensorboard");
        try (TensorBoardLog log = new TensorBoardLog(folder, hadoop())) {
            for (int step = 1; step <= 3; step++) {
                log.add(RunEvent.Validation.ofRun(step, 2.5, 1.5));
            }
        }
        FileStatus[] files = files().listStatus(new Path(folder));
        assertThat(files).hasSize(1);
        // version, three validations
        assertThat(records(read(files[0].getPath()))).isEqualTo(4);
    }

    /** Records by their lengths: 8 bytes of length, 4 of its checksum, the record, 4 of its checksum. */
    private static int records(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int records = 0;
        while (in.hasRemaining()) {
            int bytes = Math.toIntExact(in.getLong());
            in.position(in.position() + Integer.BYTES + bytes + Integer.BYTES);
            records++;
        }
        return records;
    }

    @Test
    void checkpointsAreWholeOrPassedOver() throws IOException {
        CheckpointStore store = new CheckpointStore(place("run/checkpoints"), hadoop());
        assertThat(store.newestValid()).isEmpty();
        for (long step = 10; step <= 40; step += 10) {
            store.save(step, List.of(section(step)), Map.of("seed", "17"));
        }
        store.save(40, List.of(section(41)), Map.of("seed", "17"));
        store.write(50, "killed", List.of(section(50)));
        assertThat(store.prune(2, 20, 0)).extracting(Checkpoint::step).containsExactly(10L);
        assertThat(store.list()).extracting(Checkpoint::step).containsExactly(40L, 30L, 20L);

        Checkpoint newest = store.newestValid().orElseThrow();
        assertThat(newest.location()).isEqualTo(place("run/checkpoints/step-00000040"));
        FlatBuffer loaded = FlatBuffer.allocate(ElementType.FLOAT32, ELEMENTS);
        store.load(newest, List.of(section(loaded)));
        assertThat(loaded.digest()).isEqualTo(values(41).digest());

        Path part = files().listStatus(new Path(newest.folder()))[0].getPath();
        byte[] content = read(part);
        content[content.length - 1] ^= 1;
        try (FSDataOutputStream out = files().create(part, true)) {
            out.write(content);
        }
        assertThat(store.newestValid()).map(Checkpoint::step).hasValue(30L);
    }

    private static StateSection section(long seed) {
        return section(values(seed));
    }

    private static StateSection section(FlatBuffer values) {
        return new StateSection(
                "level-1.parameters", List.of(new NamedTensor("up", List.of((long) ELEMENTS), 0, values)));
    }

    private static FlatBuffer values(long seed) {
        Random random = new Random(seed);
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, ELEMENTS);
        for (int i = 0; i < ELEMENTS; i++) {
            values.slices().get(0).putFloat(i * Float.BYTES, random.nextFloat());
        }
        return values;
    }

    @Test
    void oneAtATimeHasAFolder() {
        Storage storage = new Storage(hadoop());
        try (FolderLock first = FolderLock.take(place("locked"), storage, "the nightly job")) {
            first.requireHeld();
            assertThatThrownBy(() -> FolderLock.take(place("locked"), storage, "another"))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("is being written by another job: the nightly job on ");
        }
        FolderLock lost = FolderLock.take(place("locked"), storage, "another");
        storage.publish(place("locked/_lock.json"), "{}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(lost::requireHeld).hasMessageContaining("was taken over by another job");
        lost.close();
    }

    /** The identity of a data set does not depend on where it lies. It starts Spark, and four jobs: ten seconds. */
    @Test
    @Tag("slow")
    void aDataSetIsPreparedAddedToAndRead() throws IOException {
        java.nio.file.Path landing = Files.createDirectory(local.resolve("landing"));
        SparkSession.Builder builder = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1");
        settings().forEach((key, value) -> {
            builder.config("spark.hadoop." + key, value);
            // for what a command looks at before it has a session
            System.setProperty("spark.hadoop." + key, value);
        });
        List<String> outputs = List.of(place("data"), local.resolve("data").toString());
        try (SparkSession spark = builder.getOrCreate()) {
            spark.sparkContext().setLogLevel("OFF");
            for (String night : List.of("monday", "tuesday")) {
                write(landing.resolve(night + ".jsonl"), night);
                for (String output : outputs) {
                    assertThat(prepare(landing, output)).isZero();
                }
            }
        } finally {
            settings().keySet().forEach(key -> System.clearProperty("spark.hadoop." + key));
        }
        DataSet stored = DataSet.open(outputs.get(0), new Storage(hadoop()));
        DataSet wanted = DataSet.open(outputs.get(1), LocalFiles.STORAGE);
        assertThat(stored.snapshot()).isEqualTo(2);
        assertThat(stored.sha256()).isEqualTo(wanted.sha256());
        assertThat(stored.verifySegments()).isEqualTo(wanted.verifySegments());
        assertThat(tokens(stored)).isEqualTo(tokens(wanted)).isNotEmpty();
    }

    private static void write(java.nio.file.Path file, String night) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + (night + " " + i + ". ").repeat(1 + i % 7) + "\"}");
        }
        Files.write(file, lines);
    }

    private static int prepare(java.nio.file.Path landing, String output) {
        return new CommandLine(new PrepareCommand())
                .execute(
                        "--input",
                        landing.toString(),
                        "--output",
                        output,
                        "--tokenizer",
                        "bytes",
                        "--append",
                        "--set",
                        "sequence-tokens=64",
                        "--set",
                        "align-tokens=8",
                        "--set",
                        "lanes=2");
    }

    private static List<String> tokens(DataSet dataSet) {
        List<String> rows = new ArrayList<>();
        try (TokenBatches batches = dataSet.batches(1, 1)) {
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                rows.add(Arrays.toString(batches.rows(step, 0, 1).get(0).tokens()));
            }
        }
        return rows;
    }
}
