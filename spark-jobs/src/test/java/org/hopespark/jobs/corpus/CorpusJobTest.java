package org.hopespark.jobs.corpus;

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
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.corpus.MinHash;
import org.hopespark.data.corpus.StepRecord;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.schedule.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CorpusJobTest {
    private static final String STEPS = "[{filter: {stages: [normalise]}}, exact-duplicates, near-duplicates]";

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private SparkSession spark = session("local[2]");
    private CorpusJob.Result result = new CorpusJob.Result(List.of(), Outcome.DONE);

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

    /** Three files; b repeats some of a, with other blanks and capitals, and c with a few words changed. */
    @BeforeEach
    void writeCorpus() throws IOException {
        Random random = new Random(1);
        List<String> first = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            first.add(words(random, 120));
        }
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        write(corpus.resolve("a.jsonl"), "a", first);
        write(
                corpus.resolve("b.jsonl"),
                "b",
                first.subList(0, 20).stream()
                        .map(text ->
                                "  " + text.toUpperCase(java.util.Locale.ROOT).replace(" ", "  "))
                        .toList());
        write(
                corpus.resolve("c.jsonl"),
                "c",
                first.subList(20, 40).stream().map(text -> text + " at last").toList());
    }

    @AfterEach
    void stop() {
        spark.stop();
    }

    @Test
    void duplicatesAreRemovedWithTheirReasonAndTheFirstIsKept() throws IOException {
        List<StepRecord> records = run(config("out", STEPS));
        assertThat(records).extracting(StepRecord::documents).containsExactly(100L, 80L, 60L);
        assertThat(documents("out/3-near-duplicates/kept"))
                .hasSize(60)
                .allMatch(d -> d.source().equals("corpus/a.jsonl"));
        assertThat(documents("out/2-exact-duplicates/removed"))
                .hasSize(20)
                .allMatch(document -> document.source().equals("corpus/b.jsonl"));
        Document removed = documents("out/3-near-duplicates/removed").get(0);
        assertThat(removed.id()).isEqualTo("c0");
        assertThat(removed.text()).endsWith("at last");
        assertThat(removed.metadata())
                .containsEntry("stage", "near-duplicates")
                .containsEntry("duplicate-of", "part 0, row 20");
        assertThat(records.get(1).counts().get(1).removed()).isEqualTo(Map.of("duplicate", 20L));
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("near-duplicates: kept 60 documents");
    }

    @Test
    void everyFileIsTheSameOnAnyNumberOfCoresAndAfterAnInterruption() throws IOException {
        List<StepRecord> first = run(config("out", STEPS));
        spark.stop();
        spark = session("local[4]");
        List<StepRecord> other = run(config("other", STEPS));
        assertThat(other).isEqualTo(first);
        assertThat(files("other")).isEqualTo(files("out"));

        // as if the driver had died in the middle of the second step
        Files.delete(folder.resolve("other/2-exact-duplicates/step.json"));
        Files.delete(folder.resolve("other/2-exact-duplicates/parts/part-00001.json"));
        Files.delete(folder.resolve("other/2-exact-duplicates/kept/part-00001.parquet"));
        Files.writeString(folder.resolve("other/2-exact-duplicates/kept/.part-00001.7"), "half");
        delete(folder.resolve("other/3-near-duplicates"));
        printed.reset();
        assertThat(run(config("other", STEPS))).isEqualTo(first);
        assertThat(result.outcome()).isEqualTo(Outcome.DONE);
        assertThat(files("other")).isEqualTo(files("out"));
        run(config("other", STEPS));
        assertThat(result.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("filter: finished before", "exact-duplicates: resuming, 2 of 3 parts are done");

        // as if the disk had lost its power
        Files.delete(folder.resolve("other/2-exact-duplicates/step.json"));
        for (String empty : List.of(
                "2-exact-duplicates/claim.json",
                "2-exact-duplicates/duplicates/part-00001",
                "2-exact-duplicates/parts/part-00001.json",
                "2-exact-duplicates/parts/part-00000.json",
                "3-near-duplicates/step.json",
                "3-near-duplicates/kept/part-00002.parquet")) {
            Files.writeString(folder.resolve("other").resolve(empty), "");
        }
        assertThat(run(config("other", STEPS))).isEqualTo(first);
        assertThat(files("other")).isEqualTo(files("out"));
    }

    @Test
    void whatCannotBeReadIsLeftOutAndToldUnlessItIsTooMuch() throws IOException {
        Files.writeString(
                folder.resolve("corpus/d.jsonl"), "{\"text\": 5}\n{\"text\": \"whole\"}\n{\"text\": \"half\n");
        List<StepRecord> records = run(config("out", "[exact-duplicates]"));
        assertThat(result.outcome()).isEqualTo(Outcome.PARTLY_BAD);
        assertThat(records.get(0).bad()).isEqualTo(2);
        assertThat(records.get(0).documents()).isEqualTo(81);
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("left out: ", "d.jsonl, line 1: no text in column 'text'", "d.jsonl, line 3: not valid JSON");
        assertThat(documents("out/1-exact-duplicates/removed"))
                .filteredOn(document ->
                        document.metadata().getOrDefault("problem", "").contains("d.jsonl"))
                .hasSize(2);
        assertThatThrownBy(() -> run(config("strict", "[exact-duplicates]").with(List.of("max-bad=1"))))
                .isInstanceOfAny(UserException.class, CorruptInputException.class)
                .hasMessageContaining("d.jsonl");
    }

    @Test
    void manySmallFilesArePartsTogetherWithTheSameFilesOnAnyNumberOfCores() throws IOException {
        for (int i = 0; i < 300; i++) {
            Files.writeString(folder.resolve("corpus/small-" + i + ".txt"), "text " + i % 250);
        }
        List<StepRecord> records = run(config("out", "[exact-duplicates]"));
        assertThat(records.get(0).parts()).isEqualTo(2); // the lines, and the texts
        assertThat(records.get(0).documents()).isEqualTo(80 + 250);

        spark.stop();
        spark = session("local[7]");
        assertThat(run(config("seven", "[exact-duplicates]"))).isEqualTo(records);
        assertThat(files("seven")).isEqualTo(files("out"));
        Files.delete(folder.resolve("seven/1-exact-duplicates/step.json"));
        Files.delete(folder.resolve("seven/1-exact-duplicates/parts/part-00001.json"));
        assertThat(run(config("seven", "[exact-duplicates]"))).isEqualTo(records);
        assertThat(files("seven")).isEqualTo(files("out"));
    }

    @Test
    void anInputThatGivesNothingIsNamedAndIsNoSuccess() throws IOException {
        Path blank = Files.writeString(folder.resolve("blank.jsonl"), "\n");
        run(config("out", "[exact-duplicates]")
                .with(List.of("inputs=[{path: '" + folder.resolve("corpus") + "'}, {path: '" + blank + "'}]")));
        assertThat(result.outcome()).isEqualTo(Outcome.INPUT_WITHOUT_DOCUMENTS);
        assertThat(result.outcome().plainExitCode()).isOne();
        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains(
                        "warning: nothing of the input " + blank + " could be read (1 of jsonl with 1 bytes: no row)");
    }

    @Test
    void tooManyBadRowsOfSeveralFilesStayTooManyWhenTheCommandIsGivenAgain() throws IOException {
        Files.writeString(folder.resolve("corpus/d.jsonl"), "{\"text\": 5}\n");
        Files.writeString(folder.resolve("corpus/e.jsonl"), "{\"text\": 6}\n");
        Settings strict = config("strict", "[exact-duplicates]").with(List.of("max-bad=1"));
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> run(strict))
                    .isInstanceOf(UserException.class)
                    .hasMessageContaining("2 bad rows, more than max-bad 1");
        }
        assertThat(run(strict.with(List.of("max-bad=2")))).hasSize(1);
    }

    @Test
    void sourcesAreTakenAsOftenAsTheyAreWorth() throws IOException {
        String steps = "[{mixture: {weights: [{source: '**/a.jsonl', weight: 2.5}, {source: '**/b*', weight: 0}]}}]";
        List<StepRecord> records = run(config("out", steps));
        List<Document> kept = documents("out/1-mixture/kept");
        assertThat(kept).filteredOn(d -> d.id().matches("a\\d+")).hasSize(60);
        assertThat(kept).filteredOn(d -> d.id().matches("a\\d+#2")).hasSize(60);
        assertThat(kept).filteredOn(d -> d.id().matches("a\\d+#3")).hasSizeBetween(15, 45);
        assertThat(kept).filteredOn(d -> d.id().startsWith("b")).isEmpty();
        assertThat(kept).filteredOn(d -> d.id().startsWith("c")).hasSize(20);
        assertThat(records.get(0).sources().get(0).documentsIn()).isEqualTo(100);
        assertThat(records.get(0).documents()).isEqualTo(kept.size());
        assertThat(records.get(0).bytes())
                .isEqualTo(kept.stream().mapToLong(d -> d.text().length()).sum());
        assertThat(documents("out/1-mixture/removed")).hasSize(20);
    }

    @Test
    void anOutputBelongsToOnePipelineAndOneStateOfItsInputs() throws IOException {
        run(config("out", "[exact-duplicates]"));
        Files.writeString(folder.resolve("corpus/d.jsonl"), "{\"text\": \"new\"}\n");
        assertThatThrownBy(() -> run(config("out", "[exact-duplicates]")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("out/1-exact-duplicates holds the work of another step (its inputs were others)");
    }

    /** Duplicates that were looked for with other signatures are not taken for those of today. */
    @Test
    void signaturesOfAnotherVersionAreNotMixedWithThoseOfToday() throws IOException {
        run(config("out", "[near-duplicates]"));
        Path claim = folder.resolve("out/1-near-duplicates/claim.json");
        String written = Files.readString(claim);
        Files.writeString(claim, written.replace(", signatures " + MinHash.VERSION, ""));
        assertThatThrownBy(() -> run(config("out", "[near-duplicates]")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("out/1-near-duplicates holds the work of another step (near-duplicates{");
    }

    @Test
    void aNightKeepsWhatNoEarlierNightHas() throws IOException {
        write(folder.resolve("corpus/d.jsonl"), "d", List.of(words(new Random(2), 120), words(new Random(3), 120)));
        run(config("all", STEPS));
        run(night("monday", "a"));
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("looked for in 0 files of earlier runs");
        assertThat(documents("nights/monday/3-near-duplicates/kept")).hasSize(60);

        run(night("tuesday", "{b,c,d}"));

        assertThat(documents("nights/tuesday/2-exact-duplicates/removed")).hasSize(20);
        assertThat(documents("nights/tuesday/3-near-duplicates/removed"))
                .hasSize(20)
                .allMatch(document ->
                        document.metadata().getOrDefault("duplicate-of", "").startsWith("part 0, row "));
        assertThat(documents("nights/tuesday/3-near-duplicates/kept"))
                .extracting(Document::id)
                .containsExactly("d0", "d1");
        List<Document> both = documents("nights/*/3-near-duplicates/kept");
        assertThat(both)
                .extracting(Document::id)
                .isEqualTo(documents("all/3-near-duplicates/kept").stream()
                        .map(Document::id)
                        .toList());
        // its own documents are not earlier ones
        run(night("tuesday", "{b,c,d}"));
        assertThat(result.outcome()).isEqualTo(Outcome.NOTHING_TO_DO);
        // Tuesday's documents were none of Monday's business
        assertThatThrownBy(() -> run(night("monday", "a")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("its inputs were others");
        assertThat(again(night("monday", "a"))).isEqualTo(Outcome.NOTHING_TO_DO);
        assertThatThrownBy(() -> again(night("monday", "b")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("its inputs were others");
        assertThat(again(night("wednesday", "a"))).isEqualTo(Outcome.DONE);
        assertThat(documents("nights/wednesday/3-near-duplicates/kept")).isEmpty();
    }

    private Outcome again(Settings settings) {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return new CorpusJob(spark, CorpusConfig.of(settings), out)
                .run(CorpusJob.Earlier.HAD_ITS_TIME)
                .outcome();
    }

    private Settings night(String name, String files) {
        return config("nights/" + name, STEPS)
                .with(List.of(
                        "inputs=[{path: '" + folder.resolve("corpus") + "/" + files + ".jsonl'}]",
                        "earlier=[{path: '" + folder.resolve("nights") + "/*/3-near-duplicates/kept'}]"));
    }

    private Settings config(String output, String steps) {
        return Settings.parse(
                "test",
                "{inputs: [{path: '" + folder.resolve("corpus") + "'}], output: '" + folder.resolve(output)
                        + "', steps: " + steps + "}");
    }

    private List<StepRecord> run(Settings settings) {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        result = new CorpusJob(spark, CorpusConfig.of(settings), out).run();
        return result.steps();
    }

    private List<Document> documents(String place) throws IOException {
        Storage storage = new Storage(new Configuration());
        List<Document> documents = new ArrayList<>();
        Input input = new Input(folder.resolve(place).toString(), "", Format.PARQUET, "text", "id", "**");
        for (InputFile file : InputFile.list(List.of(input), storage)) {
            try (DocumentReader reader = DocumentReader.open(file.parts(1).get(0), storage)) {
                for (Optional<Document> next = reader.next(); next.isPresent(); next = reader.next()) {
                    documents.add(next.get());
                }
            }
        }
        return documents;
    }

    /** All files below a folder but those that tell where it is. */
    private SortedMap<String, Integer> files(String place) throws IOException {
        SortedMap<String, Integer> files = new TreeMap<>();
        Path root = folder.resolve(place);
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), java.util.Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void write(Path file, String prefix, List<String> texts) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            lines.add("{\"id\": \"" + prefix + i + "\", \"text\": \"" + texts.get(i) + "\"}");
        }
        Files.write(file, lines);
    }

    private static String words(Random random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : " ");
            random.ints(3 + random.nextInt(6), 'a', 'z' + 1).forEach(text::appendCodePoint);
        }
        return text.toString();
    }
}
