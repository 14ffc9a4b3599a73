package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.conf.PrepareConfig;
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
import org.hopespark.data.source.Document;
import org.hopespark.data.source.DocumentReader;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.LocalFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PrepareJobTest {
    @TempDir
    private Path folder;

    private PrepareRuns runs;

    @BeforeEach
    void start() {
        runs = new PrepareRuns(folder);
    }

    @AfterEach
    void stop() {
        runs.close();
    }

    @Test
    void whatComesOutDoesNotDependOnParallelism() throws IOException {
        List<Map<String, Object>> corpus = runs.corpus();
        String two = runs.run(runs.config("two", corpus)).sha256();
        runs.restart("local[1]");
        String one = runs.run(runs.config("one", corpus)).sha256();
        runs.restart("local[7]");
        String seven = runs.run(runs.config("seven", corpus)).sha256();

        assertThat(one).isEqualTo(two);
        assertThat(seven).isEqualTo(two);
        assertThat(Files.readString(folder.resolve("two/manifest.json.sha256"))).isEqualTo(two + "  manifest.json\n");
    }

    @Test
    void aRelaunchAfterAKillMakesOnlyTheMissingLanesAndGivesTheSameDataSet() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        String whole = runs.run(config).sha256();
        Path kept = folder.resolve("out/lane-00000-of-00004.parquet");
        Files.delete(folder.resolve("out/manifest.json"));
        Files.delete(folder.resolve("out/lane-00002-of-00004.parquet"));
        Files.delete(folder.resolve("out/_work/lane-00003-of-00004.json"));
        Files.writeString(folder.resolve("out/_work/lane-00003-of-00004.parquet.99"), "half a lane");
        Object keptBefore = Files.getLastModifiedTime(kept);

        assertThat(runs.run(config).sha256()).isEqualTo(whole);

        assertThat(runs.output()).contains("resuming: 3 of 5 lanes are finished");
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(keptBefore);
        assertThat(folder.resolve("out/_work/lane-00003-of-00004.parquet.99")).doesNotExist();
        assertThat(runs.verify(config)).isZero();
    }

    /** As a disk leaves it that has lost its power: files that are there, with nothing in them. */
    @Test
    void unfinishedWorkThatCannotBeReadIsMadeAgain() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        String whole = runs.run(config).sha256();
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
        assertThat(runs.run(config).sha256()).isEqualTo(whole);
        assertThat(runs.verify(config)).isZero();
    }

    @Test
    void aSchedulerIsToldWhatHappened() throws IOException {
        runs.corpus();
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
        List<Map<String, Object>> corpus = runs.corpus();
        Manifest before = runs.run(runs.config("before", corpus));
        assertThat(ManifestDifference.between(before, runs.run(runs.config("same", corpus))))
                .isEmpty();
        Files.writeString(folder.resolve("corpus/b.jsonl"), "{\"text\": \"one more\"}\n");
        List<Map<String, Object>> more = new ArrayList<>(corpus);
        more.add(Map.of("path", folder.resolve("corpus/b.jsonl").toString()));
        Manifest after = runs.run(runs.config("after", more, "seed=2"));
        assertThat(ManifestDifference.between(before, after))
                .anyMatch(line -> line.startsWith("packing: ") && line.contains("seed=1") && line.contains("seed=2"))
                .contains("input added: b.jsonl, 1 documents")
                .contains("shards: 5 of 5 differ")
                .noneMatch(line -> line.startsWith("tokenizer") || line.startsWith("input changed"));
        assertThat(ManifestDifference.between(after, before)).contains("input gone: b.jsonl, 1 documents");
    }

    @Test
    void aFinishedDataSetIsLeftAlone() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        String first = runs.run(config).sha256();
        assertThat(runs.output())
                .contains("documents                               3")
                .contains("read and tokenize: ")
                .contains("removed by read (empty): 1 documents")
                .contains("manifest                    " + first);

        assertThat(runs.run(config).sha256()).isEqualTo(first);
        assertThat(runs.output()).contains("nothing to do: " + config.output());
    }

    @Test
    void aDamagedLaneIsFoundAndMadeAnew() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        String first = runs.run(config).sha256();
        Path lane = folder.resolve("out/lane-00001-of-00004.parquet");
        byte[] bytes = Files.readAllBytes(lane);
        bytes[bytes.length / 2] ^= 1;
        Files.write(lane, bytes);

        assertThat(runs.verify(config)).isPositive();
        assertThat(runs.output()).contains("lane-00001-of-00004.parquet SHA-256: expected");

        Files.delete(lane);
        assertThat(runs.run(config).sha256()).isEqualTo(first);
        assertThat(runs.verify(config)).isZero();
    }

    @Test
    void anOutputThatHoldsAnotherDataSetIsRefused() throws IOException {
        List<Map<String, Object>> corpus = runs.corpus();
        runs.run(runs.config("out", corpus));

        assertThatThrownBy(() -> runs.run(runs.config("out", corpus, "seed=2")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("holds a different data set (different: seed: 2 asked for, 1 there); choose")
                .hasMessageContaining("choose another output or delete that folder");
        Files.delete(folder.resolve("out/manifest.json"));
        assertThatThrownBy(() -> runs.run(runs.config("out", corpus.subList(0, 1))))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("the unfinished work of a different data set (different: input files");
    }

    @Test
    void aLaneHoldsItsDocumentsWholeAndInTheOrderOfTheirKeys() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus(), "lanes=1", "validation-fraction=0");
        Packing packing = runs.run(config).recipe().packing();
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
        try (TokenBatches batches =
                DataSet.open(config.output(), LocalFiles.STORAGE).batches(1, 1, 1)) {
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
        assertThat(runs.verify(config)).isZero();
    }

    @Test
    void stagesRemoveDocumentsAndAreCountedUnderTheirNames() throws IOException {
        PrepareConfig config = runs.config(
                "out",
                runs.corpus(),
                "stages=[normalise, {gopher-quality: {least-words: 50, least-mean-word-characters: 0,"
                        + " least-alphabetic-words: 0, least-stop-words: 0}}]");
        long few = Files.readAllLines(folder.resolve("corpus/a.jsonl")).stream()
                .filter(line -> line.replaceFirst(".*\"text\": ", "").split(" |\\\\n").length <= 50)
                .count();

        Manifest manifest = runs.run(config);

        assertThat(few).isPositive();
        assertThat(manifest.recipe().stages())
                .containsExactlyElementsOf(
                        config.stages().stream().map(StageConfig::describe).toList());
        StageCount quality = manifest.stages().get(2);
        assertThat(quality.name()).isEqualTo(config.stages().get(1).describe());
        assertThat(quality.documentsIn()).isEqualTo(355);
        assertThat(quality.documentsOut()).isEqualTo(355 - few);
        assertThat(quality.removed()).containsExactly(Map.entry("gopher: too few words", few));
        assertThat(runs.output()).contains("removed by gopher-quality (gopher: too few words): " + few + " documents");
    }

    @Test
    void theManifestCountsDocumentsByFileAndSplit() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        runs.run(config);
        DataSet dataSet = DataSet.open(config.output(), LocalFiles.STORAGE);
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
        runs.run(runs.config("out", runs.corpus()));

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
