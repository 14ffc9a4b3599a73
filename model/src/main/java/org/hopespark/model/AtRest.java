package org.hopespark.model;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.Level;

/**
 * Checksums of what a worker leaves lying until it uses it again, so that a bit which flips meanwhile is noticed before
 * anyone learns from it: parameters and the optimizer's state from one update of their level to the next, the sums of
 * open windows from one step to the next. Other workers cannot know: moments that are shared out, and windows, are on
 * one worker only.
 */
final class AtRest {
    private final Levels levels;
    private final int rank;
    private final long everySteps;
    private final Map<Level, Left> states = new HashMap<>();
    private final Map<Level, Left> windows = new HashMap<>();

    /** What was left after a step: a checksum a tensor. */
    @SuppressWarnings("ArrayRecordComponent") // compared by hand
    private record Left(long step, int[] checksums) {}

    /**
     * Nothing is left yet.
     *
     * @param everySteps how often it is looked at, levels of longer periods at each boundary; 0 for never
     */
    AtRest(Levels levels, int rank, long everySteps) {
        this.levels = levels;
        this.rank = rank;
        this.everySteps = everySteps;
    }

    /** Whether a level's state will be compared when it is used next. */
    boolean covers(Level level) {
        return states.containsKey(level);
    }

    /**
     * A level's state is left as it is until the level is updated again.
     *
     * @return fingerprint of its parameters
     */
    long leave(Level level, long step) {
        int[] parameters = checksums(levels.state(level).sections().parameterTensors());
        if (isLookedAtWithin(step, level.isOptimizedEveryStep() ? 1 : level.periodSteps())) {
            int[] optimizer = checksums(levels.state(level).sections().optimizerTensors());
            int[] both = Arrays.copyOf(parameters, parameters.length + optimizer.length);
            System.arraycopy(optimizer, 0, both, parameters.length, optimizer.length);
            states.put(level, new Left(step, both));
        } else {
            states.remove(level);
        }
        return fingerprint(parameters);
    }

    /** A level's state is about to be used: updated, or saved. */
    void requireUnchanged(Level level, long step) {
        if (covers(level)) {
            List<NamedTensor> parameters = levels.state(level).sections().parameterTensors();
            List<NamedTensor> optimizer = levels.state(level).sections().optimizerTensors();
            Left left = requireNonNull(states.get(level));
            compare(level, step, left, 0, parameters);
            compare(level, step, left, parameters.size(), optimizer);
        }
    }

    /** The windows are left as they are until the next step. */
    void leaveWindows(List<Level> schedule, long step) {
        windows.clear();
        if (isLookedAtWithin(step, 1)) {
            schedule.forEach(level -> windows.put(
                    level,
                    new Left(step, checksums(levels.state(level).sections().windowTensors()))));
        }
    }

    /** The windows are about to be added to. */
    void requireWindowsUnchanged(long step) {
        windows.forEach((level, left) ->
                compare(level, step, left, 0, levels.state(level).sections().windowTensors()));
    }

    private boolean isLookedAtWithin(long step, long steps) {
        return everySteps > 0 && (step + steps) / everySteps > step / everySteps;
    }

    /** The same for equal parameters. */
    static long fingerprint(List<NamedTensor> tensors) {
        return fingerprint(checksums(tensors));
    }

    private static long fingerprint(int[] checksums) {
        long fingerprint = 0;
        for (int checksum : checksums) {
            fingerprint = 0x9E3779B97F4A7C15L * fingerprint + checksum;
        }
        return fingerprint;
    }

    private static int[] checksums(List<NamedTensor> tensors) {
        return tensors.stream().mapToInt(tensor -> tensor.data().checksum()).toArray();
    }

    private void compare(Level level, long step, Left left, int from, List<NamedTensor> tensors) {
        int[] now = checksums(tensors);
        for (int i = 0; i < now.length; i++) {
            if (now[i] != left.checksums[from + i]) {
                throw new CorruptStateException("rank " + rank + ", step " + step + ", level " + level + ": "
                        + tensors.get(i).name() + " has changed in memory since step " + left.step + " (checksum "
                        + Integer.toHexString(now[i]) + ", left was " + Integer.toHexString(left.checksums[from + i])
                        + "): the memory of this machine is not to be trusted");
            }
        }
    }
}
