package org.hopespark.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.hopespark.model.eval.EvaluationSettings;
import org.junit.jupiter.api.Test;

final class CellQueueTest {
    private static final Map<String, Long> BYTES = Map.of("piqa", 100L, "wikitext", 300L, "hellaswag", 900L);

    private final CellQueue queue = new CellQueue(
            Stream.of("step-1", "step-2")
                    .flatMap(checkpoint -> Stream.of("piqa", "wikitext", "hellaswag")
                            .map(task -> new PlannedCell(
                                    0,
                                    Hashes.of(checkpoint, task, ""),
                                    new Cell(
                                            checkpoint, checkpoint, task, "", "", EvaluationSettings.DEFAULT, "", ""))))
                    .toList(),
            task -> Objects.requireNonNull(BYTES.get(task)));

    @Test
    void theLargestComesFirstUntilItIsKnownWhichIsTheLongest() {
        assertThat(ended(20)).isEqualTo("hellaswag on step-1");
        assertThat(ended(50)).isEqualTo("wikitext on step-1");
        assertThat(ended(30)).isEqualTo("piqa on step-1");
        assertThat(List.of(ended(1), ended(1), ended(1)))
                .containsExactly("wikitext on step-2", "piqa on step-2", "hellaswag on step-2");
    }

    @Test
    void whatIsNotKnownComesBeforeWhatIs() {
        ended(20);
        PlannedCell slow = queue.take();
        ended(30);
        assertThat(queue.take().cell()).hasToString("wikitext on step-2");
        queue.ended(slow, 10);
        assertThat(queue.take().cell()).hasToString("piqa on step-2");
    }

    @Test
    void theTimeThatIsLeftIsThatOfTheSameTasksAtThePaceSoFar() {
        assertThat(queue.left(1)).isZero();
        ended(20);
        ended(50);
        // two executors: 35 seconds have passed for 70; left are piqa twice, which is as others are, 20 and 50
        assertThat(queue.left(35)).isEqualTo((2 * 35 + 20 + 50) / 2.0, within(1e-9));
        ended(0);
        assertThat(queue.left(35)).isEqualTo((35 + 20 + 50) / 2.0, within(1e-9));
    }

    private String ended(double seconds) {
        PlannedCell next = queue.take();
        queue.ended(next, seconds);
        return next.cell().toString();
    }
}
