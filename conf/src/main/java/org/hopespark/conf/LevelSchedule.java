package org.hopespark.conf;

import java.util.List;
import java.util.function.Predicate;

/**
 * Which levels are due at which step: a pure function of the step, so that no two workers can disagree.
 *
 * <p>Steps count from 1. Each period divides the next one, so a due level makes every faster level due; but for levels
 * whose blocks take turns, which are listed in as many parts as they have phases.
 *
 * <p>No level with C > 1 is due before warm-up has ended: a window that closes earlier is dropped as a whole. Its
 * gradients are of a place that the fast levels leave quickly, and as the first that AdamW sees they would weigh in its
 * moments for tens of boundaries. If the window continued instead, the first one would be longer than all that follow,
 * its mean smaller and its sum larger than theirs by the length of the warm-up.
 *
 * @param levels fastest first, indexed 1, 2, ...
 * @param warmupSteps the last step of warm-up; 0 for none
 */
public record LevelSchedule(List<Level> levels, long warmupSteps) {
    public LevelSchedule {
        levels = List.copyOf(levels);
        Checks checks = new Checks();
        check(checks, levels, warmupSteps);
        checks.done();
    }

    /** What must hold of levels together. */
    static void check(Checks checks, List<Level> levels, long warmupSteps) {
        checks.that(warmupSteps >= 0, "warm-up must have >= 0 steps, got " + warmupSteps);
        checks.that(!levels.isEmpty(), "a schedule needs at least one level");
        for (int i = 0; i < levels.size(); i++) {
            Level level = levels.get(i);
            int before = i == 0 ? 0 : levels.get(i - 1).index();
            checks.that(
                    level.index() == before + 1 || (level.phaseSteps() != 0 && level.index() == before),
                    "levels are listed fastest first from 1, found index " + level.index() + " at place " + (i + 1));
            checks.that(
                    i == 0 || level.periodSteps() % levels.get(i - 1).periodSteps() == 0,
                    "C^(" + before + ") = " + levels.get(Math.max(0, i - 1)).periodSteps() + " must divide C^("
                            + level.index() + ") = " + level.periodSteps());
        }
    }

    /** The levels that are updated from the window that closes at {@code step} (from 1), fastest first. */
    public List<Level> dueAt(long step) {
        return where(step, level -> isDueAt(level, step));
    }

    /** The levels whose window closes at {@code step} (from 1) and is dropped, fastest first. */
    public List<Level> droppedAt(long step) {
        return where(step, level -> level.closesWindowAt(step) && !isDueAt(level, step));
    }

    /** The levels whose gradient the workers exchange for {@code step} (from 1), fastest first. */
    public List<Level> exchangedAt(long step) {
        return where(step, level -> level.isOptimizedEveryStep() || isDueAt(level, step));
    }

    /** Whether a level is updated from a window that closes at {@code step}. */
    public boolean isDueAt(Level level, long step) {
        return level.isDueAt(step, warmupSteps);
    }

    /**
     * The first step whose gradient is exchanged: that after the last window that is dropped. Of a level that is
     * optimized at every step only the updates are dropped.
     */
    public long firstStep(Level level) {
        long dropped = (warmupSteps - 1 + level.phaseSteps()) / level.periodSteps();
        return level.periodSteps() == 1 || level.isOptimizedEveryStep()
                ? 1
                : Math.max(1, dropped * level.periodSteps() - level.phaseSteps() + 1);
    }

    private List<Level> where(long step, Predicate<Level> chosen) {
        if (step < 1) {
            throw new IllegalArgumentException("steps count from 1, got " + step);
        }
        return levels.stream().filter(chosen).toList();
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
