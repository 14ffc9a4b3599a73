package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.jobs.LocalFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is held out of data sets that are so small that the fraction chooses nothing. */
class HeldOutTest {
    private static final String DEFAULT_FRACTION = "\"validation-fraction\":0.005";

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final SparkSession spark = SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();

    @AfterEach
    void stop() {
        spark.stop();
    }

    private Path landing() throws IOException {
        return Files.createDirectories(folder.resolve("landing"));
    }

    private void input(String name, int documents) throws IOException {
        Files.writeString(
                landing().resolve(name + ".jsonl"),
                IntStream.range(0, documents)
                        .mapToObj(i -> "{\"id\": \"" + i + "\", \"text\": \"" + name + " " + i + ".\"}\n")
                        .collect(Collectors.joining()));
    }

    private Manifest prepare(PrepareJob.Inputs coming, String... settings) throws IOException {
        printed.reset();
        PrepareConfig config = PrepareConfig.of(new Settings(
                        "test",
                        Map.of(
                                "inputs",
                                List.of(Map.of("path", landing().toString())),
                                "output",
                                data().toString(),
                                "tokenizer",
                                "bytes",
                                "sequence-tokens",
                                64,
                                "lanes",
                                4))
                .with(List.of(settings)));
        return PrepareJob.prepare(
                        spark,
                        config,
                        PrepareJob.inputs(config, new Storage(new Configuration()), out()),
                        coming,
                        out())
                .manifest();
    }

    private Manifest prepare(String... settings) throws IOException {
        return prepare(PrepareJob.Inputs.ALL_AT_ONCE, settings);
    }

    private PrintStream out() {
        return new PrintStream(printed, true, StandardCharsets.UTF_8);
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private Path data() {
        return folder.resolve("data");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10, 39, 40})
    void fewDocumentsGetOneThatIsHeldOut(int documents) throws IOException {
        input("notes", documents);

        Manifest manifest = prepare();

        assertThat(manifest.validation().documents()).isOne();
        assertThat(manifest.validation().rows()).isPositive();
        assertThat(manifest.training().documents()).isEqualTo(documents - 1);
        assertThat(manifest.unigramBits()).isPresent();
        assertThat(VerifyShardsJob.run(spark, data().toString(), out())).isZero();
        assertThat(prepare().sha256()).isEqualTo(manifest.sha256());
        assertThat(output()).contains("nothing to do");
    }

    @Test
    void theMessageSaysWhichFractionWouldHoldOutMore() throws IOException {
        input("notes", 40);

        prepare();

        assertThat(output())
                .contains("1 held out, with the lowest key: 40 are too few for validation-fraction 0.005; 0.125 would"
                        + " hold out about 5");
        assertThat(prepare("output=" + folder.resolve("more"), "validation-fraction=0.125")
                        .validation()
                        .documents())
                .isBetween(2L, 10L);
        assertThat(output()).doesNotContain("are too few");
    }

    @Test
    void whoWantsNothingHeldOutGetsNothing() throws IOException {
        input("notes", 40);

        assertThat(prepare("validation-fraction=0").validation().documents()).isZero();
        assertThat(output()).doesNotContain("held out");
    }

    @Test
    void oneDocumentIsTrainedOn() throws IOException {
        input("notes", 1);

        assertThat(prepare().validation().documents()).isZero();
        assertThat(output()).contains("no document is held out, since there is only one: 2 would do");
    }

    @Test
    void anInterruptedRunGoesOnToTheSameBits() throws IOException {
        input("notes", 40);
        String whole = prepare().sha256();
        List<Path> journal;
        try (Stream<Path> files = Files.list(data().resolve("_work"))) {
            journal = files.filter(file -> file.getFileName().toString().matches(".*lane.*json"))
                    .sorted()
                    .toList();
        }
        assertThat(journal).hasSize(5);
        for (Path entry : List.of(journal.get(0), journal.get(4))) {
            Files.delete(data().resolve("manifest.json"));
            Files.delete(entry);
            assertThat(prepare().sha256()).isEqualTo(whole);
        }
        assertThat(VerifyShardsJob.run(spark, data().toString(), out())).isZero();
    }

    @Test
    void shardsThatAreLostAreMadeAgain() throws IOException {
        input("notes", 40);
        String whole = prepare().sha256();
        List<Path> shards;
        try (Stream<Path> files = Files.list(data())) {
            shards = files.filter(file -> file.toString().endsWith(".parquet"))
                    .sorted()
                    .toList();
        }
        assertThat(shards).hasSize(5);
        Files.delete(shards.get(4));
        RepairShardsJob.run(spark, data().toString(), out());
        for (Path shard : shards) {
            Files.delete(shard);
        }
        assertThat(prepare().sha256()).isEqualTo(whole);
    }

    @Test
    void aDataSetThatGrowsHoldsOutWhatItHeldOut() throws IOException {
        input("notes", 1);
        prepare(PrepareJob.Inputs.OVER_TIME);
        input("tuesday", 20);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME).validation().documents())
                .isOne();
        input("wednesday", 20);
        Manifest three = prepare(PrepareJob.Inputs.OVER_TIME);
        assertThat(three.validation().documents()).isOne();
        assertThat(three.training().documents()).isEqualTo(40);

        input("tuesday", 21);
        assertThat(prepare(PrepareJob.Inputs.OVER_TIME).validation().documents())
                .isOne();
        assertThat(VerifyShardsJob.run(spark, data().toString(), out())).isZero();
    }

    @Test
    void aDataSetOfAnOlderVersionStaysWhatItIs() throws Exception {
        input("notes", 40);
        prepare("validation-fraction=0");
        // what an older version has made of 40 documents, none of which falls below the fraction
        rewrite("manifest.json", "\"validation-fraction\":0.0", DEFAULT_FRACTION);
        rewrite("_work/recipe.json", "\"validation-fraction\":0.0", DEFAULT_FRACTION);
        byte[] manifest = Files.readAllBytes(data().resolve("manifest.json"));
        String identity =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(manifest));
        Files.writeString(data().resolve("manifest.json.sha256"), identity + "  manifest.json\n");

        assertThat(prepare().sha256()).isEqualTo(identity);
        assertThat(output()).contains("nothing to do");
        Files.delete(data().resolve("lane-00001-of-00004.parquet"));
        assertThat(prepare().sha256()).isEqualTo(identity);
        assertThat(VerifyShardsJob.run(spark, data().toString(), out())).isZero();

        input("tuesday", 20);
        Manifest grown = prepare(PrepareJob.Inputs.OVER_TIME);
        assertThat(grown.validation().documents()).isZero();
        assertThat(grown.training().documents()).isEqualTo(60);
        assertThat(Files.readString(data().resolve("segments/00002/manifest.json")))
                .doesNotContain("held-out-key");
        assertThat(DataSet.open(data() + "@1", LocalFiles.STORAGE).sha256()).isEqualTo(identity);
        assertThat(output()).contains("no document is held out: 20 are too few");
    }

    private void rewrite(String name, String from, String to) throws IOException {
        Path file = data().resolve(name);
        assertThat(file).content().contains(from);
        Files.writeString(file, Files.readString(file).replace(from, to));
    }
}
