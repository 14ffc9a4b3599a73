package org.hopespark.jobs.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.hopespark.cli.PrepareCommand;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.LocalFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Inputs of which something cannot be read. */
class BadRowsTest {
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
    void badRowsAreLeftOutWithPlaceAndReasonAndMaxBadStopsTheJob() throws IOException {
        List<Map<String, Object>> corpus = runs.corpus();
        Files.writeString(
                folder.resolve("corpus/a.jsonl"),
                "{\"text\": \"fine\"}\n{\"body\": \"no text\"}\n{\"text\": \"also fine\"}\n");

        assertThatThrownBy(() -> runs.run(runs.config("out", corpus, "max-bad=0")))
                .isInstanceOf(CorruptInputException.class)
                .hasMessageContaining("a.jsonl, line 2: no text in column 'text'");

        Manifest manifest = runs.run(runs.config("out", corpus));
        assertThat(manifest.documentsBySource()).containsEntry("a.jsonl", 2L);
        assertThat(manifest.bad()).isEqualTo(1);
        assertThat(runs.output()).contains("left out: ").contains("a.jsonl, line 2");
        assertThat(folder.resolve("out/_bad/rows.jsonl"))
                .content()
                .isEqualTo(
                        "{\"place\":\"file:" + folder.resolve("corpus/a.jsonl") + ", line 2\",\"problem\":\"no text in"
                                + " column 'text' (--text-column, or text-column of the input, names another)\",\"source\":\"a.jsonl\"}\n");
        assertThatThrownBy(() -> runs.run(runs.config("out", corpus, "max-bad=0")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("1 bad rows, more than max-bad 0");
    }

    @Test
    void anInputOfWhichNothingCanBeReadIsAMistakeEvenAmongOthers() throws IOException {
        List<Map<String, Object>> inputs = new ArrayList<>(runs.corpus().subList(0, 1));
        Path lost = Files.writeString(folder.resolve("lost.jsonl"), "{\"text\": 1}\n{\"text\": 2}\n");
        inputs.add(Map.of("path", lost.toString()));

        assertThatThrownBy(() -> runs.run(runs.config("lost", inputs)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("nothing of the input " + lost + " could be read")
                .hasMessageContaining("lost.jsonl, line 1: no text in column 'text'");
        Files.writeString(lost, "{\"text\": 1}\n{\"text\": \"2\"}\n");
        assertThat(runs.run(runs.config("found", inputs)).bad()).isEqualTo(1);
    }

    @Test
    void anInputThatGivesNothingEndsTheCommandWithAnErrorAndSoDoesAFormatInOne() throws IOException {
        Path good = Files.createDirectories(folder.resolve("good"));
        Files.writeString(good.resolve("a.jsonl"), "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
        Path blank = Files.writeString(folder.resolve("blank.jsonl"), "\n");
        List<Map<String, Object>> inputs = List.of(Map.of("path", good.toString()), Map.of("path", blank.toString()));
        assertThatThrownBy(() -> runs.run(runs.config("blank", inputs)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "nothing of the input " + blank + " could be read (1 of jsonl with 1 bytes: no row)");

        Files.writeString(good.resolve("b.warc"), "no crawl");
        String[] command = {"--input=" + good, "--output=" + folder.resolve("out"), "--tokenizer=bytes"};
        assertThat(new CommandLine(new PrepareCommand()).execute(command)).isOne();
        assertThat(DataSet.open(folder.resolve("out").toString(), LocalFiles.STORAGE)
                        .manifest()
                        .training()
                        .documents())
                .isOne();
    }

    @Test
    void badRowsAreListedInTheSameOrderOnAnyNumberOfCores() throws IOException {
        List<Map<String, Object>> corpus = runs.corpus();
        Path jar = folder.resolve("corpus/sources.jar");
        byte[] bytes = Files.readAllBytes(jar);
        for (int at = 10_000; at < bytes.length - 40_000; at += 10_000) {
            bytes[at] ^= 0x55;
        }
        Files.write(jar, bytes);
        Files.writeString(folder.resolve("corpus/a.jsonl"), "nope\n".repeat(12) + "{\"text\": \"whole\"}\n");
        runs.run(runs.config("two", corpus));
        runs.restart("local[7]");
        runs.run(runs.config("seven", corpus));

        List<String> rows = Files.readAllLines(folder.resolve("two/_bad/rows.jsonl"));
        assertThat(rows).hasSizeGreaterThan(22).isEqualTo(Files.readAllLines(folder.resolve("seven/_bad/rows.jsonl")));
        assertThat(rows.get(9)).contains("a.jsonl, line 10");
    }

    @Test
    void aBrokenArchiveCountsOnceHoweverManyPartsItHas() throws IOException {
        runs.corpus();
        List<Map<String, Object>> corpus =
                List.of(Map.of("path", folder.resolve("corpus").toString(), "entries", "**/*.java"));
        byte[] jar = Files.readAllBytes(folder.resolve("corpus/sources.jar"));
        Files.write(folder.resolve("corpus/sources.jar"), java.util.Arrays.copyOf(jar, jar.length - 30_000));

        Manifest manifest = runs.run(runs.config("out", corpus));

        assertThat(manifest.stages().get(0).removed()).containsEntry("corrupt", 1L);
    }

    @Test
    void inputsThatAreMissingOrEmptyAreRefused() {
        List<Map<String, Object>> missing =
                List.of(Map.of("path", folder.resolve("nowhere").toString()));

        assertThatThrownBy(() -> runs.run(runs.config("out", missing)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such input: ");
    }

    @Test
    void aFileThatIsGoneOrLockedWhenTheJobBeginsIsWrittenDownAndItsNeighboursComeThrough() throws IOException {
        PrepareConfig config = runs.config("out", runs.corpus());
        List<InputFile> files = runs.inputs(config);
        Files.delete(folder.resolve("corpus/notes/n1.txt"));
        Path locked = folder.resolve("corpus/notes/n2.txt");
        Files.setPosixFilePermissions(locked, Set.of());
        boolean readable = Files.isReadable(locked); // root reads everything

        Manifest manifest = runs.run(config, files);

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
}
