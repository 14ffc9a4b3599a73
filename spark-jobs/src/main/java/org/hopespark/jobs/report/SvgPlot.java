package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.at;
import static org.hopespark.jobs.report.Html.kind;
import static org.hopespark.jobs.report.Html.tag;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.hopespark.jobs.progress.Units;

/**
 * A plot over steps as inline SVG. Colours come from the page's style sheet by class, so it is readable on light and
 * dark ground. The figure carries its numbers, from which the script of a page draws it anew as the reader likes.
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
    private static final MathContext DIGITS = new MathContext(6);

    /** How a series is drawn. */
    enum Mark {
        LINE,
        DASHES,
        DOTS
    }

    /** What values are. */
    enum Unit {
        NUMBER,
        BYTES;

        private String text(double value) {
            return this == BYTES ? Units.bytes(value) : Units.digits(value);
        }
    }

    private record Point(double x, double y) {}

    private record Series(String name, String colour, Mark mark, List<Point> points) {}

    /** A vertical line; {@code kind} is its class. */
    private record Vertical(String kind, double x, String text) {}

    private final String title;
    private final Unit unit;
    private final List<Series> series = new ArrayList<>();
    private final List<Vertical> verticals = new ArrayList<>();
    private String axis = "step";
    private double floor = Double.POSITIVE_INFINITY;

    SvgPlot(String title) {
        this(title, Unit.NUMBER);
    }

    SvgPlot(String title, Unit unit) {
        this.title = title;
        this.unit = unit;
    }

    /** Adds a series; values that are not numbers are left out, and so is a series without any. */
    SvgPlot add(String name, String colour, Mark mark, List<Double> xs, List<Double> ys) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            if (Double.isFinite(ys.get(i))) {
                points.add(new Point(xs.get(i), ys.get(i)));
            }
        }
        if (!points.isEmpty()) {
            series.add(new Series(name, colour, mark, mark == Mark.DOTS ? points : thinned(points)));
        }
        return this;
    }

    /** Adds a vertical line where something has failed. */
    SvgPlot failure(long step, String cause) {
        return mark("failure", step, cause);
    }

    /** Adds a vertical line where something was warned of. */
    SvgPlot warning(long step, String cause) {
        return mark("warning", step, cause);
    }

    private SvgPlot mark(String kind, long step, String cause) {
        verticals.add(new Vertical(kind, step, kind + " at step " + step + ": " + cause));
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
    Html figure() {
        List<Point> all = series.stream().flatMap(s -> s.points().stream()).toList();
        if (all.isEmpty()) {
            return tag("figure", tag("figcaption", title), Html.quiet("nothing yet"));
        }
        double maxX = all.stream().mapToDouble(Point::x).max().orElse(1);
        double minX = all.stream().mapToDouble(Point::x).min().orElse(0);
        Axis xs = Axis.of(minX, maxX == minX ? minX + 1 : maxX, TICKS);
        Axis ys = Axis.around(
                Math.min(floor, all.stream().mapToDouble(Point::y).min().orElse(0)),
                all.stream().mapToDouble(Point::y).max().orElse(1),
                TICKS);
        List<Html> drawn = new ArrayList<>();
        for (double tick : ys.ticks()) {
            double y = py(tick, ys);
            drawn.add(line("grid", LEFT, WIDTH - RIGHT, y, y));
            drawn.add(Html.words(LEFT - 8, y + 4, "end", unit.text(tick)));
        }
        for (double tick : xs.ticks()) {
            if (tick == Math.rint(tick)) { // there is nothing between two steps
                drawn.add(Html.words(px(tick, xs), HEIGHT - BOTTOM + 18, "middle", Units.count(Math.round(tick))));
            }
        }
        drawn.add(Html.words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle", axis));
        for (Vertical vertical : verticals) {
            double x = px(Math.max(xs.min(), Math.min(xs.max(), vertical.x())), xs);
            drawn.add(line(vertical.kind(), x, x, TOP, HEIGHT - BOTTOM, tag("title", vertical.text())));
        }
        series.forEach(one -> drawn.addAll(marks(one, xs, ys)));
        return Html.figure(at("data-plot", numbers()), title, WIDTH, HEIGHT, drawn, legend());
    }

    /** What the script of a page draws, as JSON. */
    private String numbers() {
        ObjectNode plot = JsonNodeFactory.instance.objectNode();
        plot.put("over", axis).put("unit", unit.name().toLowerCase(Locale.ROOT));
        if (Double.isFinite(floor)) {
            plot.put("floor", floor);
        }
        plot.put("width", WIDTH)
                .putArray("margins")
                .add(LEFT)
                .add(RIGHT)
                .add(TOP)
                .add(BOTTOM);
        ArrayNode all = plot.putArray("series");
        for (Series one : series) {
            ObjectNode node = all.addObject()
                    .put("name", Html.shown(one.name()))
                    .put("colour", one.colour())
                    .put("mark", one.mark().name().toLowerCase(Locale.ROOT));
            ArrayNode xs = node.putArray("x");
            one.points().forEach(point -> xs.add(rounded(point.x())));
            ArrayNode ys = node.putArray("y");
            one.points().forEach(point -> ys.add(rounded(point.y())));
        }
        ArrayNode marks = plot.putArray("marks");
        verticals.forEach(mark ->
                marks.addObject().put("kind", mark.kind()).put("x", mark.x()).put("text", Html.shown(mark.text())));
        return plot.toString();
    }

    /** More digits than a screen has pixels, and no more. */
    static BigDecimal rounded(double value) {
        return new BigDecimal(value, DIGITS).stripTrailingZeros();
    }

    private Html legend() {
        List<Html> items = new ArrayList<>();
        for (Series one : series) {
            items.add(item(one.colour() + " " + one.mark().name().toLowerCase(Locale.ROOT), one.name()));
        }
        verticals.stream().map(Vertical::kind).distinct().forEach(kind -> items.add(item(kind + " dashes", kind)));
        return tag("p", kind("legend"), Html.all(items));
    }

    private static Html item(String kinds, String name) {
        return Html.all(tag("span", kind("item " + kinds), tag("span", kind("key " + kinds)), name), Html.text(" "));
    }

    private static Html line(String kind, Number x1, Number x2, Number y1, Number y2, Html... inside) {
        return tag("line", kind(kind), at("x1", x1), at("x2", x2), at("y1", y1), at("y2", y2), Html.all(inside));
    }

    private List<Html> marks(Series one, Axis xs, Axis ys) {
        if (one.mark() != Mark.DOTS && one.points().size() != 1) {
            StringBuilder points = new StringBuilder();
            one.points().forEach(point -> points.append(format("%.1f,%.1f ", px(point.x(), xs), py(point.y(), ys))));
            String kinds = one.mark() == Mark.DASHES ? one.colour() + " dashes" : one.colour();
            return List.of(tag("polyline", kind(kinds), at("points", points)));
        }
        return one.points().stream()
                .map(point -> tag(
                        "circle",
                        kind(one.colour()),
                        at("cx", px(point.x(), xs)),
                        at("cy", py(point.y(), ys)),
                        at("r", 4),
                        tag("title", format("%s %.0f: %s", axis, point.x(), Units.digits(point.y())))))
                .toList();
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
