package org.hopespark.jobs.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.Settings;
import org.hopespark.data.corpus.StepFolder;
import org.hopespark.data.shard.Manifest;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.schedule.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All malformed inputs at once, through the jobs. */
class BadInputJobTest {
    @TempDir
    private Path folder;

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

    @AfterEach
    void stop() {
        spark.stop();
    }

    @Test
    void theJobsLoseNothingGoodAndWriteDownAllThatIsBad() throws IOException {
        List<BadInputs.Case> all = readable();
        check(IntStream.range(0, all.size())
                .filter(i -> i % 20 == 2)
                .mapToObj(all::get)
                .toList());
    }

    @Test
    @Tag("slow")
    void theyDoSoWithTheWholeTable() throws IOException {
        check(readable());
    }

    /** A column that is missing is a mistake in the settings, which the jobs refuse. */
    private static List<BadInputs.Case> readable() {
        return BadInputs.all().stream()
                .filter(bad -> !bad.reason().startsWith("no column of texts"))
                .toList();
    }

    private void check(List<BadInputs.Case> cases) throws IOException {
        Path corpus = folder.resolve("corpus");
        for (int i = 0; i < cases.size(); i++) {
            Path place = Files.createDirectories(corpus.resolve("case-" + i));
            cases.get(i).maker().make(place);
            Files.writeString(
                    place.resolve("good.jsonl"), "{\"id\": \"good\", \"text\": \"good text of " + i + "\"}\n");
        }
        BadInputTest.Seen seen = BadInputTest.read(new Input(corpus.toString(), "", Format.AUTO, "text", "id", "**"));
        assertThat(seen.ids()).filteredOn("good"::equals).hasSize(cases.size());
        assertThat(seen.problems()).isNotEmpty();
        PrintStream quiet = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);

        Settings steps = Settings.parse(
                "test",
                "{inputs: [{path: '" + corpus + "'}], output: '" + folder.resolve("steps")
                        + "', steps: [{filter: {stages: []}}]}");
        CorpusJob.Result filtered = new CorpusJob(spark, CorpusConfig.of(steps), quiet).run();

        assertThat(filtered.outcome()).isEqualTo(Outcome.INPUT_WITHOUT_DOCUMENTS); // of some formats all is bad
        assertThat(filtered.steps().get(0).documents()).isEqualTo(seen.ids().size());
        assertThat(filtered.steps().get(0).bad()).isEqualTo(seen.bad());
        assertThat(BadInputTest.read(new Input(
                                folder.resolve("steps/1-filter/kept").toString(),
                                "",
                                Format.PARQUET,
                                "text",
                                "id",
                                "**"))
                        .ids())
                .containsExactlyInAnyOrderElementsOf(seen.ids());
        List<StepFolder.Removed> removed =
                new StepFolder(folder.resolve("steps/1-filter").toString(), BadInputTest.STORAGE).removed(8, 100);
        assertThat(removed)
                .filteredOn(row -> row.reason().equals("corrupt"))
                .isNotEmpty()
                .allSatisfy(row ->
                        assertThat(row.document().metadata().get("problem")).startsWith("file:" + corpus));

        PrepareConfig packing = PrepareConfig.of(new Settings(
                "test",
                Map.of(
                        "inputs",
                        List.of(Map.of("path", corpus.toString())),
                        "output",
                        folder.resolve("data").toString(),
                        "tokenizer",
                        "bytes",
                        "lanes",
                        2)));
        Manifest manifest = PrepareJob.run(spark, packing, quiet);

        assertThat(manifest.documentsBySource().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(seen.ids().size());
        assertThat(manifest.bad()).isEqualTo(seen.bad());
        assertThat(Files.readAllLines(folder.resolve("data/_bad/rows.jsonl")))
                .hasSize(seen.problems().size());
    }
}
