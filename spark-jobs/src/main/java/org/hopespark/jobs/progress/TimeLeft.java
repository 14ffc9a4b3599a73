package org.hopespark.jobs.progress;

import java.util.ArrayDeque;
import java.util.Deque;

/** How long a run still takes, by what its last steps have taken. */
public final class TimeLeft {
    private static final int WINDOW = 100;

    private final Deque<Double> seconds = new ArrayDeque<>();
    private boolean begun;

    /** A step has ended; the first one of a process is slow, and is forgotten when there is another. */
    public void stepped(double stepSeconds) {
        if (seconds.size() == (begun ? WINDOW : 1)) {
            seconds.removeFirst();
            begun = true;
        }
        seconds.addLast(stepSeconds);
    }

    /** Seconds for so many steps; NaN before the first has ended. */
    public double seconds(long steps) {
        return seconds.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN) * steps;
    }
}
