package org.hopespark.jobs.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.filter.FilteredPart;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.Document;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every malformed input beside a good one: what can be read of both is, and the rest is counted with its reason. */
@Timeout(value = 60, unit = TimeUnit.SECONDS) // against hanging
class BadInputTest {
    static final Storage STORAGE = new Storage(new Configuration());

    private static final List<BadInputs.Case> TABLE = BadInputs.all();

    @TempDir
    private Path folder;

    /** What came of some files; a problem may take several rows. */
    record Seen(List<String> ids, List<String> problems, long bad) {}

    static Stream<BadInputs.Case> cases() {
        return TABLE.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void whatIsBadIsCountedAndWhatIsGoodComesThrough(BadInputs.Case bad) throws IOException {
        Path place = Files.createDirectories(folder.resolve("case"));
        bad.maker().make(place);
        Files.writeString(
                place.resolve("good.jsonl"), "{\"id\": \"g1\", \"text\": \"1\"}\n{\"id\": \"g2\", \"text\": \"2\"}\n");

        Seen seen = read(new Input(place.toString(), "case", Format.AUTO, "text", "id", "**"));

        assertThat(seen.ids).contains("g1", "g2");
        List<String> ids = seen.ids.stream()
                .filter(id -> !id.equals("g1") && !id.equals("g2"))
                .toList();
        if (bad.atLeast() > 0) {
            assertThat(ids)
                    .startsWith(IntStream.range(0, bad.atLeast())
                            .mapToObj(i -> "r" + i)
                            .toArray(String[]::new));
        } else {
            assertThat(ids).as(() -> seen.problems.toString()).isEqualTo(bad.ids());
        }
        assertThat(seen.problems).hasSize(bad.bad() < 0 ? Math.max(1, seen.problems.size()) : bad.bad());
        assertThat(seen.problems.isEmpty() ? "" : seen.problems.get(0)).contains(bad.reason());
        assertThat(seen.problems)
                .allMatch(problem -> problem.startsWith("file:" + place))
                .noneMatch(problem -> problem.contains("(null)"));
    }

    @Test
    void theTableIsLong() {
        assertThat(TABLE)
                .hasSizeGreaterThanOrEqualTo(200)
                .extracting(BadInputs.Case::name)
                .doesNotHaveDuplicates();
    }

    @Test
    @Tag("slow")
    void aLineOfAGigabyteIsPassedOverAndItsNeighboursComeThrough() throws IOException {
        Path file = folder.resolve("long.jsonl.gz");
        byte[] megabyte = "a".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write("{\"id\": \"g1\", \"text\": \"1\"}\n{\"text\": \"".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 1024; i++) {
                out.write(megabyte);
            }
            out.write("\"}\n{\"id\": \"g2\", \"text\": \"2\"}\n".getBytes(StandardCharsets.US_ASCII));
        }

        Seen seen = read(new Input(file.toString(), "", Format.AUTO, "text", "id", "**"));

        assertThat(seen.ids).containsExactly("g1", "g2");
        assertThat(seen.problems).hasSize(1);
        assertThat(seen.problems.get(0)).contains("line 2").contains("longer than");
    }

    /** Needs a folder of test data with published crawls, some of them broken: -Dhope.data=FOLDER. */
    @Test
    void publishedCrawlsThatAreBrokenAreReadAsFarAsTheyGo() {
        String data = System.getProperty("hope.data", "");
        assumeTrue(!data.isEmpty(), "needs -Dhope.data=FOLDER with published crawls");
        Map<String, String> found = new TreeMap<>();
        for (String name : List.of(
                "bad.arc",
                "example-bad-non-chunked.warc.gz",
                "example-bad.warc.gz.bad",
                "example-trunc.warc",
                "example-wget-bad-target-uri.warc.gz",
                "example-wrong-chunks.warc.gz",
                "example-space-in-url.arc",
                "example.warc.gz")) {
            Seen seen = read(new Input(data + "/corpus/warc/warcio/" + name, "", Format.WARC, "text", "id", "**"));
            found.put(name, seen.ids.size() + " documents, " + seen.problems.size() + " bad");
        }
        assertThat(found)
                .isEqualTo(Map.of(
                        "bad.arc", "0 documents, 1 bad",
                        "example-bad-non-chunked.warc.gz", "1 documents, 0 bad",
                        "example-bad.warc.gz.bad", "1 documents, 0 bad",
                        "example-space-in-url.arc", "0 documents, 1 bad",
                        "example-trunc.warc", "0 documents, 2 bad",
                        "example-wget-bad-target-uri.warc.gz", "1 documents, 0 bad",
                        "example-wrong-chunks.warc.gz", "1 documents, 0 bad",
                        "example.warc.gz", "1 documents, 0 bad"));
    }

    static Seen read(Input input) {
        List<String> ids = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        FilteredPart.Removals removals = new FilteredPart.Removals() {
            @Override
            public void removed(Document document, String stage, String reason) {}

            @Override
            public void unreadable(CorruptInputException problem) {
                problems.add(problem.place() + ": " + problem.problem());
            }
        };
        long bad = 0;
        List<InputFile> files = InputFile.list(List.of(input), STORAGE);
        files = InputFile.seen(
                files, files.stream().map(file -> file.source(STORAGE)).toList());
        for (InputFile file : files) {
            for (InputPart piece : file.parts(64)) {
                try (FilteredPart part = new FilteredPart(piece, STORAGE, List.of(), Long.MAX_VALUE, removals)) {
                    part.forEachRemaining(document -> ids.add(document.id()));
                    bad += part.bad();
                }
            }
        }
        return new Seen(ids, problems, bad);
    }
}
