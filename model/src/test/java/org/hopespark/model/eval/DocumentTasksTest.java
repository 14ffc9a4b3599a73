package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions about long documents and translation of languages that are read in the context. */
final class DocumentTasksTest {
    private static final String PATIENTS = """
            {"patient_01": {"name": "A", "texts": {"text_0": " Monday: the knee. ", "text_1": "Tuesday: the hip."},
              "questions": [
                {"No": 0, "question": "When the hip?", "answer_a": "Monday", "answer_b": "Tuesday", "answer_c": "Friday",
                 "answer_d": "Sunday", "answer_e": "Never", "correct": "Tuesday"},
                {"No": 1, "question": "When the knee?", "answer_a": "Monday", "answer_b": "Tuesday", "answer_c": "Friday",
                 "answer_d": "Sunday", "answer_e": "Never", "correct": "Monday"}]},
             "patient_02": {"texts": {"text_0": "Nothing."}, "questions": [
                {"No": 0, "question": "When the hip?", "answer_a": "Monday", "answer_b": "Tuesday", "answer_c": "Friday",
                 "answer_d": "Sunday", "answer_e": "Never", "correct": "Never"}]}}
            """;
    private static final String PAPERS = """
            {"1909.00694": {"title": "T", "abstract": "A", "full_text": [
                {"section_name": "Introduction", "paragraphs": ["one", "two"]}, {"section_name": null, "paragraphs": []}],
              "qas": [
                {"question": "spans?", "answers": [{"answer": {"unanswerable": false, "extractive_spans": ["x", "y"],
                  "yes_no": null, "free_form_answer": ""}}, {"answer": {"unanswerable": true}}]},
                {"question": "none?", "answers": [{"answer": {"unanswerable": true, "extractive_spans": []}}]},
                {"question": "no?", "answers": [{"answer": {"unanswerable": false, "extractive_spans": [],
                  "yes_no": false, "free_form_answer": ""}}]},
                {"question": "free?", "answers": [{"answer": {"unanswerable": false, "extractive_spans": [],
                  "yes_no": null, "free_form_answer": "some words"}}]}]}}
            """;

    @TempDir
    private Path folder;

    @Test
    void aPatientsLettersStandBeforeEachQuestion() throws IOException {
        Files.writeString(folder.resolve("benchmark_v5.json"), PATIENTS);
        // always the hip's day
        TextModel model = new TextModel((context, answer) -> answer.equals(" Tuesday") ? -1 : -2);
        List<Measurement> found = measure("longhealth", 0, model);
        assertThat(model.requests).hasSize(15);
        assertThat(model.requests.get(6))
                .isEqualTo(new Request(
                        "Monday: the knee.\n\nTuesday: the hip.\n\nQuestion: When the knee?\nAnswer:", " Tuesday"));
        assertThat(found.get(0)).satisfies(acc -> {
            assertThat(acc.metric()).isEqualTo("acc");
            assertThat(acc.value()).isCloseTo(1.0 / 3, within(1e-15));
            assertThat(acc.n()).isEqualTo(3);
            assertThat(acc.chance()).isEqualTo(0.2);
        });
        assertThat(measure("longhealth", 1, model).get(0).value()).isEqualTo(1);
    }

    @Test
    void aPaperStandsBeforeItsQuestionsAndTheFirstAnswerCounts() throws IOException {
        Files.writeString(folder.resolve("qasper-test-v0.3.json"), PAPERS);
        TextModel model = new TextModel((context, answer) -> answer.equals(" some words") ? -3 : -1);
        List<Measurement> found = measure("qasper", 0, model);
        assertThat(model.requests)
                .extracting(Request::continuation)
                .containsExactly(" x, y", " Unanswerable", " No", " some words");
        assertThat(model.requests.get(0).context())
                .isEqualTo("T\n\nA\n\nIntroduction\n\none\n\ntwo\n\n\n\nQuestion: spans?\nAnswer:");
        // of four tokens, one each
        assertThat(found.get(0).value()).isCloseTo(Math.exp(6.0 / 4), within(1e-12));
    }

    /** Writes what a function of the prompt says. */
    private static final class Translator extends TextModel {
        final List<String> prompts = new ArrayList<>();

        Translator() {
            super((context, continuation) -> -1);
        }

        @Override
        public List<String> write(List<String> asked, int newTokens) {
            prompts.addAll(asked);
            return asked.stream()
                    .map(prompt -> prompt.endsWith("Kalamang: mu\nEnglish:") ? " they\nKalamang: more" : " nothing")
                    .toList();
        }
    }

    @Test
    void languagesAreReadOneAfterTheOtherAndAskedAtTheEnd() throws IOException {
        Path splits = Files.createDirectories(folder.resolve("mtob/splits"));
        Files.writeString(splits.resolve("train_examples.json"), """
                [{"big-bench-canary": "x"}, {"original": "I", "translation": "an", "original_id": 1}]""");
        Files.writeString(splits.resolve("test_examples_ke.json"), """
                [{"big-bench-canary": "x"}, {"original": "mu", "ground_truth": "they"},
                 {"original": "ka", "ground_truth": "you  all"}]""");
        Files.writeString(folder.resolve("manchu_train.json"), """
                [{"original": "one", "translation": "emu"}]""");
        Files.writeString(folder.resolve("manchu_test.json"), """
                [{"original": "juwe", "ground_truth": "nothing"}]""");
        Translator model = new Translator();

        List<Measurement> found = measure("ctnl_kalamang_manchu", 0, model);

        assertThat(model.prompts)
                .containsExactly(
                        "Kalamang: an\nEnglish: I\n\nManchu: emu\nEnglish: one\n\nKalamang: mu\nEnglish:",
                        "Kalamang: an\nEnglish: I\n\nManchu: emu\nEnglish: one\n\nKalamang: ka\nEnglish:",
                        "Kalamang: an\nEnglish: I\n\nManchu: emu\nEnglish: one\n\nManchu: juwe\nEnglish:");
        assertThat(found).extracting(Measurement::part).containsExactly("", "kalamang", "manchu");
        assertThat(found.get(1).value())
                .isEqualTo(
                        new ChrF().add("they", "they").add("nothing", "you all").score());
        assertThat(found.get(2).value()).isEqualTo(100);
        assertThat(found.get(0).value()).isEqualTo((found.get(1).value() + 100) / 2);
        assertThat(found.get(0).n()).isEqualTo(3);
        assertThat(measure("ctnl_kalamang", 1, model)).singleElement().satisfies(alone -> {
            assertThat(alone.part()).isEmpty();
            assertThat(alone.value()).isEqualTo(100);
        });
    }

    /** Short ones are examples of sacreBLEU; the others are from a program that gives its long examples, too. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a | a | 100",
                "a | b | 0",
                "'' | reference | 0",
                "aa | ab | 25",
                "' Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. '"
                        + " | Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich."
                        + " | 64.818123726097",
                "' risk assessment must be made of those who are qualified and expertise in the sector - these are the"
                        + " scientists .' | risk assessment has to be undertaken by those who are qualified and expert"
                        + " in that area - that is the scientists . | 63.43165368117262"
            })
    void chrfIsThatOfThePublishedTool(String written, String reference, double expected) {
        assertThat(new ChrF().add(written, reference).score()).isCloseTo(expected, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "longhealth | longhealth.json | [1] | the file must be an object, found array",
                "longhealth | longhealth.json | {\"p\": {\"texts\": {\"t\": 3}}} | p.texts.t must be a text, found 3",
                "longhealth | longhealth.json | {} | the file must be patients with questions, found object",
                "longhealth | longhealth.json | {\"p\": {\"texts\": {}, \"questions\": [{\"question\": \"q\","
                        + " \"answer_a\": \"1\", \"answer_b\": \"2\", \"answer_c\": \"3\", \"answer_d\": \"4\","
                        + " \"answer_e\": \"5\", \"correct\": \"6\"}]}}"
                        + " | p.questions[0].correct must be one of the five answers, found \"6\"",
                "qasper | qasper.json | {\"p\": {\"title\": \"t\", \"abstract\": \"a\", \"full_text\": [], \"qas\":"
                        + " [{\"question\": \"q\", \"answers\": [{\"answer\": {\"free_form_answer\": \" \"}}]}]}}"
                        + " | p.qas[0].answers[0].answer must be an answer with text",
                "ctnl_kalamang | kalamang_train.json | [{\"original\": \"x\"}] | [0].translation must be a text, found nothing"
            })
    void whatIsNotAsPublishedIsNamedWithItsPlace(String task, String file, String content, String message)
            throws IOException {
        Files.writeString(folder.resolve(file), content);
        Files.writeString(folder.resolve("kalamang_test.json"), "[]");
        assertThatThrownBy(() -> measure(task, 0, new TextModel((context, answer) -> -1)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(file + ": " + message);
    }

    private List<Measurement> measure(String name, int limit, LanguageModel model) {
        Task task = Tasks.named(name);
        return task.measure(TaskFiles.find(task, List.of(folder)), limit, model);
    }
}
