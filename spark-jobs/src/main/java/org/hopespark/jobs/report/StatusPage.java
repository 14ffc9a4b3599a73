package org.hopespark.jobs.report;

import static org.hopespark.jobs.report.Html.kind;
import static org.hopespark.jobs.report.Html.tag;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hopespark.jobs.progress.Units;
import org.hopespark.jobs.report.RunStatus.Meeting;
import org.hopespark.jobs.report.RunStatus.Place;
import org.hopespark.jobs.report.RunStatus.Trouble;
import org.hopespark.jobs.run.RunEvent.CheckpointSaved;
import org.hopespark.jobs.run.RunEvent.LevelFacts;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.StepDone;

/** A running run, as a part of a page: it brings its style, and stays within its element. */
final class StatusPage {
    private static final String NONE = "–";

    private final RunStatus status;

    StatusPage(RunStatus status) {
        this.status = status;
    }

    Html html() {
        return Html.all(
                Html.style("status.css"),
                tag(
                        "div",
                        kind("hope"),
                        title(),
                        facts(),
                        status.lossFigure(),
                        tag("h4", "Levels"),
                        levels(),
                        tag("h4", "Ranks"),
                        ranks(),
                        tag("h4", "Failures and warnings"),
                        troubles()));
    }

    private Html title() {
        String name = status.run().map(RunStarted::name).orElse("no run yet");
        String state = status.isFinished() ? "finished" : status.step().isEmpty() ? "starting" : "training";
        String started = status.run().map(run -> ", started " + run.started()).orElse("");
        return Html.quiet(name, ": ", state, started);
    }

    private Html facts() {
        Optional<RunStarted> run = status.run();
        Optional<StepDone> step = status.step();
        return Html.facts(
                Html.fact(
                        "step",
                        step.map(s -> Units.count(s.step())).orElse(NONE),
                        run.map(r -> "of " + Units.count(r.steps())).orElse("")),
                Html.fact("loss", step.map(s -> Units.fixed(s.loss(), 4)).orElse(NONE), "nats per target token"),
                Html.fact(
                        "tokens a second",
                        step.map(s -> Units.digits(s.tokensPerSecond())).orElse(NONE),
                        step.map(s -> Units.digits(s.tokensPerSecond() / s.workers()) + " a worker, " + s.workers()
                                        + " workers")
                                .orElse("")),
                Html.fact("time left", duration(status.etaSeconds()), ""),
                Html.fact(
                        "attempt",
                        step.map(s -> Units.count(s.attempt())).orElse(NONE),
                        Units.count(status.count("failure")) + " failed, " + Units.count(status.count("preemption"))
                                + " preempted"),
                Html.fact(
                        "checkpoint",
                        status.checkpoint()
                                .map(c -> "step " + Units.count(c.step()))
                                .orElse(NONE),
                        status.checkpoint().map(this::about).orElse("")));
    }

    private String about(CheckpointSaved checkpoint) {
        return Units.duration(Math.rint(status.checkpointAgeSeconds())) + " ago, "
                + Units.bytes((double) checkpoint.bytes()) + " in " + Units.duration(checkpoint.seconds());
    }

    private Html levels() {
        Html.Table table = new Html.Table()
                .texts("level")
                .numbers(
                        "period C, steps",
                        "parameters",
                        "last boundary, step",
                        "bytes sent, all workers",
                        "GB/s a worker",
                        "exchange, ms",
                        "gradient norm");
        for (LevelFacts level : status.run().map(RunStarted::levels).orElse(List.of())) {
            Optional<Meeting> meeting = Optional.ofNullable(status.meetings().get(level.level()));
            table.row(
                    "L" + level.level(),
                    Units.count(level.periodSteps()),
                    Units.count(level.parameters()),
                    meeting.map(m -> Units.count(m.step())).orElse(NONE),
                    meeting.map(m -> Units.bytes((double) m.boundary().bytesSent()))
                            .orElse(NONE),
                    meeting.map(m -> Units.digits(m.boundary().gigabytesPerSecond()))
                            .orElse(NONE),
                    meeting.map(m -> Units.digits(m.boundary().milliseconds())).orElse(NONE),
                    meeting.map(m -> Units.digits(m.boundary().gradientNorm())).orElse(NONE));
        }
        return table.html();
    }

    private Html ranks() {
        Optional<StepDone> step = status.step();
        if (step.isEmpty()) {
            return Html.quiet("nothing yet");
        }
        Map<String, List<Double>> seconds = step.get().secondsByRank();
        Html.Table table = new Html.Table()
                .texts("rank", "host", "GPU")
                .numbers(seconds.keySet().stream()
                        .map(key -> key.replace("-seconds", ", ms").replace("data", "data wait"))
                        .toArray(String[]::new));
        for (int rank = 0; rank < step.get().workers(); rank++) {
            Place place = status.places().getOrDefault(rank, new Place(NONE, ""));
            List<String> cells = new ArrayList<>();
            cells.add(rank + (step.get().slowestRank().orElse(-1) == rank ? " (slowest)" : ""));
            cells.add(place.host());
            cells.add(place.gpu().isEmpty() ? NONE : place.gpu());
            for (List<Double> column : seconds.values()) {
                cells.add(Units.digits(column.get(rank) * 1e3));
            }
            table.row(cells.toArray(String[]::new));
        }
        return table.html();
    }

    private Html troubles() {
        Html.Table table =
                new Html.Table().texts("kind").numbers("attempt", "step").texts("cause");
        List<Trouble> troubles = status.troubles();
        for (int i = troubles.size() - 1; i >= 0; i--) {
            Trouble trouble = troubles.get(i);
            table.row(trouble.kind(), Units.count(trouble.attempt()), Units.count(trouble.step()), trouble.text());
        }
        return table.orElse(Html.quiet("none"));
    }

    private static String duration(double seconds) {
        return Double.isNaN(seconds) ? NONE : Units.duration(seconds);
    }
}
