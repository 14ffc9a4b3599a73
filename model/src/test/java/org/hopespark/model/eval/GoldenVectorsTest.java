package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The published sets, scored by models that are functions of the text, against values from an implementation apart from
 * this one. Needs {@code -Dhope.data=FOLDER} with {@code eval/zero-shot}; for the raw file also
 * {@code corpus/wikitext-2}.
 */
class GoldenVectorsTest {
    @ParameterizedTest
    @ValueSource(strings = {"hellaswag", "piqa", "social_iqa"})
    void multipleChoiceAsksAndCountsAsTheReference(String task) throws IOException {
        JsonNode golden = golden().path(task);
        int docs = golden.path("docs").asInt();
        TextModel shortest = new TextModel((context, continuation) -> -utf8(continuation).length);
        assertAccuracies(golden, "A", measure(task, shortest));
        assertThat(shortest.requests).hasSize(golden.path("requests").asInt());
        assertThat(checksum(shortest.requests))
                .isEqualTo(golden.path("crc32_of_requests").asText());

        List<Measurement> b = measure(task, new TextModel(GoldenVectorsTest::checksum));
        assertAccuracies(golden, "B", b);
        double p = b.get(0).value();
        assertThat(b.get(0).n()).isEqualTo(docs).isEqualTo(Tasks.named(task).documents());
        assertThat(b.get(0).standardError()).isCloseTo(Math.sqrt(p * (1 - p) / (docs - 1)), within(1e-12));
    }

    private static void assertAccuracies(JsonNode golden, String model, List<Measurement> found) {
        for (Measurement measurement : found) {
            String name = measurement.metric() + "_" + model;
            assertThat(golden.has(name)).as(name).isTrue();
            assertThat(measurement.value()).as(name).isCloseTo(golden.path(name).asDouble(), within(1e-12));
        }
    }

    @Test
    void lambadaAsksAsTheReference() throws IOException {
        JsonNode golden = golden().path("lambada_openai");
        TextModel model = new TextModel((context, continuation) -> checksum(context, continuation) / 100);
        List<Measurement> found = measure("lambada_openai", model);
        assertThat(found.get(0).n()).isEqualTo(golden.path("docs").asInt()).isEqualTo(5_153);
        assertThat(checksum(model.requests))
                .isEqualTo(golden.path("crc32_of_requests").asText());
        assertThat(found.get(0).value())
                .isCloseTo(golden.path("perplexity_B_over_100").asDouble(), within(1e-9));
    }

    /** The published sets without golden values: how many questions, and how often each choice is the right one. */
    @Test
    void theOtherSetsAreWhole() {
        for (String task : List.of("winogrande", "arc_easy", "arc_challenge", "boolq")) {
            List<Measurement> found = measure(task, new TextModel((context, continuation) -> 0));
            assertThat(found.get(0).n()).as(task).isEqualTo(Tasks.named(task).documents());
        }
        // who always says no is right where the answer is not yes: 1 - 0.6217
        assertThat(measure("boolq", new TextModel((context, continuation) -> 0))
                        .get(0)
                        .value())
                .isCloseTo(1 - 0.6217, within(5e-5));
    }

    private static String checksum(List<Request> requests) {
        CRC32 crc = new CRC32();
        requests.forEach(r -> crc.update(utf8(r.context() + "\0" + r.continuation() + "\1")));
        return "%08x".formatted(crc.getValue());
    }

    @Test
    void wikitextCountsAndDetokenisesAsTheReference() throws Exception {
        JsonNode golden = golden().path("wikitext");
        TextModel model = new TextModel((context, document) -> -0.4 * utf8(document).length);
        List<Measurement> found = measure("wikitext", model);
        assertThat(model.documents).hasSize(62);
        String joined = String.join("\0", model.documents);
        assertThat(utf8(joined).length - 61)
                .isEqualTo(golden.path("bytes_detokenized").asInt());
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8(joined))))
                .isEqualTo(golden.path("sha256_detokenized_joined_by_u0000").asText());
        for (Measurement measurement : found) {
            assertThat(measurement.value())
                    .as(measurement.metric())
                    .isCloseTo(golden.path(measurement.metric()).asDouble(), within(1e-9));
        }
        assertThat(found)
                .extracting(Measurement::metric)
                .containsExactly("word_perplexity", "byte_perplexity", "bits_per_byte");
    }

    @Test
    void theRawFileHoldsTheSamePages() throws IOException {
        Path raw = data("corpus/wikitext-2/wiki.test.raw");
        List<String> pages = WikiText.pages(new TaskFile(raw), 0);
        assertThat(pages)
                .isEqualTo(WikiText.pages(new TaskFile(data("eval/zero-shot/wikitext2_test_pages.jsonl.gz")), 0));
        assertThat(pages.stream().mapToLong(PythonText::words).sum()).isEqualTo(241_335);
        assertThat(pages.stream().mapToLong(p -> utf8(p).length).sum()).isEqualTo(1_290_527);
    }

    private static double checksum(String context, String continuation) {
        CRC32 crc = new CRC32();
        crc.update(utf8(context + "\0" + continuation));
        return -((crc.getValue() % 1_000_003) / 1000.0);
    }

    private static List<Measurement> measure(String name, LanguageModel model) {
        Task task = Tasks.named(name);
        return task.measure(TaskFiles.find(task, List.of(data("eval/zero-shot"))), 0, model);
    }

    private static JsonNode golden() throws IOException {
        return new ObjectMapper().readTree(data("eval/zero-shot/golden.json").toFile());
    }

    private static Path data(String name) {
        String folder = System.getProperty("hope.data", "");
        assumeTrue(!folder.isEmpty(), "needs -Dhope.data=FOLDER with the published evaluation sets");
        Path path = Path.of(folder, name);
        assumeTrue(Files.exists(path), () -> "no " + path);
        return path;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
