package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.at;
import static org.hopespark.jobs.report.Html.kind;
import static org.hopespark.jobs.report.Html.tag;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.report.SvgPlot.Mark;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.model.eval.synthetic.SyntheticTasks;

/** A page on what an evaluation sweep has found: tables, curves over training, needle maps, loss by position. */
public final class EvaluationReport {
    private static final int COLOURS = 4;
    private static final int CELL = 46;
    private static final Pattern LEARNED = Pattern.compile("learned=(\\d+),task=(\\d+)");

    private final List<Row> rows;

    private EvaluationReport(List<Row> rows) {
        this.rows = rows;
    }

    /**
     * A result and whose it is.
     *
     * @param run what is evaluated, for people
     * @param checkpoint the same with the step
     * @param step of the checkpoint, 0 if it has none
     * @param result the figure
     */
    public record Row(String run, String checkpoint, long step, TaskResult result) {
        boolean is(String task, String metric) {
            return result.task().equals(task)
                    && result.metric().equals(metric)
                    && result.part().isEmpty();
        }
    }

    /**
     * The page, with nothing that is loaded from elsewhere.
     *
     * @param models configurations of checkpoints, where they are known
     * @param failures a line each
     */
    public static String html(List<Row> rows, Map<String, RunConfig> models, List<String> failures) {
        return new EvaluationReport(List.copyOf(rows)).page(models, failures).toString();
    }

    private Html page(Map<String, RunConfig> models, List<String> failures) {
        long tasks = rows.stream().map(r -> r.result().task()).distinct().count();
        return Html.page(
                "Evaluation",
                Html.facts(
                        Html.fact("checkpoints", Units.count(checkpoints().size()), runs().size() + " runs"),
                        Html.fact("tasks", Units.count(tasks), rows.size() + " figures"),
                        Html.fact("failed cells", Units.count(failures.size()), "at the last start")),
                failed(failures),
                language(),
                new LevelComparison(rows, models, figures()).section(),
                synthetic(),
                continual(),
                needles(),
                positions(),
                curves(),
                Html.section("All figures", all()));
    }

    private static Html failed(List<String> failures) {
        List<Html> lines = failures.stream().map(failure -> tag("li", failure)).toList();
        return lines.isEmpty() ? Html.NOTHING : Html.section("Failed", tag("ul", Html.all(lines)));
    }

    private static List<LevelComparison.Figure> figures() {
        return PublishedColumn.all().stream()
                .map(column -> new LevelComparison.Figure(column.head(), column.task(), column.metric()))
                .toList();
    }

    private List<String> checkpoints() {
        return rows.stream().map(Row::checkpoint).distinct().toList();
    }

    private List<String> runs() {
        return rows.stream().map(Row::run).distinct().toList();
    }

    /** Language modelling and common sense, in the columns of the paper. */
    private Html language() {
        List<PublishedColumn> columns = PublishedColumn.all().stream()
                .filter(c -> rows.stream().anyMatch(r -> r.is(c.task(), c.metric())))
                .toList();
        if (columns.isEmpty()) {
            return Html.NOTHING;
        }
        List<String> heads =
                new ArrayList<>(columns.stream().map(PublishedColumn::head).toList());
        heads.add("Avg.");
        Html.Table table = new Html.Table().texts("checkpoint").numbers(heads.toArray(String[]::new));
        for (String checkpoint : checkpoints()) {
            Map<PublishedColumn, Double> found = new LinkedHashMap<>();
            for (PublishedColumn column : columns) {
                rows.stream()
                        .filter(r -> r.checkpoint().equals(checkpoint) && r.is(column.task(), column.metric()))
                        .findFirst()
                        .ifPresent(r -> found.put(column, r.result().value()));
            }
            if (!found.isEmpty()) {
                line(table, checkpoint, columns, found);
            }
        }
        line(table, "chance", columns, chances(columns));
        line(table, "Hope 760M, 30 B tokens (paper)", columns, published(columns, PublishedColumn::of760m));
        line(table, "Hope 1.3B, 100 B tokens (paper)", columns, published(columns, PublishedColumn::of1300m));
        return Html.section(
                "Language modelling and common sense",
                Html.quiet(
                        "Columns and last two rows: Nested Learning, Table 2; only models of that size and data compare"
                                + " with them. Avg. is the mean of the eight accuracies."),
                table.html());
    }

    private static Map<PublishedColumn, Double> published(
            List<PublishedColumn> columns, ToDoubleFunction<PublishedColumn> figure) {
        return columns.stream().collect(Collectors.toMap(c -> c, figure::applyAsDouble));
    }

    private Map<PublishedColumn, Double> chances(List<PublishedColumn> columns) {
        Map<PublishedColumn, Double> result = new LinkedHashMap<>();
        for (PublishedColumn column : columns) {
            rows.stream()
                    .filter(r ->
                            r.is(column.task(), column.metric()) && r.result().hasChance())
                    .findFirst()
                    .ifPresent(r -> result.put(column, r.result().chance()));
        }
        return result;
    }

    private static void line(
            Html.Table table, String name, List<PublishedColumn> columns, Map<PublishedColumn, Double> values) {
        List<String> cells = new ArrayList<>(List.of(name));
        for (PublishedColumn column : columns) {
            cells.add(
                    Optional.ofNullable(values.get(column)).map(column::format).orElse(""));
        }
        List<Double> accuracies = values.entrySet().stream()
                .filter(e -> !e.getKey().isPerplexity())
                .map(Map.Entry::getValue)
                .toList();
        long all = PublishedColumn.all().stream().filter(c -> !c.isPerplexity()).count();
        OptionalDouble mean =
                accuracies.stream().mapToDouble(Double::doubleValue).average();
        cells.add(accuracies.size() == all ? Units.fixed(100 * mean.orElse(0), 2) : "");
        table.row(cells.toArray(String[]::new));
    }

    /** Length by depth, for tasks with parts {@code depth=D}. */
    private Html needles() {
        return maps(
                "Needles",
                "Share of needles found; across: where the needle lies, in percent of the text; down: tokens of the"
                        + " text.",
                rows.stream()
                        .filter(r -> r.result().part().startsWith("depth="))
                        .map(r -> new Place(
                                family(r.result().task()) + ", " + r.checkpoint(),
                                length(r.result().task()),
                                Double.parseDouble(r.result().part().substring("depth=".length())),
                                r.result().value()))
                        .toList());
    }

    /** What is known of each task after each task, for classes that are learned one after the other. */
    private Html continual() {
        List<Place> places = new ArrayList<>();
        for (Row row : rows) {
            Matcher part = LEARNED.matcher(row.result().part());
            if (part.matches() && row.result().metric().equals("acc")) {
                places.add(new Place(
                        row.result().task() + ", " + row.checkpoint(),
                        Long.parseLong(part.group(1)),
                        Double.parseDouble(part.group(2)),
                        row.result().value()));
            }
        }
        return maps(
                "Continual learning",
                "Accuracy, in percent; across: the task that is tested; down: the task that was learned last, 0 for"
                        + " none.",
                places);
    }

    /** Models that were trained for a task, beside Hope in the paper where it has a figure. */
    private Html synthetic() {
        List<Row> trained = rows.stream()
                .filter(r ->
                        SyntheticTasks.knows(r.result().task()) && r.result().hasChance())
                .toList();
        if (trained.isEmpty()) {
            return Html.NOTHING;
        }
        List<String> models = trained.stream().map(Row::checkpoint).distinct().toList();
        List<String> heads = new ArrayList<>(models);
        heads.addAll(List.of("chance", "Hope (paper)"));
        Html.Table table = new Html.Table().texts("task", "metric").numbers(heads.toArray(String[]::new));
        trained.stream()
                .collect(Collectors.groupingBy(
                        r -> List.of(
                                r.result().task(),
                                r.result().metric(),
                                r.result().part()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .forEach((key, own) -> {
                    List<String> cells = new ArrayList<>(List.of(key.get(0), (key.get(1) + " " + key.get(2)).strip()));
                    for (String model : models) {
                        cells.add(own.stream()
                                .filter(r -> r.checkpoint().equals(model))
                                .findFirst()
                                .map(r -> Units.fixed(100 * r.result().value(), 1))
                                .orElse(""));
                    }
                    cells.add(Units.fixed(100 * own.get(0).result().chance(), 1));
                    cells.add(ofPaper(key.get(0), key.get(2)));
                    table.row(cells.toArray(String[]::new));
                });
        trained.stream()
                .filter(r -> r.result().part().isEmpty())
                .collect(Collectors.groupingBy(
                        r -> List.of(family(r.result().task()), r.result().metric()),
                        LinkedHashMap::new,
                        Collectors.toList()))
                .forEach((key, own) -> variations(table, models, key.get(0), key.get(1), own));
        return Html.section(
                "Synthetic tasks",
                Html.quiet(
                        "Percent, each model trained for the task from scratch; of MAD the paper gives the mean over a"
                                + " task and its variations."),
                table.html());
    }

    /** The score of a task with variations, such as those of MAD, is the mean over them. */
    private static void variations(
            Html.Table table, List<String> models, String base, String metric, List<Row> variations) {
        long count = variations.stream().map(r -> r.result().task()).distinct().count();
        if (count < 2) {
            return;
        }
        List<String> cells = new ArrayList<>(List.of(base, metric + ", mean of " + count + " variations"));
        for (String model : models) {
            List<Row> own = variations.stream()
                    .filter(r -> r.checkpoint().equals(model))
                    .toList();
            cells.add(own.size() == count ? percent(own, TaskResult::value) : "");
        }
        cells.add(percent(variations, TaskResult::chance));
        cells.add(ofPaper(base, ""));
        table.row(cells.toArray(String[]::new));
    }

    private static String percent(List<Row> rows, ToDoubleFunction<TaskResult> figure) {
        return Units.fixed(
                100
                        * rows.stream()
                                .mapToDouble(r -> figure.applyAsDouble(r.result()))
                                .average()
                                .orElse(Double.NaN),
                1);
    }

    private static String ofPaper(String task, String part) {
        return Optional.ofNullable(SyntheticTasks.named(task).hope().get(part))
                .map(value -> Units.fixed(100 * value, 1))
                .orElse("");
    }

    /** A value of a heat map. */
    private record Place(String map, long down, double across, double value) {}

    private static Html maps(String head, String says, List<Place> places) {
        List<Html> maps = new ArrayList<>();
        places.stream()
                .collect(Collectors.groupingBy(Place::map, LinkedHashMap::new, Collectors.toList()))
                .forEach((title, own) -> maps.add(heatMap(title, own)));
        return maps.isEmpty() ? Html.NOTHING : Html.section(head, Html.quiet(says), Html.all(maps));
    }

    private static String family(String task) {
        return task.split("@", 2)[0];
    }

    private static long length(String task) {
        return task.matches(".*@\\d+") ? Long.parseLong(task.substring(task.indexOf('@') + 1)) : 0;
    }

    private static Html heatMap(String title, List<Place> places) {
        Map<Long, Map<Double, Double>> values = new TreeMap<>();
        TreeSet<Double> depths = new TreeSet<>();
        for (Place place : places) {
            depths.add(place.across());
            values.computeIfAbsent(place.down(), down -> new TreeMap<>()).put(place.across(), place.value());
        }
        int left = 76;
        List<Html> drawn = new ArrayList<>();
        int y = 4;
        for (Map.Entry<Long, Map<Double, Double>> line : values.entrySet()) {
            drawn.add(Html.words(left - 8, y + 15, "end", Units.count(line.getKey())));
            int x = left;
            for (double depth : depths) {
                Double value = line.getValue().get(depth);
                if (value != null) {
                    drawn.add(tag(
                            "rect",
                            kind("c0"),
                            at("fill-opacity", Units.fixed(0.08 + 0.92 * value, 2)),
                            at("x", x),
                            at("y", y),
                            at("width", CELL - 2),
                            at("height", 22),
                            tag("title", Units.percent(value))));
                    drawn.add(Html.words(x + CELL / 2, y + 15, "middle", Units.fixed(100 * value, 0)));
                }
                x += CELL;
            }
            y += 24;
        }
        int x = left + CELL / 2;
        for (double depth : depths) {
            drawn.add(Html.words(x, y + 14, "middle", Units.digits(depth)));
            x += CELL;
        }
        return Html.figure(title, Math.max(860, left + depths.size() * CELL), values.size() * 24 + 24, drawn);
    }

    /** Loss over the place in the text, for tasks with parts {@code position=FROM..TO}. */
    private Html positions() {
        Map<String, List<Row>> byTask = rows.stream()
                .filter(r -> r.result().part().startsWith("position="))
                .collect(Collectors.groupingBy(
                        r -> r.result().task() + ", " + r.result().metric(), TreeMap::new, Collectors.toList()));
        List<Html> plots = new ArrayList<>();
        byTask.forEach((title, cells) -> {
            SvgPlot plot = new SvgPlot(title).over("position in the text, tokens");
            List<String> names = cells.stream().map(Row::checkpoint).distinct().toList();
            for (int i = 0; i < names.size(); i++) {
                String name = names.get(i);
                List<Row> own =
                        cells.stream().filter(r -> r.checkpoint().equals(name)).toList();
                plot.add(
                        name,
                        "c" + i % COLOURS,
                        Mark.LINE,
                        own.stream().map(r -> middle(r.result().part())).toList(),
                        own.stream().map(r -> r.result().value()).toList());
            }
            plots.add(plot.figure());
        });
        return Html.section("By position", Html.all(plots));
    }

    private static double middle(String part) {
        String[] ends = part.substring("position=".length()).split("\\.\\.", 2);
        return (Double.parseDouble(ends[0]) + Double.parseDouble(ends[1])) / 2;
    }

    /** Every whole-task metric over the steps of training, a line a run. */
    private Html curves() {
        boolean several = rows.stream()
                .collect(Collectors.groupingBy(
                        Row::run, Collectors.mapping(Row::step, Collectors.toCollection(TreeSet::new))))
                .values()
                .stream()
                .anyMatch(steps -> steps.size() > 1);
        if (!several) {
            return Html.NOTHING;
        }
        List<Html> curves = new ArrayList<>();
        rows.stream()
                .filter(r -> r.result().part().isEmpty())
                .collect(Collectors.groupingBy(
                        r -> r.result().task() + ", " + r.result().metric(), LinkedHashMap::new, Collectors.toList()))
                .forEach((title, points) -> curves.add(curve(title, points)));
        return Html.section("Over training", Html.all(curves));
    }

    private Html curve(String title, List<Row> points) {
        SvgPlot plot = new SvgPlot(title);
        List<String> runs = runs();
        for (int i = 0; i < runs.size(); i++) {
            String run = runs.get(i);
            List<Row> own = points.stream().filter(r -> r.run().equals(run)).toList();
            if (!own.isEmpty()) {
                plot.add(
                        run,
                        "c" + i % COLOURS,
                        Mark.LINE,
                        steps(own),
                        own.stream().map(r -> r.result().value()).toList());
            }
        }
        if (points.stream().allMatch(r -> r.result().hasChance())) {
            plot.add(
                    "chance",
                    "quiet",
                    Mark.DASHES,
                    steps(points),
                    points.stream().map(r -> r.result().chance()).toList());
        }
        return plot.figure();
    }

    private static List<Double> steps(List<Row> points) {
        return points.stream().map(r -> (double) r.step()).toList();
    }

    private Html all() {
        Html.Table table = new Html.Table()
                .texts("checkpoint", "task", "metric")
                .numbers("value", "standard error", "n", "chance", "max tokens")
                .texts("prefix token", "dtype", "tokenizer");
        for (Row row : rows) {
            TaskResult r = row.result();
            table.row(
                    row.checkpoint(),
                    r.task() + " v" + r.version(),
                    r.part().isEmpty() ? r.metric() : r.metric() + " " + r.part(),
                    Units.fixed(r.value(), 4),
                    r.hasStandardError() ? "± " + Units.fixed(r.standardError(), 4) : "",
                    Units.count(r.n()),
                    r.hasChance() ? Units.fixed(r.chance(), 4) : "",
                    Units.count(r.maxTokens()),
                    r.prefix().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    r.dtype(),
                    r.encoder().substring(Objects.requireNonNull(r.encoder()).lastIndexOf('/') + 1));
        }
        return table.html();
    }
}
