package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The span of an axis and its ticks at round numbers.
 *
 * @param min value at the start
 * @param max value at the end
 * @param ticks between them
 */
record Axis(double min, double max, List<Double> ticks) {
    private static final double ROUNDING = 1e-9;

    Axis {
        if (!(min < max)) {
            throw new IllegalArgumentException("an axis must go up, got " + min + " to " + max);
        }
        ticks = List.copyOf(ticks);
    }

    /** From {@code min} to {@code max} exactly, with about {@code count} ticks. */
    static Axis of(double min, double max, int count) {
        double step = roundStep((max - min) / count);
        List<Double> ticks = new ArrayList<>();
        for (double k = Math.ceil(min / step - ROUNDING); k * step <= max + step * ROUNDING; k++) {
            ticks.add(k * step + 0.0); // never -0
        }
        return new Axis(min, max, ticks);
    }

    /** Widened to ticks, so that no point lies on the edge by accident. */
    static Axis around(double min, double max, int count) {
        double wideMax = max > min ? max : max + Math.max(Math.abs(max) * 0.1, 1e-9);
        double step = roundStep((wideMax - min) / count);
        // what lies on a tick but for rounding stays there
        return of(Math.floor(min / step + ROUNDING) * step, Math.ceil(wideMax / step - ROUNDING) * step, count);
    }

    /** Where a value lies, 0 at the start and 1 at the end. */
    double share(double value) {
        return (value - min) / (max - min);
    }

    /** 1, 2 or 5 times a power of ten. */
    private static double roundStep(double rough) {
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double factor = rough / power;
        return power * (factor <= 1.01 ? 1 : factor <= 2.01 ? 2 : factor <= 5.01 ? 5 : 10);
    }
}
