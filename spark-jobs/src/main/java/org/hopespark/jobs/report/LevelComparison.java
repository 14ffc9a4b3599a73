package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.report.EvaluationReport.Row;
import org.hopespark.jobs.report.SvgPlot.Mark;
import org.hopespark.model.Architecture;
import org.hopespark.model.eval.HeldOut;

/** The part of an evaluation's page that sets models beside their levels: the newest checkpoint of each run. */
final class LevelComparison {
    private static final int COLOURS = 4;

    private final List<Row> rows;
    private final List<Subject> subjects;
    private final List<Figure> figures;

    /** What is compared: a whole task's figure. */
    record Figure(String title, String task, String metric) {}

    private record Subject(Row newest, Architecture architecture) {
        String checkpoint() {
            return newest.checkpoint();
        }

        int levels() {
            return architecture.schedule().count();
        }
    }

    /**
     * A comparison.
     *
     * @param models configurations of checkpoints, by their names for people; of those that are not here nothing is
     *     said
     * @param language figures that are compared beside the loss on held-out data
     */
    LevelComparison(List<Row> rows, Map<String, RunConfig> models, List<Figure> language) {
        this.rows = rows;
        subjects = rows.stream()
                .filter(row -> models.containsKey(row.checkpoint()))
                .collect(Collectors.toMap(
                        Row::run,
                        row -> row,
                        BinaryOperator.maxBy(Comparator.comparingLong(Row::step)),
                        java.util.LinkedHashMap::new))
                .values()
                .stream()
                .map(row -> new Subject(row, Architecture.of(Objects.requireNonNull(models.get(row.checkpoint())))))
                .toList();
        List<Figure> all = new ArrayList<>(List.of(new Figure("held-out, bits a byte", HeldOut.TASK, "bits_per_byte")));
        all.addAll(language);
        figures = all.stream()
                .filter(figure -> subjects.stream()
                        .anyMatch(subject -> value(subject, figure).isPresent()))
                .toList();
    }

    /** A section of the page; nothing if no model is known. */
    Html section() {
        if (subjects.isEmpty()) {
            return Html.NOTHING;
        }
        int most = subjects.stream().mapToInt(Subject::levels).max().orElse(0);
        List<String> heads = new ArrayList<>(List.of("parameters"));
        for (int index = 1; index <= most; index++) {
            heads.add("L" + index + ": period, parameters");
        }
        figures.forEach(figure -> heads.add(figure.title()));
        Html.Table table = new Html.Table().texts("checkpoint", "mixer").numbers(heads.toArray(String[]::new));
        subjects.forEach(subject -> table.row(line(subject, most)));
        boolean differ = subjects.stream().map(Subject::levels).distinct().count() > 1;
        List<Html> plots = differ ? figures.stream().map(this::overLevels).toList() : List.of();
        return Html.section(
                "Levels",
                Html.quiet("The newest checkpoint of each run; periods in steps."),
                table.html(),
                Html.all(plots));
    }

    private String[] line(Subject subject, int most) {
        Architecture architecture = subject.architecture();
        List<String> cells = new ArrayList<>(
                List.of(subject.checkpoint(), architecture.model().mixing(), Units.count(architecture.size())));
        for (int index = 1; index <= most; index++) {
            cells.add(
                    index > subject.levels()
                            ? ""
                            : level(architecture, architecture.schedule().first(index)));
        }
        for (Figure figure : figures) {
            OptionalDouble value = value(subject, figure);
            cells.add(value.isPresent() ? Units.fixed(value.getAsDouble(), 4) : "");
        }
        return cells.toArray(String[]::new);
    }

    private static String level(Architecture architecture, Level level) {
        return Units.count(level.periodSteps()) + ", " + Units.count(architecture.size(level.index()));
    }

    private Html overLevels(Figure figure) {
        SvgPlot plot = new SvgPlot(figure.title()).over("number of levels");
        for (int i = 0; i < subjects.size(); i++) {
            Subject subject = subjects.get(i);
            OptionalDouble value = value(subject, figure);
            if (value.isPresent()) {
                plot.add(
                        subject.checkpoint(),
                        "c" + i % COLOURS,
                        Mark.DOTS,
                        List.of((double) subject.levels()),
                        List.of(value.getAsDouble()));
            }
        }
        return plot.figure();
    }

    private OptionalDouble value(Subject subject, Figure figure) {
        Optional<Row> found = rows.stream()
                .filter(row -> row.checkpoint().equals(subject.checkpoint()) && row.is(figure.task(), figure.metric()))
                .findFirst();
        return found.map(row -> OptionalDouble.of(row.result().value())).orElse(OptionalDouble.empty());
    }
}
