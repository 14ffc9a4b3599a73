package org.hopespark.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationRequestsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"hellaswag, 1", "hellaswag, 3", "hellaswag, 30", "winogrande, 3", "lambada_openai, 2", "wikitext, 2"})
    void whatWorkersAnswerTogetherIsWhatOneModelAnswers(String name, int workers) throws IOException {
        write();
        Task task = Tasks.named(name);
        LanguageModel model = new TextModel(EvaluationRequestsTest::arbitrary);
        EvaluationRequests questionnaire = new EvaluationRequests(task, List.of(folder), 0);

        List<List<Likelihood>> answers = new ArrayList<>();
        for (int rank = 0; rank < workers; rank++) {
            answers.add(questionnaire.questions().share(rank, workers).answers(model));
        }

        assertThat(questionnaire.measurements(answers))
                .isEqualTo(task.measure(TaskFiles.find(task, List.of(folder)), 0, model));
        int most = answers.stream().mapToInt(List::size).max().orElse(0);
        int all = answers.stream().mapToInt(List::size).sum();
        assertThat(most).as("shares are alike").isLessThanOrEqualTo(all / workers + 4);
    }

    @Test
    void sharesHaveLikeLengths() {
        List<String> documents = List.of("a".repeat(900), "b".repeat(10), "c".repeat(500), "d".repeat(420));
        TaskRequests all = new TaskRequests("t", List.of(new Request("e".repeat(50), " f")), documents);
        TaskRequests one = all.share(0, 2);
        TaskRequests other = all.share(1, 2);
        assertThat(one.documents()).containsExactly(documents.get(0));
        assertThat(one.requests()).hasSize(1);
        assertThat(other.documents()).containsExactly(documents.get(1), documents.get(2), documents.get(3));
    }

    @Test
    void whatFollowsOneContextStaysTogether() throws IOException {
        write();
        TaskRequests all = new EvaluationRequests(Tasks.named("hellaswag"), List.of(folder), 5).questions();
        assertThat(all.requests()).hasSize(15);
        assertThat(IntStream.range(0, 2)
                        .mapToObj(rank -> all.share(rank, 2).requests().stream()
                                .map(Request::context)
                                .distinct()
                                .count()))
                .containsExactly(3L, 2L);
    }

    @Test
    void missingAnswersAndTasksThatWriteAreRefused() throws IOException {
        write();
        EvaluationRequests questionnaire = new EvaluationRequests(Tasks.named("hellaswag"), List.of(folder), 2);
        assertThatThrownBy(() -> questionnaire.measurements(List.of(List.of(new Likelihood(-1, 1, true)))))
                .hasMessageContaining("worker 0 of 1 was asked 6 questions of hellaswag and has given 1 answers");
        Task writing = new Writing();
        assertThatThrownBy(() -> new EvaluationRequests(writing, List.of(folder), 1))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("asks for more than likelihoods");
    }

    private static final class Writing implements Task {
        @Override
        public String name() {
            return "writing";
        }

        @Override
        public int version() {
            return 1;
        }

        @Override
        public List<NeededFile> files() {
            return List.of();
        }

        @Override
        public OutputType outputType() {
            return OutputType.GENERATE_UNTIL;
        }

        @Override
        public int documents() {
            return 0;
        }

        @Override
        public List<Measurement> measure(TaskFiles files, int limit, LanguageModel model, SampleLog log) {
            return List.of(Measurement.plain(
                    "length", model.write(List.of("a"), 3).get(0).length(), 1));
        }
    }

    /** A number that every text has of its own. */
    private static double arbitrary(String context, String continuation) {
        CRC32 sum = new CRC32();
        sum.update((context + "|" + continuation).getBytes(StandardCharsets.UTF_8));
        return -(sum.getValue() % 1000) / 100.0;
    }

    private void write() throws IOException {
        StringBuilder hellaswag = new StringBuilder();
        StringBuilder winogrande = new StringBuilder();
        StringBuilder lambada = new StringBuilder();
        StringBuilder wikitext = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            hellaswag.append("{\"query\": \"q%d\", \"choices\": [\"a\", \"bb\", \"c%d\"], \"gold\": %d}%n"
                    .formatted(i, i, i % 3));
            winogrande.append(
                    "{\"sentence\": \"%d: the _ was first.\", \"option1\": \"hen\", \"option2\": \"egg\", \"answer\": \"%d\"}%n"
                            .formatted(i, 1 + i % 2));
            lambada.append("{\"text\": \"passage %d says %d\"}%n".formatted(i, i));
            wikitext.append("{\"page\": \" = Title %d = %n %n Some text . %n\"}%n"
                    .formatted(i)
                    .replace("\n \n", "\\n \\n")
                    .replace(" \n\"", " \\n\""));
        }
        Files.writeString(folder.resolve("hellaswag_val.jsonl"), hellaswag);
        Files.writeString(folder.resolve("winogrande_validation.jsonl"), winogrande);
        Files.writeString(folder.resolve("lambada_openai_test.jsonl"), lambada);
        Files.writeString(folder.resolve("wikitext2_test_pages.jsonl"), wikitext);
    }
}
