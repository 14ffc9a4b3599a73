package org.hopespark.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LevelScheduleTest {
    private static final LevelSchedule SCHEDULE =
            new LevelSchedule(List.of(new Level(1, 1, 1), new Level(2, 4, 1), new Level(3, 16, 1)));

    @Test
    void aDueLevelMakesEveryFasterLevelDue() {
        for (long step = 1; step <= 64; step++) {
            List<Integer> due = SCHEDULE.dueAt(step).stream().map(Level::index).toList();
            assertThat(due).isEqualTo(step % 16 == 0 ? List.of(1, 2, 3) : step % 4 == 0 ? List.of(1, 2) : List.of(1));
            assertThat(SCHEDULE.isQuiescentAfter(step)).isEqualTo(step % 16 == 0);
        }
    }

    @Test
    void stepsCountFromOne() {
        assertThatThrownBy(() -> SCHEDULE.dueAt(0)).hasMessage("steps count from 1, got 0");
    }

    @Test
    void aPeriodThatDoesNotDivideTheNextIsRefused() {
        assertThatThrownBy(() -> new LevelSchedule(List.of(new Level(1, 4, 1), new Level(2, 6, 1))))
                .hasMessage("C^(1) = 4 must divide C^(2) = 6");
        assertThatThrownBy(() -> new Level(1, 0, 1)).hasMessage("C^(1) must be >= 1 step, got 0");
    }
}
