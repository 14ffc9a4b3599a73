package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure over steps that never grows beyond {@value #MOST} points: when it is full, neighbours become their mean and
 * one point stands for twice as many steps.
 */
final class Curve {
    private static final int MOST = 1024;

    private record Point(double step, double value) {}

    private final List<Point> points = new ArrayList<>();
    private int stepsAPoint = 1;
    private double stepSum;
    private double valueSum;
    private int open;

    /** Adds a step; those from it on, which an earlier attempt has left, are forgotten. */
    void add(long step, double value) {
        if (points.removeIf(point -> point.step() >= step)) {
            clearOpen();
        }
        stepSum += step;
        valueSum += value;
        open++;
        if (open == stepsAPoint) {
            points.add(new Point(stepSum / open, valueSum / open));
            clearOpen();
        }
        if (points.size() == MOST) {
            halve();
        }
    }

    List<Double> steps() {
        return points.stream().map(Point::step).toList();
    }

    List<Double> values() {
        return points.stream().map(Point::value).toList();
    }

    private void clearOpen() {
        stepSum = 0;
        valueSum = 0;
        open = 0;
    }

    private void halve() {
        for (int i = 0; i < MOST / 2; i++) {
            Point left = points.get(2 * i);
            Point right = points.get(2 * i + 1);
            points.set(i, new Point((left.step() + right.step()) / 2, (left.value() + right.value()) / 2));
        }
        points.subList(MOST / 2, MOST).clear();
        stepsAPoint *= 2;
    }
}
