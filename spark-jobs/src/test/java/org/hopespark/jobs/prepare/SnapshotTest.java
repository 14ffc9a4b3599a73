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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.DataSet;
import org.hopespark.data.Manifest;
import org.hopespark.data.PackedRow;
import org.hopespark.data.Storage;
import org.hopespark.data.TokenBatches;
import org.hopespark.jobs.schedule.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                        PrepareJob.inputs(config, storage),
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
        try (TokenBatches batches = dataSet.batches(1, 1)) {
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
        DataSet first = DataSet.open(data());
        input("wednesday", 50);

        Outcome outcome = prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(outcome).isEqualTo(Outcome.DONE);
        assertThat(output()).contains("1 new input files, 0 changed, 1 to read").contains("of 2 segments");
        DataSet second = DataSet.open(data());
        DataSet whole = DataSet.open(everything());
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
        assertThat(DataSet.open(data() + "@1").sha256()).isEqualTo(first.sha256());
        assertThat(texts(DataSet.open(data() + "@1"))).isEqualTo(texts(first));
        assertThat(second.ofIdentity(first.sha256()).orElseThrow().snapshot()).isEqualTo(1);
        assertThat(VerifyShardsJob.run(spark, data(), new PrintStream(printed))).isZero();
    }

    @Test
    void aNightWithoutNewInputsHasNothingToDo() {
        prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME_READ_AGAIN)).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(DataSet.open(data()).snapshot()).isEqualTo(1);
    }

    @Test
    void whatHasChangedIsReplacedAndWhatWasAddedSinceStays() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("tuesday", 33);

        prepare(PrepareJob.Inputs.OVER_TIME);

        assertThat(output()).contains("0 new input files, 1 changed, 2 to read");
        DataSet third = DataSet.open(data());
        assertThat(third.snapshot()).isEqualTo(3);
        assertThat(third.segments()).hasSize(2);
        assertThat(texts(third)).isEqualTo(texts(DataSet.open(everything())));
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
        assertThat(texts(DataSet.open(data()))).isEqualTo(texts(DataSet.open(both)));

        input("tuesday", 33);

        assertThatThrownBy(() -> prepare(PrepareJob.Inputs.OVER_TIME))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tuesday.jsonl has changed")
                .hasMessageContaining("missing: landing/monday.jsonl");
    }

    @Test
    void otherSettingsCannotBeAdded() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);

        assertThatThrownBy(() -> prepare(PrepareJob.Inputs.OVER_TIME, "sequence-tokens=128"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("other settings")
                .hasMessageContaining("sequenceTokens=128");
        prepare(PrepareJob.Inputs.OVER_TIME, "lanes=1");
        assertThat(texts(DataSet.open(data()))).isEqualTo(texts(DataSet.open(everything())));
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
        String identity = DataSet.open(data()).sha256();
        input("thursday", 20);

        prepare(PrepareJob.Inputs.OVER_TIME);

        DataSet second = DataSet.open(data());
        assertThat(second.snapshot()).isEqualTo(2);
        assertThat(second.sha256()).isNotEqualTo(identity);
        assertThat(texts(second)).isEqualTo(texts(DataSet.open(everything())));
    }

    @Test
    void aNightOfWhichNothingCanBeReadIsTakenNoteOf() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        DataSet first = DataSet.open(data());
        Files.writeString(landing().resolve("wednesday.jsonl"), "{\"id\": 1, \"te");

        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.PARTLY_BAD);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME)).isEqualTo(Outcome.NOTHING_TO_DO);

        DataSet second = DataSet.open(data());
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
        assertThat(texts(DataSet.open(data()))).anyMatch(text -> text.startsWith("friday"));
    }

    @Test
    void aSnapshotThatWasEditedOrIsNotThereIsRefused() throws IOException {
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("wednesday", 50);
        prepare(PrepareJob.Inputs.OVER_TIME);
        Manifest before = DataSet.open(data()).manifest();
        Path file = Path.of(data(), "snapshots/00002.json");
        Files.writeString(file, Files.readString(file).replace("wednesday", "weekend"));

        assertThatThrownBy(() -> DataSet.open(data()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("00002.json was changed after it was written");
        assertThatThrownBy(() -> DataSet.open(data() + "@3"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has no snapshot 3; it has 1, 2");
        assertThat(DataSet.open(data() + "@1").manifest()).isNotEqualTo(before);
    }
}
