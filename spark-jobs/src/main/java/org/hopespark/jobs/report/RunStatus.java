package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.cluster.spark.RunView;
import org.hopespark.jobs.progress.TimeLeft;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvent.AttemptEnded;
import org.hopespark.jobs.run.RunEvent.CheckpointFailed;
import org.hopespark.jobs.run.RunEvent.CheckpointSaved;
import org.hopespark.jobs.run.RunEvent.Finished;
import org.hopespark.jobs.run.RunEvent.LevelDone;
import org.hopespark.jobs.run.RunEvent.LevelFacts;
import org.hopespark.jobs.run.RunEvent.RunStarted;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.RunEvent.Straggler;
import org.hopespark.jobs.run.RunEvent.Warning;
import org.hopespark.jobs.run.RunEvent.WorkerJoined;

/**
 * Where a run is now: the newest line of every kind, for the gauges and the page on the driver. What it knows is what
 * this process has received; an earlier process on the same folder is in {@code report.html}.
 */
public final class RunStatus implements MetricsSink, RunView {
    private static final int NEWEST_TROUBLES = 20;

    /** A level's last boundary. */
    record Meeting(long step, LevelDone boundary) {}

    /** Where a rank sits; {@code gpu} is empty without one. */
    record Place(String host, String gpu) {}

    /** What went wrong, or only took long. */
    record Trouble(String kind, long attempt, long step, String text) {}

    private final LongSupplier nanoTime;
    private Optional<RunStarted> run = Optional.empty();
    private Optional<StepDone> step = Optional.empty();
    private Optional<CheckpointSaved> checkpoint = Optional.empty();
    private long checkpointNanos;
    private final Map<Integer, Meeting> meetings = new TreeMap<>();
    private final Map<Integer, Place> places = new TreeMap<>();
    private final List<Trouble> troubles = new ArrayList<>();
    private final Map<String, Long> troubleCounts = new TreeMap<>();
    private final Curve loss = new Curve();
    private final TimeLeft timeLeft = new TimeLeft();
    private boolean finished;

    public RunStatus() {
        this(System::nanoTime);
    }

    RunStatus(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void add(RunEvent event) {
        if (event instanceof RunStarted started) {
            run = Optional.of(started);
        } else if (event instanceof WorkerJoined worker) {
            places.put(worker.rank(), new Place(worker.host(), worker.gpu()));
        } else if (event instanceof StepDone now) {
            finished(now);
        } else if (event instanceof CheckpointSaved saved) {
            checkpoint = Optional.of(saved);
            checkpointNanos = nanoTime.getAsLong();
        } else if (event instanceof AttemptEnded end) {
            ended(end);
        } else if (event instanceof CheckpointFailed failed) {
            trouble(new Trouble("checkpoint-failure", 0, failed.step(), failed.cause()));
        } else if (event instanceof Straggler straggler) {
            trouble(new Trouble("straggler", straggler.attempt(), straggler.step(), straggler.cause()));
        } else if (event instanceof Warning warning) {
            trouble(new Trouble("warning", 0, warning.step(), warning.cause()));
        } else if (event instanceof Finished) {
            finished = true;
        }
    }

    private void ended(AttemptEnded end) {
        if (end.kind() == AttemptEnd.Kind.FAILURE || end.kind() == AttemptEnd.Kind.PREEMPTION) {
            trouble(new Trouble(end.kind().word(), end.attempt(), end.step(), end.cause()));
            places.clear(); // the next attempt reports again who sits where
        }
    }

    private void finished(StepDone now) {
        timeLeft.stepped(now.seconds());
        step = Optional.of(now);
        loss.add(now.step(), now.loss());
        now.levels().forEach(boundary -> meetings.put(boundary.level(), new Meeting(now.step(), boundary)));
    }

    private void trouble(Trouble trouble) {
        troubles.add(trouble);
        if (troubles.size() > NEWEST_TROUBLES) {
            troubles.remove(0);
        }
        troubleCounts.merge(trouble.kind(), 1L, Long::sum);
    }

    /**
     * The figures of the run, of each level and of each rank that is known now.
     *
     * <p>Seconds, bytes and GB/s (10^9 bytes) as in {@code metrics.jsonl}.
     */
    @Override
    public synchronized Map<String, DoubleSupplier> gauges() {
        Map<String, DoubleSupplier> gauges = new LinkedHashMap<>();
        gauges.put("steps", locked(s -> s.run.map(r -> (double) r.steps()).orElse(Double.NaN)));
        gauges.put("workers", ofStep(StepDone::workers));
        gauges.put("attempt", ofStep(StepDone::attempt));
        gauges.put("step", ofStep(StepDone::step));
        gauges.put("step-seconds", ofStep(StepDone::seconds));
        gauges.put("loss", ofStep(StepDone::loss));
        gauges.put("tokens-per-second", ofStep(StepDone::tokensPerSecond));
        gauges.put("tokens-per-second-per-worker", ofStep(s -> s.tokensPerSecond() / s.workers()));
        gauges.put("slowest-rank", ofStep(s -> s.slowestRank().orElse(-1)));
        gauges.put("eta-seconds", locked(RunStatus::etaSeconds));
        gauges.put("checkpoint-step", ofCheckpoint(CheckpointSaved::step));
        gauges.put("checkpoint-seconds", ofCheckpoint(CheckpointSaved::seconds));
        gauges.put("checkpoint-bytes", ofCheckpoint(CheckpointSaved::bytes));
        gauges.put("checkpoint-age-seconds", locked(RunStatus::checkpointAgeSeconds));
        for (String kind : List.of("failure", "preemption", "straggler", "checkpoint-failure", "warning")) {
            gauges.put(kind + "s", locked(s -> s.count(kind)));
        }
        for (LevelFacts level : run.map(RunStarted::levels).orElse(List.of())) {
            String prefix = "level-" + level.level() + ".";
            gauges.put(prefix + "period-steps", level::periodSteps);
            gauges.put(prefix + "bytes-sent", ofLevel(level, LevelDone::bytesSent));
            gauges.put(prefix + "gigabytes-per-second", ofLevel(level, LevelDone::gigabytesPerSecond));
            gauges.put(prefix + "milliseconds", ofLevel(level, LevelDone::milliseconds));
            gauges.put(prefix + "gradient-norm", ofLevel(level, LevelDone::gradientNorm));
        }
        int ranks = step.map(StepDone::workers)
                .or(() -> run.map(RunStarted::workers))
                .orElse(0);
        for (int rank = 0; rank < ranks; rank++) {
            for (String key : StepDone.RANK_SECONDS) {
                gauges.put("rank-" + rank + "." + key, ofRank(rank, key));
            }
        }
        return gauges;
    }

    private DoubleSupplier locked(ToDoubleFunction<RunStatus> figure) {
        return () -> {
            synchronized (this) {
                return figure.applyAsDouble(this);
            }
        };
    }

    private DoubleSupplier ofStep(ToDoubleFunction<StepDone> figure) {
        return locked(s -> s.step.map(figure::applyAsDouble).orElse(Double.NaN));
    }

    private DoubleSupplier ofCheckpoint(ToDoubleFunction<CheckpointSaved> figure) {
        return locked(s -> s.checkpoint.map(figure::applyAsDouble).orElse(Double.NaN));
    }

    private DoubleSupplier ofLevel(LevelFacts level, ToDoubleFunction<LevelDone> figure) {
        return locked(s -> Optional.ofNullable(s.meetings.get(level.level()))
                .map(meeting -> figure.applyAsDouble(meeting.boundary()))
                .orElse(Double.NaN));
    }

    private DoubleSupplier ofRank(int rank, String key) {
        return locked(s -> s.step.map(step -> step.secondsByRank().getOrDefault(key, List.of()))
                .filter(seconds -> rank < seconds.size())
                .map(seconds -> seconds.get(rank))
                .orElse(Double.NaN));
    }

    @Override
    public String page() {
        return new StatusPage(this).html().toString();
    }

    synchronized Optional<RunStarted> run() {
        return run;
    }

    synchronized Optional<StepDone> step() {
        return step;
    }

    synchronized Optional<CheckpointSaved> checkpoint() {
        return checkpoint;
    }

    synchronized double checkpointAgeSeconds() {
        return checkpoint.isEmpty() ? Double.NaN : (nanoTime.getAsLong() - checkpointNanos) * 1e-9;
    }

    synchronized Map<Integer, Meeting> meetings() {
        return Map.copyOf(meetings);
    }

    synchronized Map<Integer, Place> places() {
        return Map.copyOf(places);
    }

    /** The newest, oldest first. */
    synchronized List<Trouble> troubles() {
        return List.copyOf(troubles);
    }

    synchronized long count(String kind) {
        return troubleCounts.getOrDefault(kind, 0L);
    }

    /** A plot of all steps so far. */
    synchronized Html lossFigure() {
        SvgPlot plot = new SvgPlot("Loss, nats per target token")
                .add("training", "c0", SvgPlot.Mark.LINE, loss.steps(), loss.values());
        troubles.stream().filter(t -> t.kind().equals("failure")).forEach(t -> plot.failure(t.step(), t.text()));
        return plot.figure();
    }

    synchronized boolean isFinished() {
        return finished;
    }

    /** NaN before the first step. */
    synchronized double etaSeconds() {
        if (finished || run.isEmpty() || step.isEmpty()) {
            return finished ? 0 : Double.NaN;
        }
        return timeLeft.seconds(run.get().steps() - step.get().step());
    }
}
