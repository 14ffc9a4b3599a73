package org.hopespark.conf;

import java.util.List;

/**
 * Which levels are due at which step: a pure function of the step, so that no two workers can disagree.
 *
 * <p>Steps count from 1. Each period divides the next one, so a due level makes every faster level due.
 *
 * @param levels fastest first, indexed 1, 2, ...
 */
public record LevelSchedule(List<Level> levels) {
    public LevelSchedule {
        levels = List.copyOf(levels);
        if (levels.isEmpty()) {
            throw new IllegalArgumentException("a schedule needs at least one level");
        }
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            if (level.index() != i + 1) {
                throw new IllegalArgumentException("levels are listed fastest first from 1, found index "
                        + level.index() + " at place " + (i + 1));
            }
            if (i > 0 && level.periodSteps() % levels.get(i - 1).periodSteps() != 0) {
                throw new IllegalArgumentException(
                        "C^(" + i + ") = " + levels.get(i - 1).periodSteps() + " must divide C^(" + (i + 1) + ") = "
                                + level.periodSteps());
            }
        }
    }

    /** The levels whose window closes at {@code step} (from 1), fastest first. */
    public List<Level> dueAt(long step) {
        if (step < 1) {
            throw new IllegalArgumentException("steps count from 1, got " + step);
        }
        return levels.stream().filter(level -> level.isDueAt(step)).toList();
    }

    /** Whether no level has an open window after {@code step}: all accumulators are empty. */
    public boolean isQuiescentAfter(long step) {
        return step % levels.get(levels.size() - 1).periodSteps() == 0;
    }
}
