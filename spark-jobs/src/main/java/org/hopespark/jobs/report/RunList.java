package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.at;
import static org.hopespark.jobs.report.Html.kind;
import static org.hopespark.jobs.report.Html.tag;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.report.RunSummary.Points;
import org.hopespark.jobs.report.SvgPlot.Mark;
import org.hopespark.jobs.run.TextFiles;

/** Runs beside each other: a table, their losses in one plot, and the settings in which they differ. */
public final class RunList {
    /** As many as the page's style sheet can hide one by one. */
    static final int MOST_IN_PLOTS = 24;

    private static final String PAGE = "runs.html";
    private static final int COLOURS = 6;
    private static final int DEPTH = 3;
    private static final double LONG_SECONDS = 600;
    private static final double SECONDS_OF_A_MINUTE = 60;
    private static final String NONE = "–";
    private static final Set<String> NO_DIFFERENCE = Set.of("name", "preset");

    private final List<RunSummary> runs;
    private final List<String> unreadable;
    private final Path base;

    private RunList(List<RunSummary> runs, List<String> unreadable, Path base) {
        this.runs = List.copyOf(runs);
        this.unreadable = List.copyOf(unreadable);
        this.base = base;
    }

    /**
     * Reads all runs that lie in the folders or up to three levels below, those that were started last first. What
     * cannot be read is left out, and reported.
     *
     * @throws UserException if there is none
     */
    public static RunList read(List<String> folders, TextFiles files) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : folders) {
            FileSystem system = files.fileSystem(new Path(folder));
            Path path = system.makeQualified(new Path(folder));
            if (!system.exists(path)) {
                throw new UserException("no such folder: " + folder);
            }
            find(path, DEPTH, files, found);
        }
        List<RunSummary> runs = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (Path folder : found.stream().distinct().toList()) {
            try {
                runs.add(RunSummary.read(folder, files));
            } catch (UserException e) {
                unreadable.add(folder + ": " + e.getMessage());
            }
        }
        if (runs.isEmpty() && unreadable.isEmpty()) {
            throw new UserException(
                    "no run (a folder with " + RunReport.METRICS + ") in " + String.join(", ", folders));
        }
        runs.sort(Comparator.comparing((RunSummary run) -> run.run().started()).reversed());
        FileSystem system = files.fileSystem(new Path(folders.get(0)));
        return new RunList(runs, unreadable, system.makeQualified(new Path(folders.get(0))));
    }

    private static void find(Path folder, int depth, TextFiles files, List<Path> found) throws IOException {
        if (files.hasLines(new Path(folder, RunReport.METRICS))) {
            found.add(folder);
            return; // what lies below is the run's own
        }
        if (depth > 0) {
            for (FileStatus entry : files.fileSystem(folder).listStatus(folder)) {
                if (entry.isDirectory()) {
                    find(entry.getPath(), depth - 1, files, found);
                }
            }
        }
    }

    /** Writes the page; by default beside the runs. */
    public Path write(String place, TextFiles files) throws IOException {
        Path page = place.isEmpty() ? new Path(base, PAGE) : new Path(place);
        files.write(page, page(Links.WRITTEN));
        return page;
    }

    /** Which runs' pages are linked. */
    enum Links {
        /** Those that have been written. */
        WRITTEN,
        ALL
    }

    String page(Links links) {
        return html(links).toString();
    }

    /** The newest first. */
    List<RunSummary> runs() {
        return runs;
    }

    /** Whether some may have more to say soon. */
    boolean trains() {
        return !runs.stream().allMatch(RunSummary::isFinished);
    }

    /** A line a run, for a terminal. */
    public List<String> lines() {
        List<String> names = runs.stream().map(this::place).toList();
        int width = names.stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(line(width, "run", "parameters", "step", "tokens", "loss", "bits/byte", "tokens/s", "state"));
        for (int i = 0; i < runs.size(); i++) {
            RunSummary run = runs.get(i);
            lines.add(line(
                    width,
                    names.get(i),
                    Units.count(run.run().parameters()),
                    Units.count(run.step()) + "/" + Units.count(run.run().steps()),
                    Units.count(run.tokens()),
                    fixed(run.loss()),
                    bitsPerByte(run),
                    digits(run.tokensPerSecond()),
                    run.state()));
        }
        unreadable.forEach(problem -> lines.add("left out: " + problem));
        return lines;
    }

    private static String line(int width, Object... cells) {
        return ("%-" + Math.max(3, width) + "s  %14s  %15s  %14s  %8s  %9s  %9s  %s").formatted(cells);
    }

    /** Where a run lies, as seen from the first folder that was given. */
    String place(RunSummary run) {
        String path = run.folder().toString();
        String own = base + "/";
        return path.equals(base.toString())
                ? run.folder().getName()
                : path.startsWith(own) ? path.substring(own.length()) : path;
    }

    private Html html(Links links) {
        List<RunSummary> shown = runs.subList(0, Math.min(MOST_IN_PLOTS, runs.size()));
        List<Html> content = new ArrayList<>();
        content.add(Html.style("runs.css"));
        content.add(Html.quiet(
                Units.count(runs.size()) + (runs.size() == 1 ? " run" : " runs") + " in ",
                base.toString(),
                runs.size() > shown.size()
                        ? "; plots and differences are those of the newest " + shown.size()
                        : "; tick those to compare"));
        for (int i = 0; i < shown.size(); i++) {
            String id = of(i);
            content.add(tag("input", at("type", "checkbox"), at("id", id), at("checked", "checked")));
            content.add(
                    tag("label", at("for", id), tag("span", kind("key " + colour(i) + mark(i))), place(shown.get(i))));
        }
        double longest = shown.stream()
                .mapToDouble(run -> last(run.lossBySeconds().xs()))
                .max()
                .orElse(0);
        boolean minutes = longest > LONG_SECONDS;
        content.add(Html.section("Runs", table(links)));
        content.add(Html.section(
                "Left out",
                unreadable.isEmpty()
                        ? Html.NOTHING
                        : tag(
                                "ul",
                                Html.all(unreadable.stream()
                                        .map(problem -> tag("li", problem))
                                        .toList()))));
        content.add(Html.section(
                "Loss",
                plot("Training loss, nats per target token, over tokens", "tokens", shown, RunSummary::lossByTokens),
                plot("Validation loss, over tokens", "tokens", shown, RunSummary::validationByTokens),
                plot(
                        "Training loss, over the time of its steps",
                        minutes ? "minutes" : "seconds",
                        shown,
                        run -> minutes ? inMinutes(run.lossBySeconds()) : run.lossBySeconds())));
        content.add(Html.section("Settings in which they differ", differences(shown)));
        return Html.page("Runs", content.toArray(Html[]::new));
    }

    private static double last(List<Double> values) {
        return values.isEmpty() ? 0 : values.get(values.size() - 1);
    }

    private static Points inMinutes(Points points) {
        return new Points(points.xs().stream().map(x -> x / SECONDS_OF_A_MINUTE).toList(), points.ys());
    }

    /** The class of all that belongs to a run. */
    private static String of(int run) {
        return "run-" + run;
    }

    private static String colour(int run) {
        return "c" + run % COLOURS;
    }

    private static String mark(int run) {
        return run / COLOURS % 2 == 0 ? "" : " dashes";
    }

    private Html table(Links links) {
        Html.Table table = new Html.Table()
                .texts("run", "name")
                .numbers(
                        "parameters", "step", "of", "tokens", "loss", "validation", "bits per byte", "tokens/s", "time")
                .texts("state", "started");
        for (RunSummary run : runs) {
            String place = place(run);
            boolean isBelow = (run.folder() + "/").startsWith(base + "/");
            Html name = (run.hasPage() || links == Links.ALL) && isBelow
                    ? tag(
                            "a",
                            at("href", new Path(place, RunReport.PAGE).toUri().getRawPath()),
                            place)
                    : Html.text(place);
            table.linked(
                    name,
                    run.run().name(),
                    Units.count(run.run().parameters()),
                    Units.count(run.step()),
                    Units.count(run.run().steps()),
                    Units.count(run.tokens()),
                    fixed(run.loss()),
                    run.validation().map(validation -> fixed(validation.loss())).orElse(NONE),
                    bitsPerByte(run),
                    digits(run.tokensPerSecond()),
                    Units.duration(run.seconds()),
                    run.state(),
                    run.run().started());
        }
        return Html.all(table.html(), Html.quiet("Loss is the mean of the last 5 % of the steps."));
    }

    private Html plot(String title, String over, List<RunSummary> runs, Function<RunSummary, Points> points) {
        SvgPlot plot = new SvgPlot(title).over(over);
        boolean any = false;
        for (int i = 0; i < runs.size(); i++) {
            Points own = points.apply(runs.get(i));
            any |= !own.xs().isEmpty();
            plot.add(
                    place(runs.get(i)),
                    colour(i) + " " + of(i),
                    mark(i).isEmpty() ? Mark.LINE : Mark.DASHES,
                    own.xs(),
                    own.ys());
        }
        return any ? plot.figure() : Html.NOTHING;
    }

    private Html differences(List<RunSummary> shown) {
        Set<String> names = new TreeSet<>();
        shown.forEach(run -> names.addAll(run.settings().keySet()));
        names.removeAll(NO_DIFFERENCE);
        names.removeIf(name -> shown.stream()
                        .map(run -> run.settings().getOrDefault(name, NONE))
                        .distinct()
                        .count()
                == 1);
        if (names.isEmpty()) {
            return Html.NOTHING;
        }
        List<Html> rows = new ArrayList<>();
        rows.add(tag(
                "tr",
                tag("th", "setting"),
                Html.all(IntStream.range(0, shown.size())
                        .mapToObj(i -> tag("th", kind(of(i)), place(shown.get(i))))
                        .toList())));
        for (String name : names) {
            rows.add(tag(
                    "tr",
                    tag("td", name),
                    Html.all(IntStream.range(0, shown.size())
                            .mapToObj(i -> tag(
                                    "td", kind(of(i)), shown.get(i).settings().getOrDefault(name, NONE)))
                            .toList())));
        }
        return tag("div", kind("wide"), tag("table", Html.all(rows)));
    }

    private static String bitsPerByte(RunSummary run) {
        return run.validation()
                .map(validation -> fixed(validation.bitsPerByte()))
                .orElse(NONE);
    }

    private static String fixed(double value) {
        return Double.isNaN(value) ? NONE : Units.fixed(value, 4);
    }

    private static String digits(double value) {
        return Double.isNaN(value) ? NONE : Units.digits(value);
    }
}
