package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.model.eval.EvaluationRequests;
import org.hopespark.model.eval.Likelihood;
import org.hopespark.model.eval.Tasks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sixteen passages of LAMBADA, of which a model knows the last word of the first few. */
final class TaskMergerTest {
    private static final int PASSAGES = 16;

    @TempDir
    private Path folder;

    private TaskMerger merger = new TaskMerger(config(16), List.of());

    @BeforeEach
    void aTask() throws IOException {
        Files.writeString(
                folder.resolve("lambada_openai_test.jsonl"),
                IntStream.range(0, PASSAGES)
                        .mapToObj(i -> "{\"text\": \"" + i + " is a number\"}\n")
                        .collect(Collectors.joining()));
        merger = merger(16);
    }

    @Test
    void scoresAreThoseOfAllWorkersTogether() throws IOException {
        assertThat(merger.reported(part(10, 0, 2, 12))).isEmpty();
        List<ObjectNode> lines = merger.reported(part(10, 1, 2, 12));
        assertThat(lines).extracting(line -> line.path("metric").asText()).containsExactly("perplexity", "acc");
        assertThat(lines.get(0).path("value").asDouble()).isCloseTo(Math.exp((12 * 1 + 4 * 2) / 16.0), within(1e-9));
        assertThat(lines.get(1).path("value").asDouble()).isEqualTo(0.75);
        assertThat(lines.get(1).path("n").asLong()).isEqualTo(16);
        assertThat(lines.get(1).path("type").asText()).isEqualTo("task");
    }

    @Test
    void whatAnAttemptHasLeftHalfReportedCountsNoMore() throws IOException {
        assertThat(merger.reported(part(10, 1, 2, 0))).isEmpty();
        merger.begin();
        assertThat(merger.reported(part(10, 0, 2, 16))).isEmpty();
        assertThat(merger.reported(part(10, 1, 2, 16)).get(1).path("value").asDouble())
                .isEqualTo(1);
    }

    @Test
    void aScoreThatFallsByMoreThanChanceIsWarnedOf() throws IOException {
        assertThat(alone(merger, 10, 12)).hasSize(2);
        assertThat(alone(merger, 20, 10)).as("within three errors").hasSize(2);
        List<ObjectNode> lines = alone(merger, 30, 3);
        assertThat(lines).extracting(line -> line.path("type").asText()).contains("warning");
        assertThat(lines.toString())
                .contains("acc of lambada_openai is 0.1875 at step 30, and was 0.7500 at step 10")
                .contains("perplexity of lambada_openai is ");
        assertThat(alone(merger, 40, 16)).as("better").hasSize(2);
    }

    @Test
    void whatAnAbandonedAttemptHasFoundLaterIsNoStandard() throws IOException {
        alone(merger, 10, 8);
        alone(merger, 20, 16);
        assertThat(alone(merger, 10, 8)).as("step 10 again").hasSize(2);
        assertThat(alone(merger, 20, 7)).as("step 20 again").hasSize(2);
        assertThat(alone(merger, 30, 7)).hasSize(2);
    }

    @Test
    void aPerplexityThatIsNoNumberIsWarnedOf() throws IOException {
        alone(merger, 10, 8);
        assertThat(merger.reported(part(20, 0, 1, 8, -1e6)).toString())
                .contains("perplexity of lambada_openai is Infinity at step 20");
        assertThat(alone(merger, 30, 8)).hasSize(2);
    }

    @Test
    void anotherStartOfTheRunKnowsWhatTheFirstHasFound() throws IOException {
        List<ObjectNode> earlier = alone(merger, 10, 16);
        TaskMerger next = merger(16);
        earlier.forEach(line -> next.replay(line.toString()));
        next.replay("{\"type\": \"task\", \"st");
        assertThat(alone(next, 20, 3).toString()).contains("was 1.0000 at step 10");
        TaskMerger other = merger(0);
        earlier.forEach(line -> other.replay(line.toString()));
        assertThat(alone(other, 20, 3)).as("other documents").hasSize(2);
    }

    private TaskMerger merger(int documents) {
        return new TaskMerger(
                config(documents),
                List.of(new EvaluationRequests(Tasks.named("lambada_openai"), List.of(folder), documents)));
    }

    private static EvaluationConfig config(int documents) {
        return RunConfig.read("quickstart", List.of("evaluation.documents=" + documents))
                .evaluation();
    }

    private static List<ObjectNode> alone(TaskMerger merger, long step, int known) throws IOException {
        return merger.reported(part(step, 0, 1, known));
    }

    /** A known word has a log-likelihood of -1 and is the model's choice, another one of -2. */
    private static JsonNode part(long step, int rank, int ranks, int known) throws IOException {
        return part(step, rank, ranks, known, -2);
    }

    private static JsonNode part(long step, int rank, int ranks, int known, double unknown) throws IOException {
        return RunJson.MAPPER.readTree(WorkerMessages.answers(
                step,
                rank,
                ranks,
                "lambada_openai",
                IntStream.range(0, PASSAGES)
                        .filter(i -> i % ranks == rank)
                        .mapToObj(i -> new Likelihood(i < known ? -1 : unknown, 1, i < known))
                        .toList(),
                0.1));
    }
}
