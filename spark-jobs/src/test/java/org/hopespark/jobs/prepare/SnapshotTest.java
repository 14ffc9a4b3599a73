package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.SampleShardsCommand;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.ShardStatistics;
import org.hopespark.jobs.LocalFiles;
import org.hopespark.jobs.schedule.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A data set whose inputs come night by night. */
class SnapshotTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final SparkSession spark = session();

    private static SparkSession session() {
        SparkSession session = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        session.sparkContext().setLogLevel("OFF");
        return session;
    }

    @BeforeEach
    void twoNights() throws IOException {
        Files.createDirectories(landing());
        input("monday", 40);
        input("tuesday", 30);
    }

    @AfterEach
    void stop() {
        spark.stop();
    }

    /** As a disk leaves it that has lost its power while a night was added. */
    @Test
    void aSnapshotThatWasCutIsAsIfItWereNotThere() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        String before = DataSet.open(data(), LocalFiles.STORAGE).sha256();
        input("wednesday", 30);
        prepare(PrepareJob.Inputs.OVER_TIME);
        String both = DataSet.open(data(), LocalFiles.STORAGE).sha256();
        Files.writeString(folder.resolve("data/snapshots/00002.json"), "");
        Files.writeString(folder.resolve("data/segments/00002/_work/recipe.json"), "");
        Files.delete(folder.resolve("data/segments/00002/manifest.json"));
        assertThat(DataSet.open(data(), LocalFiles.STORAGE).sha256()).isEqualTo(before);
        prepare(PrepareJob.Inputs.OVER_TIME);
        assertThat(DataSet.open(data(), LocalFiles.STORAGE).sha256())
                .isEqualTo(both)
                .isNotEqualTo(before);
    }

    /** Whoever writes it can write a fitting hash beside it, so the hash proves nothing. */
    @Test
    void aSnapshotWhoseSegmentsAreOtherOnesIsRefused() throws Exception {
        prepare(PrepareJob.Inputs.OVER_TIME);
        String first = DataSet.open(data(), LocalFiles.STORAGE).sha256();
        input("wednesday", 30);
        prepare(PrepareJob.Inputs.OVER_TIME);
        Path snapshot = folder.resolve("data/snapshots/00002.json");
        String good = Files.readString(snapshot);
        forge(snapshot, good.replace(first, "<script>alert(1)</script>"));
        assertThatThrownBy(() -> DataSet.open(data(), LocalFiles.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("segment '' of ")
                .hasMessageContaining("snapshot 2 has <script>alert(1)</script>");
        forge(snapshot, good.replace("segments/00002\"", "../elsewhere\""));
        assertThatThrownBy(() -> DataSet.open(data(), LocalFiles.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("must be empty or like segments/00002, got '../elsewhere'");
        forge(snapshot, good.replace("\"number\":2", "\"number\":3"));
        assertThatThrownBy(() -> DataSet.open(data(), LocalFiles.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("says that it is snapshot 3");
        forge(snapshot, good);
        assertThat(DataSet.open(data(), LocalFiles.STORAGE).snapshot()).isEqualTo(2);
    }

    private static void forge(Path snapshot, String json) throws Exception {
        Files.writeString(snapshot, json);
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(json.getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                snapshot.resolveSibling("00002.json.sha256"), HexFormat.of().formatHex(sha256) + "  00002.json\n");
    }

    private Path landing() {
        return folder.resolve("landing");
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    /** Each document says which it is. */
    private void input(String name, int documents) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < documents; i++) {
            String text = (name + " " + i + ". ").repeat(1 + i % 7);
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + text.strip() + "\"}");
        }
        Files.write(landing().resolve(name + ".jsonl"), lines);
    }

    private Outcome prepare(PrepareJob.Inputs coming, String... overrides) {
        return prepare(data(), coming, overrides);
    }

    private Outcome prepare(String output, PrepareJob.Inputs coming, String... overrides) {
        printed.reset();
        PrepareConfig config = PrepareConfig.of(new Settings(
                        "test",
                        Map.of(
                                "inputs",
                                List.of(Map.of("path", landing().toString())),
                                "output",
                                output,
                                "tokenizer",
                                "bytes",
                                "sequence-tokens",
                                64,
                                "align-tokens",
                                8,
                                "lanes",
                                3,
                                "validation-fraction",
                                0.1))
                .with(List.of(overrides)));
        Storage storage = new Storage(new Configuration());
        return PrepareJob.prepare(
                        spark,
                        config,
                        PrepareJob.inputs(config, storage, new PrintStream(printed, true, StandardCharsets.UTF_8)),
                        coming,
                        new PrintStream(printed, true, StandardCharsets.UTF_8))
                .outcome();
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The texts of all documents that are trained on, sorted, read as training does, but for the last rows. */
    private static List<String> texts(DataSet dataSet) {
        List<String> texts = new ArrayList<>();
        try (TokenBatches batches = dataSet.batches(1, 1, 1)) {
            StringBuilder text = new StringBuilder();
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                PackedRow row = batches.rows(step, 0, 1).get(0);
                boolean[] targets = row.targetMask();
                for (int j = 1; j < targets.length; j++) {
                    if (targets[j] && row.tokens()[j] != 256) {
                        text.append((char) row.tokens()[j]);
                    } else if (targets[j]) {
                        texts.add(text.toString());
                        text.setLength(0);
                    }
                }
            }
        }
        return texts.stream().sorted().toList();
    }

    private String everything() {
        String whole = folder.resolve("whole-" + System.nanoTime()).toString();
        prepare(whole, PrepareJob.Inputs.ALL_AT_ONCE);
        return whole;
    }

    @Test
    void eachNightReadsOnlyWhatIsNewAndAllNightsTogetherHoldEveryDocumentOnce() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        DataSet first = DataSet.open(data(), LocalFiles.STORAGE);
        input("wednesday", 50);

        Outcome outcome = prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(outcome).isEqualTo(Outcome.DONE);
        assertThat(output()).contains("1 new input files, 0 changed, 1 to read").contains("of 2 segments");
        DataSet second = DataSet.open(data(), LocalFiles.STORAGE);
        DataSet whole = DataSet.open(everything(), LocalFiles.STORAGE);
        assertThat(second.snapshot()).isEqualTo(2);
        assertThat(texts(second)).isEqualTo(texts(whole));
        assertThat(second.manifest().recipe().sources())
                .isEqualTo(whole.manifest().recipe().sources());
        assertThat(second.manifest().stages()).isEqualTo(whole.manifest().stages());
        assertThat(second.manifest().documentsBySource())
                .isEqualTo(whole.manifest().documentsBySource());
        assertThat(second.manifest().unigramBits()).isEqualTo(whole.manifest().unigramBits());
        assertThat(second.manifest().byteUnigramBits())
                .isEqualTo(whole.manifest().byteUnigramBits());
        assertThat(DataSet.open(data() + "@1", LocalFiles.STORAGE).sha256()).isEqualTo(first.sha256());
        assertThat(texts(DataSet.open(data() + "@1", LocalFiles.STORAGE))).isEqualTo(texts(first));
        assertThat(second.ofIdentity(first.sha256()).orElseThrow().snapshot()).isEqualTo(1);
        assertThat(VerifyShardsJob.run(spark, data(), new PrintStream(printed))).isZero();
    }

    @Test
    void aNightWithoutNewInputsHasNothingToDo() {
        prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME_READ_AGAIN)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(DataSet.open(data(), LocalFiles.STORAGE).snapshot()).isEqualTo(1);
    }

    @Test
    void whatHasChangedIsReplacedAndWhatWasAddedSinceStays() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("tuesday", 33);

        prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(output()).contains("0 new input files, 1 changed, 2 to read");
        DataSet third = DataSet.open(data(), LocalFiles.STORAGE);
        assertThat(third.snapshot()).isEqualTo(3);
        assertThat(third.segments()).hasSize(2);
        assertThat(texts(third)).isEqualTo(texts(DataSet.open(everything(), LocalFiles.STORAGE)));
        assertThat(VerifyShardsJob.run(spark, data(), new PrintStream(printed))).isZero();
        assertThat(VerifyShardsJob.run(spark, data() + "@2", new PrintStream(printed)))
                .isZero();
    }

    @Test
    void whatIsGoneStays() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        String both = everything();
        Files.delete(landing().resolve("monday.jsonl"));
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(texts(DataSet.open(data(), LocalFiles.STORAGE)))
                .isEqualTo(texts(DataSet.open(both, LocalFiles.STORAGE)));

        input("tuesday", 33);

        assertThatThrownBy(() -> prepare(PrepareJob.Inputs.OVER_TIME))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("tuesday.jsonl has changed")
                .hasMessageContaining("missing: landing/monday.jsonl");
    }

    @Test
    void otherSettingsCannotBeAdded() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);

        assertThatThrownBy(() -> prepare(PrepareJob.Inputs.OVER_TIME, "sequence-tokens=128"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("other settings")
                .hasMessageContaining("sequence-tokens: 128 asked for, 64 there");
        prepare(PrepareJob.Inputs.OVER_TIME, "lanes=1");
        assertThat(texts(DataSet.open(data(), LocalFiles.STORAGE)))
                .isEqualTo(texts(DataSet.open(everything(), LocalFiles.STORAGE)));
    }

    @Test
    void aNightThatWasInterruptedIsForgottenIfMoreHasComeSince() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        Path snapshots = Path.of(data(), "snapshots");
        try (Stream<Path> files = Files.list(snapshots)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("00002"))
                    .toList()) {
                Files.delete(file);
            }
        }
        String identity = DataSet.open(data(), LocalFiles.STORAGE).sha256();
        input("thursday", 20);

        prepare(PrepareJob.Inputs.OVER_TIME);

        DataSet second = DataSet.open(data(), LocalFiles.STORAGE);
        assertThat(second.snapshot()).isEqualTo(2);
        assertThat(second.sha256()).isNotEqualTo(identity);
        assertThat(texts(second)).isEqualTo(texts(DataSet.open(everything(), LocalFiles.STORAGE)));
    }

    @Test
    void aNightOfWhichNothingCanBeReadIsTakenNoteOf() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        DataSet first = DataSet.open(data(), LocalFiles.STORAGE);
        Files.writeString(landing().resolve("wednesday.jsonl"), "{\"id\": 1, \"te");

        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.INPUT_WITHOUT_DOCUMENTS);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);

        DataSet second = DataSet.open(data(), LocalFiles.STORAGE);
        assertThat(second.snapshot()).isEqualTo(2);
        assertThat(second.manifest().bad()).isEqualTo(1);
        assertThat(texts(second)).isEqualTo(texts(first));
    }

    @Test
    void aFileOfTheSameLengthAndTimeIsReadAgainOnlyWhereThatIsAskedFor() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        Path monday = landing().resolve("monday.jsonl");
        FileTime written = Files.getLastModifiedTime(monday);
        Files.writeString(monday, Files.readString(monday).replace("monday", "friday"));
        Files.setLastModifiedTime(monday, written);

        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME_READ_AGAIN)).isEqualTo(Outcome.DONE);
        assertThat(texts(DataSet.open(data(), LocalFiles.STORAGE))).anyMatch(text -> text.startsWith("friday"));
    }

    @Test
    void aSnapshotThatWasEditedOrIsNotThereIsRefused() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        Manifest before = DataSet.open(data(), LocalFiles.STORAGE).manifest();
        Path file = Path.of(data(), "snapshots/00002.json");
        Files.writeString(file, Files.readString(file).replace("wednesday", "weekend"));

        assertThatThrownBy(() -> DataSet.open(data(), LocalFiles.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("00002.json was changed after it was written");
        assertThatThrownBy(() -> DataSet.open(data() + "@3", LocalFiles.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no snapshot 3; it has 1, 2");
        assertThat(DataSet.open(data() + "@1", LocalFiles.STORAGE).manifest()).isNotEqualTo(before);
    }

    @Test
    void repairMakesDamagedAndMissingShardsOfEverySegmentAnewAndTouchesNoOther() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        Path damaged = Path.of(data(), "lane-00001-of-00003.parquet");
        Path missing = Path.of(data(), "segments/00002/lane-00002-of-00003.parquet");
        Path whole = Path.of(data(), "lane-00000-of-00003.parquet");
        byte[] was = Files.readAllBytes(damaged);
        byte[] gone = Files.readAllBytes(missing);
        byte[] flipped = was.clone();
        flipped[flipped.length / 3] ^= 4;
        Files.write(damaged, flipped);
        Files.delete(missing);
        FileTime untouched = Files.getLastModifiedTime(whole);

        assertThat(RepairShardsJob.run(spark, data(), new PrintStream(printed))).isEqualTo(Outcome.DONE);

        assertThat(Files.readAllBytes(damaged)).isEqualTo(was);
        assertThat(Files.readAllBytes(missing)).isEqualTo(gone);
        assertThat(Files.getLastModifiedTime(whole)).isEqualTo(untouched);
        assertThat(Path.of(data(), "_work/damaged/lane-00001-of-00003.parquet")).hasBinaryContent(flipped);
        assertThat(RepairShardsJob.run(spark, data(), new PrintStream(printed))).isEqualTo(Outcome.NOTHING_TO_DO);
    }

    @Test
    void repairRefusesInputsThatAreNotWhatTheyWere() throws IOException {
        prepare(PrepareJob.Inputs.ALL_AT_ONCE);
        Path damaged = Path.of(data(), "lane-00001-of-00003.parquet");
        byte[] half = Arrays.copyOf(Files.readAllBytes(damaged), 1000);
        Files.write(damaged, half);
        input("monday", 41);

        assertThatThrownBy(() -> RepairShardsJob.run(spark, data(), new PrintStream(printed)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("not what it was: input files or how they are read");
        assertThat(damaged).hasBinaryContent(half);
    }

    @Test
    void thePageHasTheLengthsOfAllDocumentsAndTheSnapshots() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("<wednesday>", 50);
        Files.writeString(landing().resolve("broken.jsonl"), "{\"id\": 1, \"te");
        prepare(PrepareJob.Inputs.OVER_TIME);
        DataSet dataSet = DataSet.open(data(), LocalFiles.STORAGE);
        Path page = folder.resolve("page.html");

        DataSetPage.write(spark, data(), page.toString(), new PrintStream(printed));

        ShardStatistics all = ShardStatistics.NONE;
        for (VerifyShardsJob.ShardOf shard : VerifyShardsJob.shards(dataSet)) {
            all = all.plus(ShardStatistics.of(
                    new DataSetFolder(shard.segment(), new Storage(new Configuration())), shard.lane()));
        }
        Manifest.Split training = dataSet.manifest().training();
        Manifest.Split validation = dataSet.manifest().validation();
        assertThat(all.documents()).isEqualTo(120).isEqualTo(training.documents() + validation.documents());
        assertThat(all.ids()).isEqualTo(training.realTokens() + validation.realTokens());
        assertThat(all.lengths()).isEqualTo(lengths("monday", 40, "tuesday", 30, "<wednesday>", 50));
        assertThat(Files.readString(page))
                .contains("landing/&lt;wednesday&gt;.jsonl")
                .doesNotContain("<wednesday>")
                .contains("landing/broken.jsonl")
                .contains("corrupt 1")
                .contains("(document mark)")
                .contains(dataSet.sha256())
                .contains(DataSet.open(data() + "@1", LocalFiles.STORAGE).sha256());
    }

    /** How many documents of {@link #input} have 2^i to 2^(i+1) - 1 ids, two of which are marks. */
    private static List<Long> lengths(Object... inputs) {
        long[] counts = new long[8];
        int last = 0;
        for (int at = 0; at < inputs.length; at += 2) {
            for (int i = 0; i < (int) inputs[at + 1]; i++) {
                int ids =
                        (inputs[at] + " " + i + ". ").repeat(1 + i % 7).strip().length() + 2;
                int bucket = 0;
                while (2 << bucket <= ids) {
                    bucket++;
                }
                counts[bucket]++;
                last = Math.max(last, bucket);
            }
        }
        return Arrays.stream(counts, 0, last + 1).boxed().toList();
    }

    @Test
    void sampledRowsAreTextOfTheCorpus() {
        prepare(PrepareJob.Inputs.ALL_AT_ONCE);
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            assertThat(new CommandLine(new SampleShardsCommand()).execute(data(), "--rows=4", "--seed=3"))
                    .isZero();
        } finally {
            System.setOut(before);
        }

        List<String> lines = output().lines()
                .filter(line -> !line.startsWith("--"))
                .dropWhile(line -> !line.startsWith("== "))
                .toList();
        assertThat(lines.stream().filter(line -> line.startsWith("== "))).hasSize(4);
        assertThat(lines.stream().filter(line -> !line.startsWith("== ")))
                .isNotEmpty()
                .allMatch(line -> line.isEmpty() || "monday 0123456789. tuesday ".contains(line.substring(0, 1)))
                .anyMatch(line -> line.matches("(monday|tuesday) [0-9]+\\..*"));
    }
}
