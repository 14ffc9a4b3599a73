package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TasksTest {
    private static final String LINE =
            "{\"query\": \"q\", \"choices\": [\"one\", \"two\", \"three\", \"four\"], \"gold\": 1}\n";

    @TempDir
    private Path folder;

    @Test
    void amongEqualChoicesTheFirstIsTaken() throws IOException {
        write("hellaswag_val.jsonl", """
                {"query": "q", "choices": ["aa", "bb", "cc"], "gold": 0}
                {"query": "q", "choices": ["aa", "bb", "cc"], "gold": 0}
                {"query": "q", "choices": ["aa", "bb", "cc"], "gold": 1}
                {"query": "q", "choices": ["aa", "bb", "cc"], "gold": 2}
                """);
        List<Measurement> found = measure("hellaswag", 0, new TextModel((context, continuation) -> -1));
        assertThat(found).extracting(Measurement::value).containsExactly(0.5, 0.5);
        assertThat(found).extracting(Measurement::n).containsExactly(4L, 4L);
    }

    @Test
    void accuracyIsNormalisedByCodePointsWithoutTheSpace() throws IOException {
        // By code points: -6/1 < -8/2; by Java's chars (2 and 2) or bytes (4 and 2) the first would win.
        write("hellaswag_val.jsonl", "{\"query\": \"q\", \"choices\": [\"\ud83d\ude00\", \"bb\"], \"gold\": 1}\n");
        LanguageModel model = new TextModel((context, continuation) -> continuation.equals(" bb") ? -8 : -6);
        List<Measurement> found = measure("hellaswag", 0, model);
        assertThat(found).extracting(Measurement::metric).containsExactly("acc", "acc_norm");
        assertThat(found).extracting(Measurement::value).containsExactly(0.0, 1.0);
        assertThat(MultipleChoice.Metric.ACC_BYTES.length("\ud83d\ude00")).isEqualTo(4);
    }

    @Test
    void theStandardErrorIsOfTheMean() {
        // Mean 0.25, squared deviations 0.75 in sum, variance 0.75 / 3, divided by n = 4.
        Measurement mean = Measurement.mean("acc", new double[] {1, 0, 0, 0}, 0.25);
        assertThat(mean.value()).isEqualTo(0.25);
        assertThat(mean.standardError()).isCloseTo(0.25, within(1e-15));
        assertThat(Measurement.mean("acc", new double[] {1}, 0.25).standardError())
                .isNaN();
    }

    @Test
    void aPublishedLineBecomesCleanTexts() throws IOException {
        write("hellaswag_val.jsonl", """
                {"activity_label": "Canoeing", "ctx_a": "Two are seen.", "ctx_b": "the OTHER", "label": "2",\
                 "endings": [" rows. [title] Then rest  now [step] ok", "b", "c", "d"]}
                """);
        TextModel model = new TextModel((context, continuation) -> -1);
        measure("hellaswag", 0, model);
        assertThat(model.requests.get(0).context()).isEqualTo("Canoeing: Two are seen. The other");
        assertThat(model.requests.get(0).continuation()).isEqualTo(" rows.. Then rest now ok");
    }

    @Test
    void theLimitTakesTheFirstDocuments() throws IOException {
        write("hellaswag_val.jsonl", LINE.repeat(5));
        assertThat(measure("hellaswag", 3, new TextModel((context, continuation) -> -1)))
                .allSatisfy(m -> assertThat(m.n()).isEqualTo(3));
    }

    @Test
    void wikitextCountsThePublishedPageAndScoresTheDetokenisedOne() throws IOException {
        write("wiki.test.raw", """
                \s
                 = First page =\s
                \s
                 A well @-@ known ( small ) " quote " , 1 @,@ 000 .\s
                \s
                 = = Section = =\s
                \s
                 = Second = page =\s
                 Text .
                """);
        assertThat(WikiText.pages(new TaskFile(folder.resolve("wiki.test.raw")), 0))
                .containsExactly(
                        " = First page = \n \n A well @-@ known ( small ) \" quote \" , 1 @,@ 000 . \n \n"
                                + " = = Section = = \n ",
                        " = Second = page = \n Text .\n");
        TextModel model = new TextModel((context, document) -> -Math.log(2) * 4);
        List<Measurement> found = measure("wikitext", 1, model);
        assertThat(model.documents)
                .containsExactly(" = First page =\n\nA well-known (small) \"quote\", 1,000.\n\n== Section ==\n");
        // Words by pieces between white space, an empty one at each end: 26 on this page; bytes: 93.
        assertThat(found.get(0).value()).isCloseTo(Math.pow(2, 4.0 / 26), within(1e-12));
        assertThat(found.get(1).value()).isCloseTo(Math.pow(2, 4.0 / 93), within(1e-12));
        assertThat(found.get(2).value()).isCloseTo(4.0 / 93, within(1e-12));
    }

    @Test
    void wordsArePartedByAnySpaceOfUnicode() {
        assertThat(PythonText.words(" a\u00a0b\u2003c\n\td ")).isEqualTo(6);
        assertThat(PythonText.words("a\u200bb")).isEqualTo(1);
        assertThat(PythonText.strip("\u00a0 a \u3000")).isEqualTo("a");
    }

    @Test
    void heldOutSumsBecomeLossPerplexityAndBits() {
        List<TaskResult> rows = new Evaluation(
                        new BigramModel("", 8), new BigramModel("", 8), EvaluationSettings.DEFAULT, RequestCache.NONE)
                .run(() -> new HeldOut.Sums(20 * Math.log(2), 10, 40));
        assertThat(rows).extracting(TaskResult::metric).containsExactly("loss", "perplexity", "bits_per_byte");
        assertThat(rows.get(0).value()).isCloseTo(2 * Math.log(2), within(1e-12));
        assertThat(rows.get(1).value()).isCloseTo(4, within(1e-12));
        assertThat(rows.get(2).value()).isCloseTo(0.5, within(1e-12));
        assertThat(rows.get(2).n()).isEqualTo(10);
        assertThat(rows.get(2).task()).isEqualTo("validation");
    }

    @Test
    void aWholeEvaluationSaysWhatDecidedItsNumbers() throws IOException {
        write("hellaswag_val.jsonl", LINE.repeat(2));
        BigramModel bigrams = new BigramModel(" two two two", 16);
        List<TaskResult> rows = new Evaluation(bigrams, bigrams, EvaluationSettings.DEFAULT, RequestCache.NONE)
                .run(Tasks.named("hellaswag"), List.of(folder));
        assertThat(rows)
                .containsExactly(
                        new TaskResult(
                                "hellaswag",
                                1,
                                "acc",
                                "",
                                1,
                                0,
                                2,
                                0.25,
                                16,
                                PrefixPolicy.WHEN_EMPTY,
                                "float32",
                                "bytes"),
                        new TaskResult(
                                "hellaswag",
                                1,
                                "acc_norm",
                                "",
                                1,
                                0,
                                2,
                                0.25,
                                16,
                                PrefixPolicy.WHEN_EMPTY,
                                "float32",
                                "bytes"));
    }

    @Test
    void thePromptsAreThoseOfTheReference() throws IOException {
        write("piqa_validation.jsonl", "{\"goal\": \"g\", \"sol1\": \"a \", \"sol2\": \"b\", \"label\": 1}\n");
        assertAsked("piqa", 1, "Question: g\nAnswer:| a ", "Question: g\nAnswer:| b");
        write(
                "winogrande_validation.jsonl",
                "{\"sentence\": \"So _ won .\", \"option1\": \"A\", \"option2\": \"B\", \"answer\": \"1\"}\n");
        assertAsked("winogrande", 0, "So A| won .", "So B| won .");
        write("arc_easy_test.jsonl", "{\"question\": \"q\", \"choices\": [\"a\", \"b\", \"c\"], \"gold\": 2}\n");
        assertAsked("arc_easy", 2, "Question: q\nAnswer:| a", "Question: q\nAnswer:| b", "Question: q\nAnswer:| c");
        // as the hub serves it, with letters or numbers
        write(
                "arc_easy_test.jsonl",
                "{\"question\": \"q\", \"choices\": {\"text\": [\"a\", \"b\"], \"label\": [\"1\", \"2\"]}, \"answerKey\": \"2\"}\n");
        assertAsked("arc_easy", 1, "Question: q\nAnswer:| a", "Question: q\nAnswer:| b");
        String published = "{\"id\": \"i\", \"answerKey\": \"2\", \"question\": {\"stem\": \"q\", \"choices\":"
                + " [{\"text\": \"a\", \"label\": \"1\"}, {\"text\": \"b\", \"label\": \"2\"}]}}\n";
        write("arc_easy_test.jsonl", published);
        assertAsked("arc_easy", 1, "Question: q\nAnswer:| a", "Question: q\nAnswer:| b");
        write("arc_easy_test.jsonl", published.replace("\"2\", \"q", "\"C\", \"q"));
        assertThatThrownBy(() -> measure("arc_easy", 0, new TextModel((c, t) -> -1)))
                .hasMessageContaining("line 1: \"answerKey\" must be one of the choices' labels [1, 2], found \"C\"");
        write(
                "siqa_validation.jsonl",
                "{\"context\": \"c.\", \"question\": \"q?\", \"answerA\": \"a\", \"answerB\": \"b\","
                        + " \"answerC\": \"c\", \"label\": \"2\"}\n");
        assertAsked("social_iqa", 1, "Q: c. q?\nA:| a", "Q: c. q?\nA:| b", "Q: c. q?\nA:| c");
        write("boolq_validation.jsonl", "{\"passage\": \"T -- p\", \"question\": \"q\", \"label\": true}\n");
        assertAsked("boolq", 1, "T -- p\nQuestion: q?\nAnswer:| no", "T -- p\nQuestion: q?\nAnswer:| yes");
        write("boolq_validation.jsonl", "{\"passage\": \"T -- p\", \"question\": \"q\", \"answer\": false}\n");
        assertAsked("boolq", 0, "T -- p\nQuestion: q?\nAnswer:| no", "T -- p\nQuestion: q?\nAnswer:| yes");
    }

    /** The choice {@code gold} is right: only a model that prefers it has accuracy 1. */
    private void assertAsked(String task, int gold, String... requests) throws IOException {
        for (int favourite = 0; favourite < requests.length; favourite++) {
            String liked = requests[favourite];
            TextModel model =
                    new TextModel((context, continuation) -> liked.equals(context + "|" + continuation) ? 0 : -9);
            assertThat(measure(task, 0, model).get(0).value()).as(liked).isEqualTo(favourite == gold ? 1 : 0);
            assertThat(model.requests)
                    .extracting(r -> r.context() + "|" + r.continuation())
                    .containsExactly(requests);
        }
    }

    @Test
    void lambadaAsksForTheLastPieceBetweenSingleSpaces() throws IOException {
        write("lambada_test.jsonl", """
                {"text": "one  two\\nthree  four"}
                {"text": "a b"}
                """);
        TextModel model = new TextModel((context, continuation) -> continuation.equals(" b") ? -1 : -3);
        List<Measurement> found = measure("lambada_openai", 0, model);
        assertThat(model.requests).containsExactly(new Request("one  two\nthree ", " four"), new Request("a", " b"));
        assertThat(found.get(0).value()).isCloseTo(Math.exp(2), within(1e-12));
        assertThat(found.get(0).standardError()).isPositive();
        assertThat(found.get(1).value()).isZero();
        write("lambada_test.jsonl", "{\"text\": \"alone\"}\n");
        assertThatThrownBy(() -> measure("lambada_openai", 0, model))
                .hasMessageContaining("lambada_test.jsonl line 1: a passage of one word");
    }

    @Test
    void anUnknownTaskIsToldItsNeighbours() {
        assertThatThrownBy(() -> Tasks.named("helaswag"))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("unknown task 'helaswag'; nearest: hellaswag");
        assertThat(Tasks.distance("kitten", "sitting")).isEqualTo(3);
    }

    @Test
    void aMissingFileIsToldWithItsNameAndFolder() {
        assertThatThrownBy(() -> measure("hellaswag", 0, new TextModel((c, t) -> -1)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no file 'questions' in " + folder)
                .hasMessageContaining("hellaswag_val.jsonl");
    }

    @Test
    void aBrokenLineIsToldWithItsFileLineAndRemedy() throws IOException {
        Path file = write("hellaswag_val.jsonl", LINE + "\n" + LINE.substring(0, 30));
        assertBroken(file + " line 3 is not valid JSON", "get the file again");
        write("hellaswag_val.jsonl", LINE + LINE.replace("1}", "4}"));
        assertBroken(file + " line 2: the right choice must lie in 0..3, got 4", "mend or remove");
        write("hellaswag_val.jsonl", LINE.replace("choices", "chioces"));
        assertBroken(file + " line 1: \"choices\" must be a list of texts, found nothing", "mend or remove");
        write("hellaswag_val.jsonl", LINE.replace("1}", "\"x\"}"));
        assertBroken(file + " line 1: \"gold\" must be a whole number, found \"x\"", "mend or remove");
        write("hellaswag_val.jsonl", "[1]\n");
        assertBroken(file + " line 1 is not a JSON object", "get the file again");
        write("hellaswag_val.jsonl", "");
        assertBroken(file + " is empty", "get the file again");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
        assertBroken(file + " is not UTF-8", "get the file again");
    }

    @Test
    void aTruncatedArchiveIsToldAsSuch() throws IOException {
        Path file = folder.resolve("hellaswag_val.jsonl.gz");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            lines.append(LINE.replace("three", "three " + i * 7919L % 10007));
        }
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
        }
        assertThat(measure("hellaswag", 0, new TextModel((c, t) -> -1)).get(0).n())
                .isEqualTo(2000);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        assertBroken(file + " ends in the middle at or after line", "get the file again");
        Files.write(file, new byte[] {1, 2, 3});
        assertBroken(file + " is not a gzip file", "get the file again");
    }

    @Test
    void everyDocumentIsLoggedWithItsAnswersAndScores() throws IOException {
        write("hellaswag_val.jsonl", LINE + LINE.replace("1}", "2}"));
        TextModel model = new TextModel((context, continuation) -> continuation.equals(" two") ? -1.5 : -4);
        List<LoggedSample> choices = logged("hellaswag", model);
        assertThat(choices).hasSize(2);
        assertThat(choices.get(1).line(1)).hasToString("""
                {"doc_id":1,"doc":{"query":"q","choices":["one","two","three","four"],"gold":2},"target":"2",\
                "arguments":{"gen_args_0":{"arg_0":"q","arg_1":" one"},"gen_args_1":{"arg_0":"q","arg_1":" two"},\
                "gen_args_2":{"arg_0":"q","arg_1":" three"},"gen_args_3":{"arg_0":"q","arg_1":" four"}},\
                "resps":[[["-4.0","False"]],[["-1.5","False"]],[["-4.0","False"]],[["-4.0","False"]]],\
                "filtered_resps":[["-4.0","False"],["-1.5","False"],["-4.0","False"],["-4.0","False"]],\
                "filter":"none","metrics":["acc","acc_norm"],\
                "doc_hash":"%s","prompt_hash":"%s","target_hash":"%s","acc":0.0,"acc_norm":0.0}""".formatted(
                        sha256("{\"query\":\"q\",\"choices\":[\"one\",\"two\",\"three\",\"four\"],\"gold\":2}"),
                        sha256("q"),
                        sha256("2")));
        assertThat(choices.get(0).scores()).hasToString("{acc=1.0, acc_norm=1.0}");

        write("lambada_test.jsonl", "{\"text\": \"a b\"}\n");
        LoggedSample passage = logged("lambada_openai", new TextModel((context, continuation) -> -3))
                .get(0);
        assertThat(passage.target()).isEqualTo(" b");
        assertThat(passage.scores().get("perplexity")).hasToString("-3.0");

        write("wikitext2_test_pages.jsonl", "{\"page\": \" = T = \\n b . \"}\n");
        LoggedSample page =
                logged("wikitext", new TextModel((context, continuation) -> -3)).get(0);
        // Words of the page as published, an empty one at each end among them.
        assertThat(page.scores().get("word_perplexity"))
                .hasToString("[" + page.line(0).path("resps").path(0).path(0).asText() + ",7]");
        assertThat(page.line(0).path("arguments").path("gen_args_0")).hasSize(1);
    }

    private List<LoggedSample> logged(String task, LanguageModel model) {
        Task found = Tasks.named(task);
        List<LoggedSample> samples = new ArrayList<>();
        found.measure(TaskFiles.find(found, List.of(folder)), 0, model, samples::add);
        return samples;
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertBroken(String what, String remedy) {
        assertThatThrownBy(() -> measure("hellaswag", 0, new TextModel((c, t) -> -1)))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(what)
                .hasMessageContaining(remedy);
    }

    private List<Measurement> measure(String task, int limit, LanguageModel model) {
        Task found = Tasks.named(task);
        return found.measure(TaskFiles.find(found, List.of(folder)), limit, model);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
