package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.at;
import static org.hopespark.jobs.report.Html.tag;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.report.RunMetrics.Failure;
import org.hopespark.jobs.report.SvgPlot.Mark;
import org.hopespark.jobs.run.RunEvent.Block;
import org.hopespark.jobs.run.RunEvent.CheckpointSaved;
import org.hopespark.jobs.run.RunEvent.LevelDone;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.Sample;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.RunEvent.TaskScored;
import org.hopespark.jobs.run.RunEvent.Validation;
import org.hopespark.jobs.run.RunEvent.Warning;
import org.hopespark.jobs.run.TextFiles;

/** One page about a run, with everything inside: it needs no network and no other file. */
public final class RunReport {
    static final String METRICS = "metrics.jsonl";
    static final String CONFIG = "config.yaml";
    static final String PAGE = "report.html";
    /** The page of its evaluation, below a run's folder. */
    static final String EVALUATION = "evaluation/evaluation.html";

    private static final String RESULTS = "evaluation/results.json";

    private static final int COLOURS = 6;
    private static final int NEWEST = 8;
    private static final int SCALE_POINTS = 400;
    private static final String NONE = "–";

    private final RunMetrics metrics;
    private final RunStarted run;
    private final List<StepDone> steps;
    private final List<LevelTraffic> traffic;
    private final List<Double> stepNumbers;
    private final String config;
    private final Html evaluation;

    private RunReport(RunMetrics metrics, String config, Html evaluation) {
        this.metrics = metrics;
        this.run = metrics.run();
        this.steps = metrics.steps();
        this.traffic = run.levels().stream()
                .map(level -> LevelTraffic.of(level, steps))
                .toList();
        this.stepNumbers = steps.stream().map(s -> (double) s.step()).toList();
        this.config = config;
        this.evaluation = evaluation;
    }

    /** Reads a run's folder, writes {@code report.html} there and returns its place. */
    public static Path write(Path runFolder, TextFiles files) throws IOException {
        return write(runFolder, new Path(runFolder, RESULTS), files);
    }

    /** The same with the {@code results.json} of another evaluation than that in the run's folder. */
    public static Path write(Path runFolder, Path evaluation, TextFiles files) throws IOException {
        Path result = new Path(runFolder, PAGE);
        files.write(result, page(runFolder, evaluation, files));
        return result;
    }

    static String page(Path runFolder, TextFiles files) throws IOException {
        return page(runFolder, new Path(runFolder, RESULTS), files);
    }

    private static String page(Path runFolder, Path evaluation, TextFiles files) throws IOException {
        Path config = new Path(runFolder, CONFIG);
        return html(
                metrics(runFolder, files),
                files.exists(config) ? files.read(config) : "",
                files.exists(evaluation)
                        ? Html.all(
                                link(
                                        runFolder,
                                        new Path(evaluation.getParent(), new Path(EVALUATION).getName()),
                                        files),
                                evaluationTable(evaluation.toString(), files.read(evaluation)))
                        : Html.NOTHING);
    }

    /** A link to a page below the run's folder, if it is there. */
    private static Html link(Path runFolder, Path page, TextFiles files) throws IOException {
        URI place = runFolder.toUri().relativize(page.toUri());
        return place.equals(page.toUri()) || !files.exists(page)
                ? Html.NOTHING
                : Html.quiet(
                        tag("a", at("href", place.getRawPath()), "Intervals, differences and plots of the evaluation"));
    }

    /** What a run's folder says of it. */
    static RunMetrics metrics(Path runFolder, TextFiles files) throws IOException {
        Path metrics = new Path(runFolder, METRICS);
        if (!files.hasLines(metrics)) {
            throw new UserException("no " + METRICS + " in " + runFolder + "; name the folder of a run");
        }
        return RunMetrics.parse(metrics.toString(), lines(metrics, files));
    }

    private static String lines(Path metrics, TextFiles files) throws IOException {
        StringBuilder text = new StringBuilder();
        files.forEachLine(metrics, line -> text.append(line).append('\n'));
        return text.toString();
    }

    static String html(RunMetrics metrics, String config, Html evaluation) {
        return new RunReport(metrics, config, evaluation).page().toString();
    }

    private Html page() {
        return Html.page(
                run.name(),
                subtitle(),
                facts(),
                scale(),
                Html.section("Loss", lossPlot(), bitsPlot(), learningRatePlot()),
                Html.section("Speed", speedPlot(), secondsPlot()),
                Html.section("Communication", trafficPlot(), levelTable()),
                Html.section("Learning of the levels", gradientPlot(), driftPlot()),
                Html.section("Inner learning", innerPlots()),
                Html.section("Tasks", taskPlots()),
                Html.section("Evaluation", evaluation),
                Html.section("Checkpoints and failures", checkpoints(), failures()),
                Html.section("Warnings and changes", warnings()),
                Html.section("Samples", samples()),
                Html.section("Versions", versions()),
                Html.section("Configuration", config.isEmpty() ? Html.NOTHING : tag("pre", config)));
    }

    private Html subtitle() {
        long last = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).step();
        String start = metrics.starts() > 1 ? ", start " + metrics.starts() + " at " : ", started ";
        return Html.quiet(
                metrics.state(),
                " at step ",
                Units.count(last),
                " of ",
                Units.count(run.steps()),
                start,
                run.started());
    }

    private Html facts() {
        List<Html> facts = new ArrayList<>();
        facts.add(Html.fact("parameters", Units.count(run.parameters()), ""));
        facts.add(Html.fact("tokens", Units.count(metrics.tokens()), Units.count(run.batchTokens()) + " a step"));
        facts.add(Html.fact("workers", Units.count(run.workers()), ""));
        facts.add(Html.fact("attempts", Units.count(metrics.attempts()), ends()));
        facts.add(Html.fact("wall time", Units.duration(metrics.seconds()), starts()));
        if (!steps.isEmpty()) {
            double last = steps.get(steps.size() - 1).loss();
            facts.add(Html.fact(
                    "final loss",
                    Units.fixed(last, 4),
                    "mean of last " + metrics.lastSteps().size() + ": " + Units.fixed(metrics.lastLoss(), 4)));
        }
        if (!metrics.validations().isEmpty()) {
            Validation last = metrics.validations().get(metrics.validations().size() - 1);
            facts.add(Html.fact("validation loss", Units.fixed(last.loss(), 4), "at step " + Units.count(last.step())));
            facts.add(Html.fact(
                    "bits per byte",
                    Units.fixed(last.bitsPerByte(), 4),
                    run.unigramBitsPerByte()
                            .map(bits -> "unigram: " + Units.fixed(bits, 4))
                            .orElse("")));
        }
        return Html.facts(facts.toArray(Html[]::new));
    }

    private Html lossPlot() {
        SvgPlot plot = new SvgPlot("Loss, nats per target token")
                .add(
                        "training",
                        "c0",
                        Mark.LINE,
                        stepNumbers,
                        steps.stream().map(StepDone::loss).toList())
                .add(
                        "validation",
                        "c1",
                        Mark.DOTS,
                        metrics.validations().stream()
                                .map(v -> (double) v.step())
                                .toList(),
                        metrics.validations().stream().map(Validation::loss).toList());
        metrics.failures().forEach(failure -> plot.failure(failure.step(), failure.cause()));
        metrics.warnings().forEach(warning -> plot.warning(warning.step(), warning.cause()));
        return plot.figure();
    }

    /** At which tokens and seconds a step was done, for those who would rather see these below the plots. */
    private Html scale() {
        if (steps.isEmpty()) {
            return Html.NOTHING;
        }
        ObjectNode scale = JsonNodeFactory.instance.objectNode();
        ArrayNode done = scale.putArray("step");
        ArrayNode tokens = scale.putArray("tokens");
        ArrayNode seconds = scale.putArray("time");
        int each = (steps.size() + SCALE_POINTS - 1) / SCALE_POINTS;
        double tokensSoFar = 0;
        double secondsSoFar = 0;
        for (int i = 0; i < steps.size(); i++) {
            tokensSoFar += steps.get(i).tokens();
            secondsSoFar += steps.get(i).seconds();
            if (i % each == 0 || i == steps.size() - 1) {
                done.add(steps.get(i).step());
                tokens.add(tokensSoFar);
                seconds.add(SvgPlot.rounded(secondsSoFar));
            }
        }
        return tag("div", at("hidden", "hidden"), at("data-scale", scale));
    }

    private Html bitsPlot() {
        if (metrics.validations().isEmpty()) {
            return Html.NOTHING;
        }
        return new SvgPlot("Bits per byte of held-out text")
                .add(
                        "validation",
                        "c1",
                        Mark.LINE,
                        metrics.validations().stream()
                                .map(v -> (double) v.step())
                                .toList(),
                        metrics.validations().stream()
                                .map(Validation::bitsPerByte)
                                .toList())
                .figure();
    }

    private Html learningRatePlot() {
        return new SvgPlot("Learning rate")
                .add(
                        "learning rate",
                        "c3",
                        Mark.LINE,
                        stepNumbers,
                        steps.stream().map(StepDone::learningRate).toList())
                .fromZero()
                .figure();
    }

    /** A plot for each metric of each task that was asked while training. */
    private Html taskPlots() {
        Map<String, List<TaskScored>> byMetric = metrics.tasks().stream()
                .collect(Collectors.groupingBy(
                        score -> score.task() + ", " + score.metric(), LinkedHashMap::new, Collectors.toList()));
        List<Html> plots = new ArrayList<>();
        byMetric.forEach((title, scores) -> {
            List<Double> at = scores.stream().map(s -> (double) s.step()).toList();
            plots.add(new SvgPlot(title)
                    .add(
                            "this run",
                            "c1",
                            Mark.LINE,
                            at,
                            scores.stream().map(TaskScored::value).toList())
                    .add(
                            "chance",
                            "quiet",
                            Mark.DASHES,
                            at,
                            scores.stream().map(TaskScored::chance).toList())
                    .figure());
        });
        return Html.all(plots);
    }

    private Html speedPlot() {
        return new SvgPlot("Tokens per second, all workers")
                .add(
                        "tokens per second",
                        "c2",
                        Mark.LINE,
                        stepNumbers,
                        steps.stream().map(StepDone::tokensPerSecond).toList())
                .fromZero()
                .figure();
    }

    private Html secondsPlot() {
        Map<String, Function<StepDone, List<Double>>> parts = new LinkedHashMap<>();
        parts.put("whole step", step -> List.of(step.seconds()));
        parts.put("forward", StepDone::forwardSeconds);
        parts.put("backward", StepDone::backwardSeconds);
        parts.put("waiting for others", StepDone::exposedSeconds);
        parts.put("waiting for data", StepDone::dataSeconds);
        SvgPlot plot = new SvgPlot("Seconds of a step, means over workers");
        int colour = 0;
        for (Map.Entry<String, Function<StepDone, List<Double>>> part : parts.entrySet()) {
            List<Double> means = steps.stream()
                    .map(step -> part.getValue().apply(step).stream()
                            .mapToDouble(Double::doubleValue)
                            .average()
                            .orElse(Double.NaN))
                    .toList();
            plot.add(part.getKey(), colour == 0 ? "all" : "c" + (colour - 1), Mark.LINE, stepNumbers, means);
            colour++;
        }
        return plot.fromZero().figure();
    }

    private Html gradientPlot() {
        SvgPlot plot = new SvgPlot("Gradient norm at the boundaries, before clipping");
        for (int i = 0; i < traffic.size(); i++) {
            int level = traffic.get(i).level().level();
            List<Double> norms = steps.stream()
                    .map(step -> step.levels().stream()
                            .filter(boundary -> boundary.level() == level)
                            .findFirst()
                            .map(LevelDone::gradientNorm)
                            .orElse(Double.NaN))
                    .toList();
            plot.add(label(traffic.get(i)), "c" + i % COLOURS, Mark.LINE, stepNumbers, norms);
        }
        return plot.figure();
    }

    private Html driftPlot() {
        if (steps.stream().allMatch(step -> step.statistics().isEmpty())) {
            return Html.NOTHING;
        }
        SvgPlot plot = new SvgPlot("Distance of each level from its start, relative");
        for (int i = 0; i < traffic.size(); i++) {
            int index = i;
            plot.add(
                    label(traffic.get(i)),
                    "c" + i % COLOURS,
                    Mark.LINE,
                    stepNumbers,
                    steps.stream()
                            .map(step -> step.statistics()
                                    .filter(s -> index < s.drift().size())
                                    .map(s -> s.drift().get(index))
                                    .orElse(Double.NaN))
                            .toList());
        }
        return plot.fromZero().figure();
    }

    private Html innerPlots() {
        if (means(Block::eta).stream().allMatch(eta -> eta.isNaN())) {
            return Html.NOTHING;
        }
        Html errors = new SvgPlot("Errors that writes correct: norm, share that the cap has cut")
                .add("error norm", "c0", Mark.LINE, stepNumbers, means(Block::errorNorm))
                .add("share cut", "c1", Mark.LINE, stepNumbers, means(Block::cappedShare))
                .fromZero()
                .figure();
        Html rates = new SvgPlot("Inner learning rate eta, forgetting 1 - alpha")
                .add("eta", "c0", Mark.LINE, stepNumbers, means(Block::eta))
                .add("1 - alpha", "c1", Mark.LINE, stepNumbers, means(block -> 1 - block.alpha()))
                .fromZero()
                .figure();
        Html written = new SvgPlot("Share of what memories read that writes have made")
                .add("share", "c0", Mark.LINE, stepNumbers, means(Block::writtenShare))
                .fromZero()
                .figure();
        Html drift = new SvgPlot("Distance of the memories from their start, at the end of a sequence")
                .add("relative distance", "c0", Mark.LINE, stepNumbers, means(Block::stateDrift))
                .fromZero()
                .figure();
        return Html.all(
                rates,
                errors,
                written,
                drift,
                Html.quiet("Means over blocks, heads, memories and the tokens of one sequence."));
    }

    /** A figure's mean over the blocks, NaN at steps without statistics. */
    private List<Double> means(ToDoubleFunction<Block> figure) {
        return steps.stream()
                .map(step -> step.statistics().stream()
                        .flatMap(statistics -> statistics.blocks().stream())
                        .mapToDouble(figure)
                        .average()
                        .orElse(Double.NaN))
                .toList();
    }

    private Html trafficPlot() {
        SvgPlot plot = new SvgPlot("Bytes sent so far, all workers", SvgPlot.Unit.BYTES);
        List<Double> fullSync = new ArrayList<>();
        double sum = 0;
        for (StepDone step : steps) {
            for (LevelTraffic level : traffic) {
                sum += LevelTraffic.bytesAtOneBoundary(level.level(), step.workers());
            }
            fullSync.add(sum);
        }
        plot.add("every level at every step", "quiet", Mark.DASHES, stepNumbers, fullSync);
        if (traffic.size() > 1) {
            plot.add(
                    "all levels",
                    "all",
                    Mark.LINE,
                    stepNumbers,
                    IntStream.range(0, steps.size())
                            .mapToObj(i -> traffic.stream()
                                    .mapToDouble(t -> t.cumulative().get(i))
                                    .sum())
                            .toList());
        }
        for (int i = 0; i < traffic.size(); i++) {
            LevelTraffic level = traffic.get(i);
            plot.add(label(level), "c" + i % COLOURS, Mark.LINE, stepNumbers, level.cumulative());
        }
        return plot.figure();
    }

    private Html levelTable() {
        Html.Table table = new Html.Table()
                .texts("level")
                .numbers(
                        "period C, steps",
                        "parameters P",
                        "exchanges",
                        "bytes sent",
                        "bytes by formula",
                        "share of full sync",
                        "mean ms",
                        "last gradient norm");
        for (LevelTraffic level : traffic) {
            table.row(
                    "L" + level.level().level(),
                    Units.count(level.level().periodSteps()),
                    Units.count(level.level().parameters()),
                    Units.count(level.boundaries()),
                    Units.bytes((double) level.bytesSent()),
                    Units.bytes(level.bytesByFormula()),
                    share((double) level.bytesSent(), level.bytesOfFullSync()),
                    level.boundaries() == 0 ? NONE : Units.digits(level.meanMilliseconds()),
                    Double.isNaN(level.lastGradientNorm()) ? NONE : Units.digits(level.lastGradientNorm()));
        }
        double sent = traffic.stream().mapToDouble(LevelTraffic::bytesSent).sum();
        double fullSync =
                traffic.stream().mapToDouble(LevelTraffic::bytesOfFullSync).sum();
        table.row(
                "all",
                "",
                Units.count(
                        traffic.stream().mapToLong(t -> t.level().parameters()).sum()),
                Units.count(traffic.stream().mapToLong(LevelTraffic::boundaries).sum()),
                Units.bytes(sent),
                Units.bytes(traffic.stream()
                        .mapToDouble(LevelTraffic::bytesByFormula)
                        .sum()),
                share(sent, fullSync),
                "",
                "");
        return Html.all(
                table.html(),
                Html.quiet("Formula: 2 (N − 1) / N · b · P / C bytes a worker and step, b = 4 or what the level's wire"
                        + " format makes of it, C = 1 where updates are summed, here for all N workers and all steps"
                        + " whose gradient reaches the level. Full sync exchanges every level at every step: "
                        + Units.bytes(fullSync)
                        + ". Bytes of a step that was run again after a failure count once."));
    }

    private static String share(double bytes, double of) {
        return of == 0 ? NONE : Units.percent(bytes / of);
    }

    private static String label(LevelTraffic level) {
        return "L" + level.level().level() + ", C = " + level.level().periodSteps();
    }

    private Html checkpoints() {
        Html.Table table = new Html.Table()
                .numbers("checkpoint at step", "seconds", "size")
                .texts("path");
        List<CheckpointSaved> all = metrics.checkpoints();
        for (CheckpointSaved checkpoint : all.subList(Math.max(0, all.size() - NEWEST), all.size())) {
            table.row(
                    Units.count(checkpoint.step()),
                    Units.digits(checkpoint.seconds()),
                    Units.bytes((double) checkpoint.bytes()),
                    checkpoint.path());
        }
        return Html.all(note(all.size()), table.orElse(Html.NOTHING));
    }

    private static Html note(int all) {
        return all > NEWEST ? Html.quiet("the newest " + NEWEST + " of " + all) : Html.NOTHING;
    }

    private String starts() {
        return metrics.starts() == 1 ? "" : "of " + Units.count(metrics.starts()) + " starts";
    }

    private String ends() {
        long failures = metrics.failures().stream()
                .filter(end -> end.kind().equals("failure"))
                .count();
        return Units.count(failures) + (failures == 1 ? " failure" : " failures");
    }

    private Html failures() {
        Html.Table table = new Html.Table().numbers("attempt", "ended at step").texts("kind", "cause");
        for (Failure failure : metrics.failures()) {
            table.row(
                    failure.attempt() == 0 ? NONE : Units.count(failure.attempt()),
                    Units.count(failure.step()),
                    failure.kind(),
                    failure.cause());
        }
        return table.orElse(Html.NOTHING);
    }

    private Html warnings() {
        Html.Table table = new Html.Table().numbers("step").texts("warning");
        List<Warning> all = metrics.warnings();
        for (Warning warning : all.subList(Math.max(0, all.size() - NEWEST), all.size())) {
            table.row(Units.count(warning.step()), warning.cause());
        }
        return Html.all(note(all.size()), table.orElse(Html.NOTHING));
    }

    private Html samples() {
        List<Html> result = new ArrayList<>();
        List<Sample> all = metrics.samples();
        for (Sample sample : all.subList(Math.max(0, all.size() - NEWEST), all.size())) {
            result.add(Html.quiet("step ", Units.count(sample.step())));
            result.add(tag("blockquote", tag("b", sample.prompt()), sample.text()));
        }
        return Html.all(result);
    }

    private Html versions() {
        Html.Table table = new Html.Table().texts("what", "version");
        run.versions().forEach((what, version) -> table.row(what, version));
        return table.row("data set", run.dataIdentity()).html();
    }

    /** The table of a sweep's {@code results.json}. */
    static Html evaluationTable(String file, String json) {
        JsonNode all;
        try {
            all = new ObjectMapper().readTree(json);
        } catch (JacksonException e) {
            throw new UserException(file + " is not valid JSON: " + e.getOriginalMessage() + "; run evaluate again", e);
        }
        Html.Table table = new Html.Table()
                .texts("checkpoint", "task", "metric")
                .numbers("value", "standard error", "n", "max tokens");
        for (Map.Entry<String, JsonNode> run : all.properties()) {
            for (Map.Entry<String, JsonNode> task :
                    run.getValue().path("results").properties()) {
                for (Map.Entry<String, JsonNode> metric : task.getValue().properties()) {
                    // "acc,none" or, of a part of the task, "acc,depth=50"; "alias" and the like are no metrics
                    String[] parts = metric.getKey().split(",", 2);
                    if (parts.length == 2 && !parts[0].endsWith("_stderr")) {
                        boolean whole = parts[1].equals("none");
                        JsonNode error = task.getValue().path(parts[0] + "_stderr," + parts[1]);
                        JsonNode n = run.getValue()
                                .path("n-samples")
                                .path(task.getKey())
                                .path("effective");
                        table.row(
                                run.getKey().substring(run.getKey().lastIndexOf('/') + 1),
                                task.getKey(),
                                whole ? parts[0] : parts[0] + " " + parts[1],
                                Units.fixed(metric.getValue().asDouble(), 4),
                                error.isNumber() ? "± " + Units.fixed(error.asDouble(), 4) : "",
                                whole ? Units.count(n.asLong()) : "",
                                run.getValue().path("config").path("max_length").asText());
                    }
                }
            }
        }
        return table.orElse(Html.NOTHING);
    }
}
