package org.hopespark.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LevelScheduleTest {
    private static final LevelSchedule SCHEDULE =
            new LevelSchedule(List.of(new Level(1, 1, 1), new Level(2, 4, 1), new Level(3, 16, 1)), 0);

    @Test
    void aDueLevelMakesEveryFasterLevelDue() {
        for (long step = 1; step <= 64; step++) {
            List<Integer> due = SCHEDULE.dueAt(step).stream().map(Level::index).toList();
            assertThat(due).isEqualTo(step % 16 == 0 ? List.of(1, 2, 3) : step % 4 == 0 ? List.of(1, 2) : List.of(1));
        }
    }

    @Test
    void stepsCountFromOne() {
        assertThatThrownBy(() -> SCHEDULE.dueAt(0)).hasMessage("steps count from 1, got 0");
    }

    @Test
    void aPeriodThatDoesNotDivideTheNextIsRefused() {
        assertThatThrownBy(() -> new LevelSchedule(List.of(new Level(1, 4, 1), new Level(2, 6, 1)), 0))
                .hasMessage("C^(1) = 4 must divide C^(2) = 6");
        assertThatThrownBy(() -> new Level(1, 0, 1)).hasMessage("period-steps must be >= 1, got 0");
    }

    @Test
    void allThatIsWrongWithALevelOrAScheduleIsSaidAtOnce() {
        assertThatThrownBy(() -> new Level(0, 4, 4, -1, WireFormat.INT8, 5, Reduction.SUM_OF_UPDATES))
                .hasMessageContaining("a level's index counts from 1, got 0")
                .hasMessageContaining("the phase of level 0 must be >= 0 and below C^(0) = 4, got 4")
                .hasMessageContaining("learning-rate-factor must be >= 0, got -1")
                .hasMessageContaining("delay-steps must be >= 0 and below period-steps 4, got 5")
                .hasMessageContaining("delay-steps 5 and int8 wire: choose one approximation for a level")
                .hasMessageContaining("delay-steps 5 and reduction sum-of-updates");
        assertThatThrownBy(() -> new LevelSchedule(List.of(new Level(1, 4, 1), new Level(3, 6, 1)), -1))
                .hasMessageContaining("warm-up must have >= 0 steps, got -1")
                .hasMessageContaining("found index 3 at place 2")
                .hasMessageContaining("C^(1) = 4 must divide C^(3) = 6");
    }

    @Test
    void blocksThatTakeTurnsAreEachDueOnceAPeriodAndEvenly() {
        RunConfig config = RunConfig.parse("test", """
                model: {blocks: 6}
                training: {warmup-steps: 0}
                levels:
                  - {period-steps: 1, continuum-hidden: 8}
                  - {period-steps: 4, continuum-hidden: 8}
                  - {period-steps: 12, continuum-hidden: 8, stagger: true}
                """);
        LevelSchedule schedule = config.schedule();
        assertThat(schedule.count()).isEqualTo(3);
        assertThat(schedule.levels().stream()
                        .filter(level -> level.index() == 3)
                        .map(Level::phaseSteps))
                .containsExactly(0L, 2L, 4L, 6L, 8L, 10L);
        for (int block = 0; block < 6; block++) {
            Level part = schedule.of(3, block, 6);
            assertThat(part.phaseSteps()).isEqualTo(2L * block);
            assertThat(schedule.dueAt(12 - part.phaseSteps())).contains(part);
            assertThat(schedule.of(2, block, 6)).isEqualTo(schedule.first(2));
        }
        for (long step = 1; step <= 24; step++) {
            assertThat(schedule.dueAt(step).stream().filter(level -> level.index() == 3))
                    .hasSize(step % 2 == 0 ? 1 : 0);
        }
    }

    @Test
    void moreBlocksThanStepsShareTurns() {
        RunConfig config = RunConfig.parse("test", """
                model: {blocks: 6}
                levels: [{period-steps: 1}, {period-steps: 4, continuum-hidden: 8, stagger: true}]
                """);
        assertThat(config.schedule().levels().stream().map(Level::phaseSteps)).containsExactly(0L, 0L, 1L, 2L, 3L);
        assertThat(config.schedule().of(2, 4, 6).phaseSteps()).isEqualTo(2);
    }

    @Test
    void noSlowLevelIsDueBeforeWarmUpHasEnded() {
        LevelSchedule schedule = new LevelSchedule(SCHEDULE.levels(), 10);
        for (long step = 1; step <= 64; step++) {
            List<Level> closing = SCHEDULE.dueAt(step);
            List<Level> due = step < 10 ? closing.subList(0, 1) : closing;
            assertThat(schedule.dueAt(step)).as("step %d", step).isEqualTo(due);
            assertThat(schedule.droppedAt(step))
                    .as("step %d", step)
                    .isEqualTo(closing.subList(due.size(), closing.size()));
        }
        assertThat(new LevelSchedule(SCHEDULE.levels(), 8).dueAt(8))
                .as("the learning rate is at its peak at the last step of warm-up")
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 1", "0, 3, 1", "0, 4, 1", "0, 5, 5", "0, 10, 9", "1, 3, 1", "1, 4, 4", "3, 1, 1", "3, 2, 2"})
    void firstStepThatReachesALevelFollowsTheLastWindowThatIsDropped(long phase, long warmupSteps, long expected) {
        Level level = new Level(1, 4, phase, 1, WireFormat.FLOAT32, 0, Reduction.MEAN);
        LevelSchedule schedule = new LevelSchedule(List.of(level), warmupSteps);
        assertThat(schedule.firstStep(level)).isEqualTo(expected);
        long dropped = 0;
        for (long step = 1; step < warmupSteps; step++) {
            dropped = schedule.droppedAt(step).isEmpty() ? dropped : step;
        }
        assertThat(expected).isEqualTo(dropped + 1);
    }

    @Test
    void windowsHaveAllStepsOfTheirPeriodButTheFirstOfAPhase() {
        Level level = new Level(1, 4, 1, 1, WireFormat.FLOAT32, 0, Reduction.MEAN);
        assertThat(LongStream.rangeClosed(1, 8).map(level::windowSteps))
                .containsExactly(1L, 2L, 3L, 3L, 3L, 3L, 4L, 4L);
        assertThat(LongStream.rangeClosed(1, 8).filter(level::closesWindowAt)).containsExactly(3L, 7L);
    }
}
