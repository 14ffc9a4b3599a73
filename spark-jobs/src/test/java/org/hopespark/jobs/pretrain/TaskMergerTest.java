package org.hopespark.jobs.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.TaskPart;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvent.TaskScored;
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
    void scoresAreThoseOfAllWorkersTogether() {
        assertThat(merger.reported(part(10, 0, 2, 12))).isEmpty();
        List<RunEvent> events = merger.reported(part(10, 1, 2, 12));
        assertThat(events).map(event -> ((TaskScored) event).metric()).containsExactly("perplexity", "acc");
        assertThat(score(events, 0).value()).isCloseTo(Math.exp((12 * 1 + 4 * 2) / 16.0), within(1e-9));
        assertThat(score(events, 1).value()).isEqualTo(0.75);
        assertThat(score(events, 1).n()).isEqualTo(16);
    }

    @Test
    void whatAnAttemptHasLeftHalfReportedCountsNoMore() {
        assertThat(merger.reported(part(10, 1, 2, 0))).isEmpty();
        merger.begin();
        assertThat(merger.reported(part(10, 0, 2, 16))).isEmpty();
        assertThat(score(merger.reported(part(10, 1, 2, 16)), 1).value()).isEqualTo(1);
    }

    @Test
    void aScoreThatFallsByMoreThanChanceIsWarnedOf() {
        assertThat(alone(merger, 10, 12)).hasSize(2);
        assertThat(alone(merger, 20, 10)).as("within three errors").hasSize(2);
        List<RunEvent> events = alone(merger, 30, 3);
        assertThat(events).anyMatch(RunEvent.Warning.class::isInstance);
        assertThat(events.toString())
                .contains("acc of lambada_openai is 0.1875 at step 30, and was 0.7500 at step 10")
                .contains("perplexity of lambada_openai is ");
        assertThat(alone(merger, 40, 16)).as("better").hasSize(2);
    }

    @Test
    void whatAnAbandonedAttemptHasFoundLaterIsNoStandard() {
        alone(merger, 10, 8);
        alone(merger, 20, 16);
        assertThat(alone(merger, 10, 8)).as("step 10 again").hasSize(2);
        assertThat(alone(merger, 20, 7)).as("step 20 again").hasSize(2);
        assertThat(alone(merger, 30, 7)).hasSize(2);
    }

    @Test
    void aPerplexityThatIsNoNumberIsWarnedOf() {
        alone(merger, 10, 8);
        assertThat(merger.reported(part(20, 0, 1, 8, -1e6)).toString())
                .contains("perplexity of lambada_openai is Infinity at step 20");
        assertThat(alone(merger, 30, 8)).hasSize(2);
    }

    @Test
    void anotherStartOfTheRunKnowsWhatTheFirstHasFound() {
        List<RunEvent> earlier = alone(merger, 10, 16);
        TaskMerger next = merger(16);
        earlier.forEach(next::replay);
        assertThat(alone(next, 20, 3).toString()).contains("was 1.0000 at step 10");
        TaskMerger other = merger(0);
        earlier.forEach(other::replay);
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

    private static TaskScored score(List<RunEvent> events, int index) {
        return (TaskScored) events.get(index);
    }

    private static List<RunEvent> alone(TaskMerger merger, long step, int known) {
        return merger.reported(part(step, 0, 1, known));
    }

    /** A known word has a log-likelihood of -1 and is the model's choice, another one of -2. */
    private static TaskPart part(long step, int rank, int ranks, int known) {
        return part(step, rank, ranks, known, -2);
    }

    private static TaskPart part(long step, int rank, int ranks, int known, double unknown) {
        return new TaskPart(
                rank,
                ranks,
                step,
                "lambada_openai",
                IntStream.range(0, PASSAGES)
                        .filter(i -> i % ranks == rank)
                        .mapToObj(i -> new Likelihood(i < known ? -1 : unknown, 1, i < known))
                        .toList(),
                0.1);
    }
}
