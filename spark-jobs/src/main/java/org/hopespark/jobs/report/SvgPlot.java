package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/**
 * A plot over steps as inline SVG. Colours come from the page's style sheet by class, so it is readable on light and
 * dark ground.
 */
final class SvgPlot {
    private static final int WIDTH = 860;
    private static final int HEIGHT = 300;
    private static final int LEFT = 76;
    private static final int RIGHT = 26;
    private static final int TOP = 12;
    private static final int BOTTOM = 40;
    private static final int TICKS = 5;
    private static final int POINTS = 600;

    /** How a series is drawn. */
    enum Mark {
        LINE,
        DASHES,
        DOTS
    }

    private record Point(double x, double y) {}

    private record Series(String name, String colour, Mark mark, List<Point> points) {}

    private final String title;
    private final DoubleFunction<String> unit;
    private final List<Series> series = new ArrayList<>();
    private final List<Double> verticals = new ArrayList<>();
    private String axis = "step";
    private double floor = Double.POSITIVE_INFINITY;

    /** A plot whose values are written on the left axis by {@code unit}. */
    SvgPlot(String title, DoubleFunction<String> unit) {
        this.title = title;
        this.unit = unit;
    }

    /** Adds a series; values that are not numbers are left out. */
    SvgPlot add(String name, String colour, Mark mark, List<Double> xs, List<Double> ys) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            if (Double.isFinite(ys.get(i))) {
                points.add(new Point(xs.get(i), ys.get(i)));
            }
        }
        series.add(new Series(name, colour, mark, mark == Mark.DOTS ? points : thinned(points)));
        return this;
    }

    /** Adds a vertical line at a step. */
    SvgPlot mark(long x) {
        verticals.add((double) x);
        return this;
    }

    /** Names what lies on the lower axis, which else is the step. */
    SvgPlot over(String what) {
        axis = what;
        return this;
    }

    /** Lets the left axis begin at zero. */
    SvgPlot fromZero() {
        floor = 0;
        return this;
    }

    /** A figure with the plot and its legend. */
    String figure() {
        List<Point> all = series.stream().flatMap(s -> s.points().stream()).toList();
        if (all.isEmpty()) {
            return "<figure><figcaption>" + Html.escape(title)
                    + "</figcaption><p class=\"quiet\">nothing yet</p></figure>\n";
        }
        double maxX = all.stream().mapToDouble(Point::x).max().orElse(1);
        double minX = all.stream().mapToDouble(Point::x).min().orElse(0);
        Axis xs = Axis.of(minX, maxX == minX ? minX + 1 : maxX, TICKS);
        Axis ys = Axis.around(
                Math.min(floor, all.stream().mapToDouble(Point::y).min().orElse(0)),
                all.stream().mapToDouble(Point::y).max().orElse(1),
                TICKS);
        StringBuilder svg = new StringBuilder();
        svg.append("<figure><figcaption>").append(Html.escape(title)).append("</figcaption>\n");
        svg.append(format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, Html.escape(title)));
        for (double tick : ys.ticks()) {
            double y = py(tick, ys);
            svg.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y, y));
            svg.append(format(
                    "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 8, y + 4, Html.escape(unit.apply(tick))));
        }
        for (double tick : xs.ticks()) {
            if (tick != Math.rint(tick)) {
                continue; // there is nothing between two steps
            }
            svg.append(format(
                    "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    px(tick, xs), HEIGHT - BOTTOM + 18, Units.count(Math.round(tick))));
        }
        svg.append(format(
                "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, Html.escape(axis)));
        for (double step : verticals) {
            double x = Math.max(xs.min(), Math.min(xs.max(), step));
            svg.append(format(
                    "<line class=\"failure\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"><title>failure at step %.0f</title></line>%n",
                    px(x, xs), px(x, xs), TOP, HEIGHT - BOTTOM, step));
        }
        for (Series one : series) {
            draw(one, xs, ys, svg);
        }
        svg.append("</svg>\n<p class=\"legend\">");
        for (Series one : series) {
            svg.append(format(
                    "<span class=\"item\"><span class=\"key %s %s\"></span>%s</span> ",
                    one.colour(), one.mark().name().toLowerCase(Locale.ROOT), Html.escape(one.name())));
        }
        if (!verticals.isEmpty()) {
            svg.append("<span class=\"item\"><span class=\"key bad dashes\"></span>failure</span>");
        }
        return svg.append("</p></figure>\n").toString();
    }

    private void draw(Series one, Axis xs, Axis ys, StringBuilder svg) {
        if (one.mark() == Mark.DOTS || one.points().size() == 1) {
            for (Point point : one.points()) {
                svg.append(format(
                        "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%s %.0f: %s</title></circle>%n",
                        one.colour(),
                        px(point.x(), xs),
                        py(point.y(), ys),
                        Html.escape(axis),
                        point.x(),
                        Units.digits(point.y())));
            }
            return;
        }
        svg.append(
                format("<polyline class=\"%s%s\" points=\"", one.colour(), one.mark() == Mark.DASHES ? " dashes" : ""));
        for (Point point : one.points()) {
            svg.append(format("%.1f,%.1f ", px(point.x(), xs), py(point.y(), ys)));
        }
        svg.append("\"/>\n");
    }

    private static double px(double x, Axis axis) {
        return LEFT + axis.share(x) * (WIDTH - LEFT - RIGHT);
    }

    private static double py(double y, Axis axis) {
        return HEIGHT - BOTTOM - axis.share(y) * (HEIGHT - TOP - BOTTOM);
    }

    /** A long line becomes means of neighbours; its two ends stay. */
    private static List<Point> thinned(List<Point> points) {
        if (points.size() <= POINTS) {
            return points;
        }
        List<Point> result = new ArrayList<>(List.of(points.get(0)));
        for (int bucket = 0; bucket < POINTS; bucket++) {
            List<Point> part = points.subList(
                    (int) ((long) bucket * points.size() / POINTS), (int) ((bucket + 1L) * points.size() / POINTS));
            result.add(new Point(
                    part.stream().mapToDouble(Point::x).average().orElse(0),
                    part.stream().mapToDouble(Point::y).average().orElse(0)));
        }
        result.add(points.get(points.size() - 1));
        return result;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
