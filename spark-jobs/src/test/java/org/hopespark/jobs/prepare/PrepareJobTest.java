package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.StageConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.ManifestDifference;
import org.hopespark.data.shard.PackedRow;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrepareJobTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private SparkSession spark = session("local[2]");

    private static SparkSession session(String master) {
        SparkSession session = SparkSession.builder()
                .master(master)
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate();
        session.sparkContext().setLogLevel("OFF");
        return session;
    }

    @AfterEach
    void stop() {
        spark.stop();
    }

    /** Lines of JSON, text files, and an archive of several megabytes, which is read in parts. */
    private List<Map<String, Object>> corpus() throws IOException {
        Path corpus = folder.resolve("corpus");
        Files.createDirectories(corpus.resolve("notes"));
        Random random = new Random(1);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            lines.add("{\"id\": \"" + i + "\", \"text\": \"" + words(random, 1 + random.nextInt(100)) + "\"}");
        }
        Files.write(corpus.resolve("a.jsonl"), lines);
        for (int i = 0; i < 5; i++) {
            Files.writeString(corpus.resolve("notes/n" + i + ".txt"), words(random, 500));
        }
        Files.writeString(corpus.resolve("notes/empty.txt"), "");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(corpus.resolve("sources.jar")))) {
            for (int i = 0; i < 150; i++) {
                zip.putNextEntry(new ZipEntry("src/C" + i + ".java"));
                zip.write(words(random, 100 + random.nextInt(6000)).getBytes(StandardCharsets.UTF_8));
                zip.putNextEntry(new ZipEntry("src/C" + i + ".class"));
                byte[] noise = new byte[10_000];
                random.nextBytes(noise);
                zip.write(noise);
            }
        }
        return List.of(
                Map.of("path", corpus.resolve("a.jsonl").toString()),
                Map.of("path", corpus.resolve("notes").toString()),
                Map.of("path", corpus.resolve("sources.jar").toString(), "entries", "**/*.java"));
    }

    private static String words(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(Integer.toString(random.nextInt(2000), 36)).append(i % 12 == 11 ? "\\n" : " ");
        }
        return text.toString();
    }

    private PrepareConfig config(String output, List<Map<String, Object>> inputs, String... overrides) {
        return PrepareConfig.of(new Settings(
                        "test",
                        Map.of(
                                "inputs",
                                inputs,
                                "output",
                                folder.resolve(output).toString(),
                                "tokenizer",
                                "bytes",
                                "sequence-tokens",
                                128,
                                "lanes",
                                4,
                                "validation-fraction",
                                0.05))
                .with(List.of(overrides)));
    }

    private Manifest run(PrepareConfig config) {
        printed.reset();
        return PrepareJob.run(spark, config, new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private void restart(String master) {
        spark.stop();
        spark = session(master);
    }

    @Test
    void whatComesOutDoesNotDependOnParallelism() throws IOException {
        List<Map<String, Object>> corpus = corpus();
        String two = run(config("two", corpus)).sha256();
        restart("local[1]");
        String one = run(config("one", corpus)).sha256();
        restart("local[7]");
        String seven = run(config("seven", corpus)).sha256();

        assertThat(one).isEqualTo(two);
        assertThat(seven).isEqualTo(two);
        assertThat(Files.readString(folder.resolve("two/manifest.json.sha256"))).isEqualTo(two + "  manifest.json\n");
    }

    @Test
    void aRelaunchAfterAKillMakesOnlyTheMissingLanesAndGivesTheSameDataSet() throws IOException {
        PrepareConfig config = config("out", corpus());
        String whole = run(config).sha256();
        Path kept = folder.resolve("out/lane-00000-of-00004.parquet");
        Files.delete(folder.resolve("out/manifest.json"));
        Files.delete(folder.resolve("out/lane-00002-of-00004.parquet"));
        Files.delete(folder.resolve("out/_work/lane-00003-of-00004.json"));
        Files.writeString(folder.resolve("out/_work/lane-00003-of-00004.parquet.99"), "half a lane");
        Object keptBefore = Files.getLastModifiedTime(kept);

        assertThat(run(config).sha256()).isEqualTo(whole);

        assertThat(output()).contains("resuming: 3 of 5 lanes are finished");
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(keptBefore);
        assertThat(folder.resolve("out/_work/lane-00003-of-00004.parquet.99")).doesNotExist();
        assertThat(VerifyShardsJob.run(spark, config.output(), new PrintStream(printed)))
                .isZero();
    }

    /** As a disk leaves it that has lost its power: files that are there, with nothing in them. */
    @Test
    void unfinishedWorkThatCannotBeReadIsMadeAgain() throws IOException {
        PrepareConfig config = config("out", corpus());
        String whole = run(config).sha256();
        Files.delete(folder.resolve("out/manifest.json"));
        List<Path> unfinished;
        try (Stream<Path> files = Files.walk(folder.resolve("out/_work"))) {
            unfinished = files.filter(file -> file.toString().endsWith(".json")).toList();
        }
        assertThat(unfinished).hasSizeGreaterThan(5);
        for (Path file : unfinished) {
            Files.writeString(file, "");
        }
        Files.writeString(folder.resolve("out/lane-00001-of-00004.parquet"), "");
        assertThat(run(config).sha256()).isEqualTo(whole);
        assertThat(VerifyShardsJob.run(spark, config.output(), new PrintStream(printed)))
                .isZero();
    }

    @Test
    void aSchedulerIsToldWhatHappened() throws IOException {
        corpus();
        String[] command = {
            "--input=" + folder.resolve("corpus/a.jsonl"),
            "--output=" + folder.resolve("scheduled"),
            "--tokenizer=bytes",
            "--set=max-bad=1",
            "--scheduled"
        };
        assertThat(new CommandLine(new PrepareCommand()).execute(command)).isZero();
        assertThat(new CommandLine(new PrepareCommand()).execute(command)).isEqualTo(10);
        Files.writeString(folder.resolve("corpus/a.jsonl"), "{\n{\"text\": \"whole\"}\n");
        command[1] = "--output=" + folder.resolve("bad");
        assertThat(new CommandLine(new PrepareCommand()).execute(command)).isEqualTo(11);

        assertThat(folder.resolve("scheduled/_lock.json")).doesNotExist();
        try (Stream<Path> runs = Files.list(folder.resolve("scheduled/_runs"))) {
            assertThat(runs.sorted().map(PrepareJobTest::read).toList())
                    .satisfiesExactly(
                            first -> assertThat(first).contains("\"outcome\":\"done\""),
                            second -> assertThat(second).contains("\"outcome\":\"nothing-to-do\""));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void twoDataSetsAreToldApartByWhatMadeThem() throws IOException {
        List<Map<String, Object>> corpus = corpus();
        Manifest before = run(config("before", corpus));
        assertThat(ManifestDifference.between(before, run(config("same", corpus))))
                .isEmpty();
        Files.writeString(folder.resolve("corpus/b.jsonl"), "{\"text\": \"one more\"}\n");
        List<Map<String, Object>> more = new ArrayList<>(corpus);
        more.add(Map.of("path", folder.resolve("corpus/b.jsonl").toString()));
        Manifest after = run(config("after", more, "seed=2"));
        assertThat(ManifestDifference.between(before, after))
                .anyMatch(line -> line.startsWith("packing: ") && line.contains("seed=1") && line.contains("seed=2"))
                .contains("input added: b.jsonl, 1 documents")
                .contains("shards: 5 of 5 differ")
                .noneMatch(line -> line.startsWith("tokenizer") || line.startsWith("input changed"));
        assertThat(ManifestDifference.between(after, before)).contains("input gone: b.jsonl, 1 documents");
    }

    @Test
    void aFinishedDataSetIsLeftAlone() throws IOException {
        PrepareConfig config = config("out", corpus());
        String first = run(config).sha256();
        assertThat(output())
                .contains("documents                               3")
                .contains("read and tokenize: ")
                .contains("removed by read (empty): 1 documents")
                .contains("manifest                    " + first);

        assertThat(run(config).sha256()).isEqualTo(first);
        assertThat(output()).contains("nothing to do: " + config.output());
    }

    @Test
    void aDamagedLaneIsFoundAndMadeAnew() throws IOException {
        PrepareConfig config = config("out", corpus());
        String first = run(config).sha256();
        Path lane = folder.resolve("out/lane-00001-of-00004.parquet");
        byte[] bytes = Files.readAllBytes(lane);
        bytes[bytes.length / 2] ^= 1;
        Files.write(lane, bytes);

        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        assertThat(VerifyShardsJob.run(spark, config.output(), out)).isPositive();
        assertThat(output()).contains("lane-00001-of-00004.parquet SHA-256: expected");

        Files.delete(lane);
        assertThat(run(config).sha256()).isEqualTo(first);
        assertThat(VerifyShardsJob.run(spark, config.output(), out)).isZero();
    }

    @Test
    void anOutputThatHoldsAnotherDataSetIsRefused() throws IOException {
        List<Map<String, Object>> corpus = corpus();
        run(config("out", corpus));

        assertThatThrownBy(() -> run(config("out", corpus, "seed=2")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds a different data set (different: seed: 2 asked for, 1 there); choose")
                .hasMessageContaining("choose another output or delete that folder");
        Files.delete(folder.resolve("out/manifest.json"));
        assertThatThrownBy(() -> run(config("out", corpus.subList(0, 1))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the unfinished work of a different data set (different: input files");
    }

    @Test
    void badRowsAreLeftOutWithPlaceAndReasonAndMaxBadStopsTheJob() throws IOException {
        List<Map<String, Object>> corpus = corpus();
        Files.writeString(
                folder.resolve("corpus/a.jsonl"),
                "{\"text\": \"fine\"}\n{\"body\": \"no text\"}\n{\"text\": \"also fine\"}\n");

        assertThatThrownBy(() -> run(config("out", corpus, "max-bad=0")))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.jsonl, line 2: no text in column 'text'");

        Manifest manifest = run(config("out", corpus));
        assertThat(manifest.documentsBySource()).containsEntry("a.jsonl", 2L);
        assertThat(manifest.bad()).isEqualTo(1);
        assertThat(output()).contains("left out: ").contains("a.jsonl, line 2");
        assertThat(folder.resolve("out/_bad/rows.jsonl"))
                .content()
                .isEqualTo(
                        "{\"place\":\"file:" + folder.resolve("corpus/a.jsonl") + ", line 2\",\"problem\":\"no text in"
                                + " column 'text' (--text-column, or text-column of the input, names another)\",\"source\":\"a.jsonl\"}\n");
        assertThatThrownBy(() -> run(config("out", corpus, "max-bad=0")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1 bad rows, more than max-bad 0");
    }

    @Test
    void anInputOfWhichNothingCanBeReadIsAMistakeEvenAmongOthers() throws IOException {
        List<Map<String, Object>> inputs = new ArrayList<>(corpus().subList(0, 1));
        Path lost = Files.writeString(folder.resolve("lost.jsonl"), "{\"text\": 1}\n{\"text\": 2}\n");
        inputs.add(Map.of("path", lost.toString()));

        assertThatThrownBy(() -> run(config("lost", inputs)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("nothing of the input " + lost + " could be read")
                .hasMessageContaining("lost.jsonl, line 1: no text in column 'text'");
        Files.writeString(lost, "{\"text\": 1}\n{\"text\": \"2\"}\n");
        assertThat(run(config("found", inputs)).bad()).isEqualTo(1);
    }

    @Test
    void anInputThatGivesNothingEndsTheCommandWithAnErrorAndSoDoesAFormatInOne() throws IOException {
        Path good = Files.createDirectories(folder.resolve("good"));
        Files.writeString(good.resolve("a.jsonl"), "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
        Path blank = Files.writeString(folder.resolve("blank.jsonl"), "\n");
        List<Map<String, Object>> inputs = List.of(Map.of("path", good.toString()), Map.of("path", blank.toString()));
        assertThatThrownBy(() -> run(config("blank", inputs)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "nothing of the input " + blank + " could be read (1 of jsonl with 1 bytes: no row)");

        Files.writeString(good.resolve("b.warc"), "no crawl");
        String[] command = {"--input=" + good, "--output=" + folder.resolve("out"), "--tokenizer=bytes"};
        assertThat(new CommandLine(new PrepareCommand()).execute(command)).isOne();
        assertThat(DataSet.open(folder.resolve("out").toString())
                        .manifest()
                        .training()
                        .documents())
                .isOne();
    }

    @Test
    void badRowsAreListedInTheSameOrderOnAnyNumberOfCores() throws IOException {
        List<Map<String, Object>> corpus = corpus();
        Path jar = folder.resolve("corpus/sources.jar");
        byte[] bytes = Files.readAllBytes(jar);
        for (int at = 10_000; at < bytes.length - 40_000; at += 10_000) {
            bytes[at] ^= 0x55;
        }
        Files.write(jar, bytes);
        Files.writeString(folder.resolve("corpus/a.jsonl"), "nope\n".repeat(12) + "{\"text\": \"whole\"}\n");
        run(config("two", corpus));
        restart("local[7]");
        run(config("seven", corpus));

        List<String> rows = Files.readAllLines(folder.resolve("two/_bad/rows.jsonl"));
        assertThat(rows).hasSizeGreaterThan(22).isEqualTo(Files.readAllLines(folder.resolve("seven/_bad/rows.jsonl")));
        assertThat(rows.get(9)).contains("a.jsonl, line 10");
    }

    @Test
    void aBrokenArchiveCountsOnceHoweverManyPartsItHas() throws IOException {
        corpus();
        List<Map<String, Object>> corpus =
                List.of(Map.of("path", folder.resolve("corpus").toString(), "entries", "**/*.java"));
        byte[] jar = Files.readAllBytes(folder.resolve("corpus/sources.jar"));
        Files.write(folder.resolve("corpus/sources.jar"), java.util.Arrays.copyOf(jar, jar.length - 30_000));

        Manifest manifest = run(config("out", corpus));

        assertThat(manifest.stages().get(0).removed()).containsEntry("corrupt", 1L);
    }

    @Test
    void inputsThatAreMissingOrEmptyAreRefused() {
        List<Map<String, Object>> missing =
                List.of(Map.of("path", folder.resolve("nowhere").toString()));

        assertThatThrownBy(() -> run(config("out", missing)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such input: ");
    }

    @Test
    void aLaneHoldsItsDocumentsWholeAndInTheOrderOfTheirKeys() throws IOException {
        PrepareConfig config = config("out", corpus(), "lanes=1", "validation-fraction=0");
        Packing packing = run(config).recipe().packing();
        Storage storage = new Storage(new Configuration());
        List<Document> documents = new ArrayList<>();
        for (InputFile file : InputFile.list(config.inputs(), storage)) {
            try (DocumentReader reader = DocumentReader.open(file.parts(1).get(0), storage)) {
                for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                    documents.add(next.get());
                }
            }
        }
        documents.removeIf(document -> document.text().isEmpty());
        documents.sort((a, b) -> Long.compareUnsigned(packing.key(a), packing.key(b)));

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TokenBatches batches = DataSet.open(config.output()).batches(1, 1, 1)) {
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                PackedRow row = batches.rows(step, 0, 1).get(0);
                boolean[] targets = row.targetMask();
                for (int j = 1; j < targets.length; j++) {
                    if (targets[j]) {
                        bytes.write(row.tokens()[j] == 256 ? '\0' : row.tokens()[j]);
                    }
                }
            }
        }

        assertThat(List.of(bytes.toString(StandardCharsets.UTF_8).split("\0", -1)))
                .startsWith(documents.stream().map(Document::text).toArray(String[]::new))
                .hasSize(documents.size() + 1);
        assertThat(VerifyShardsJob.run(spark, config.output(), new PrintStream(printed)))
                .isZero();
    }

    @Test
    void stagesRemoveDocumentsAndAreCountedUnderTheirNames() throws IOException {
        PrepareConfig config = config(
                "out",
                corpus(),
                "stages=[normalise, {gopher-quality: {least-words: 50, least-mean-word-characters: 0,"
                        + " least-alphabetic-words: 0, least-stop-words: 0}}]");
        long few = Files.readAllLines(folder.resolve("corpus/a.jsonl")).stream()
                .filter(line -> line.replaceFirst(".*\"text\": ", "").split(" |\\\\n").length <= 50)
                .count();

        Manifest manifest = run(config);

        assertThat(few).isPositive();
        assertThat(manifest.recipe().stages())
                .containsExactlyElementsOf(
                        config.stages().stream().map(StageConfig::describe).toList());
        StageCount quality = manifest.stages().get(2);
        assertThat(quality.name()).isEqualTo(config.stages().get(1).describe());
        assertThat(quality.documentsIn()).isEqualTo(355);
        assertThat(quality.documentsOut()).isEqualTo(355 - few);
        assertThat(quality.removed()).containsExactly(Map.entry("gopher: too few words", few));
        assertThat(output()).contains("removed by gopher-quality (gopher: too few words): " + few + " documents");
    }

    @Test
    void aFileThatIsGoneOrLockedWhenTheJobBeginsIsWrittenDownAndItsNeighboursComeThrough() throws IOException {
        PrepareConfig config = config("out", corpus());
        List<InputFile> files = PrepareJob.inputs(config, new Storage(new Configuration()), new PrintStream(printed));
        Files.delete(folder.resolve("corpus/notes/n1.txt"));
        Path locked = folder.resolve("corpus/notes/n2.txt");
        Files.setPosixFilePermissions(locked, Set.of());
        boolean readable = Files.isReadable(locked); // root reads everything

        Manifest manifest =
                PrepareJob.run(spark, config, files, new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(manifest.bad()).isEqualTo(readable ? 1 : 2);
        assertThat(manifest.documentsBySource())
                .containsEntry("notes/n0.txt", 1L)
                .containsEntry("notes/n1.txt", 0L)
                .containsEntry("notes/n2.txt", readable ? 1L : 0L)
                .containsEntry("notes/n3.txt", 1L)
                .containsEntry("sources.jar", 150L);
        assertThat(Files.readString(folder.resolve("out/_bad/rows.jsonl")))
                .contains("notes/n1.txt")
                .contains("gone, or not readable");
    }

    @Test
    void theManifestCountsDocumentsByFileAndSplit() throws IOException {
        PrepareConfig config = config("out", corpus());
        run(config);
        DataSet dataSet = DataSet.open(config.output());
        Manifest manifest = dataSet.manifest();

        assertThat(manifest.documentsBySource())
                .containsEntry("a.jsonl", 200L)
                .containsEntry("notes/n0.txt", 1L)
                .containsEntry("notes/empty.txt", 0L)
                .containsEntry("sources.jar", 150L);
        assertThat(manifest.training().documents() + manifest.validation().documents())
                .isEqualTo(200 + 5 + 150);
        assertThat(manifest.validation().documents()).isBetween(5L, 40L);
        assertThat(manifest.unigramBits().orElseThrow()).isBetween(3.0, 6.0);
        long targets = 0;
        try (TokenBatches batches = dataSet.batches(4, 1)) {
            for (long step = 1; step <= batches.stepsPerEpoch(); step++) {
                targets += batches.rows(step, 0, 4).stream()
                        .mapToInt(PackedRow::targets)
                        .sum();
            }
        }
        assertThat(targets)
                .isBetween(
                        manifest.training().targetTokens() / 2,
                        manifest.training().targetTokens());
    }

    @Test
    void nothingOfThisMachineIsInTheManifest() throws IOException {
        run(config("out", corpus()));

        assertThat(Files.readString(folder.resolve("out/manifest.json"))).doesNotContain(folder.toString());
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "_work",
                            "counts.json",
                            "lane-00000-of-00004.parquet",
                            "lane-00001-of-00004.parquet",
                            "lane-00002-of-00004.parquet",
                            "lane-00003-of-00004.parquet",
                            "manifest.json",
                            "manifest.json.sha256",
                            "validation-lane-00000-of-00001.parquet");
        }
    }
}
