package org.hopespark.conf;

import java.util.List;

/**
 * Which levels are due at which step: a pure function of the step, so that no two workers can disagree.
 *
 * <p>Steps count from 1. Each period divides the next one, so a due level makes every faster level due; but for levels
 * whose blocks take turns, which are listed in as many parts as they have phases.
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
            int before = i == 0 ? 0 : levels.get(i - 1).index();
            if (level.index() != before + 1 && (level.phaseSteps() == 0 || level.index() != before)) {
                throw new IllegalArgumentException("levels are listed fastest first from 1, found index "
                        + level.index() + " at place " + (i + 1));
            }
            if (i > 0 && level.periodSteps() % levels.get(i - 1).periodSteps() != 0) {
                throw new IllegalArgumentException("C^(" + levels.get(i - 1).index() + ") = "
                        + levels.get(i - 1).periodSteps() + " must divide C^(" + level.index() + ") = "
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

    /**
     * The part of a level that a block's parameters belong to: block j of L reaches the boundaries of a level whose
     * blocks take turns floor(j C / L) steps before the first block does.
     */
    public Level of(int index, int block, int blocks) {
        Level first = first(index);
        long phase = phase(block, blocks, first.periodSteps());
        return levels.stream()
                .filter(level -> level.index() == index && level.phaseSteps() == phase)
                .findFirst()
                .orElse(first);
    }

    /** The part of a level that all parameters outside of blocks belong to; the level itself where it is whole. */
    public Level first(int index) {
        return levels.stream()
                .filter(level -> level.index() == index)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no level " + index));
    }

    /** Number of levels, however many parts they have. */
    public int count() {
        return levels.get(levels.size() - 1).index();
    }

    static long phase(int block, int blocks, long periodSteps) {
        return block * periodSteps / blocks;
    }
}
