package org.hopespark.jobs.pretrain;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.cluster.spark.RetryLoop;
import org.hopespark.cluster.spark.StepListener;
import org.hopespark.cluster.spark.WorkerFunction;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.check.DiskSpaceCheck;
import org.hopespark.jobs.run.MetricsLog;
import org.hopespark.jobs.run.RunEvent;
import org.jspecify.annotations.Nullable;

/** A run's attempts as its metrics and its console have them. */
final class RunAttempts implements RetryLoop.Attempts, StepListener {
    private final WorkerTask task;
    private final Function<WorkerTask, WorkerFunction> worker;
    private final CheckpointStore checkpoints;
    private final CheckpointPublisher publisher;
    private final DiskSpaceCheck room;
    private final IntPredicate fits;
    private final StepMerger merger;
    private final MetricsLog log;
    private final PrintStream out;
    private Optional<Checkpoint> newest = Optional.empty();
    private @Nullable AttemptEnd open;
    private long attempt;

    /** @param worker what runs a task, of which every attempt has another one */
    RunAttempts(
            WorkerTask task,
            Function<WorkerTask, WorkerFunction> worker,
            CheckpointStore checkpoints,
            CheckpointPublisher publisher,
            DiskSpaceCheck room,
            IntPredicate fits,
            StepMerger merger,
            MetricsLog log,
            PrintStream out) {
        this.task = task;
        this.worker = worker;
        this.checkpoints = checkpoints;
        this.publisher = publisher;
        this.room = room;
        this.fits = fits;
        this.merger = merger;
        this.log = log;
        this.out = out;
    }

    @Override
    public List<String> preflight() {
        List<String> problems = new ArrayList<>(room.problems());
        try {
            newest = checkpoints.newestValid();
        } catch (UserException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        return problems;
    }

    @Override
    public boolean fits(int workers) {
        return fits.test(workers);
    }

    @Override
    public synchronized WorkerFunction begin(long generation, int workers) {
        attempt = generation;
        merger.begin(generation, workers);
        newest.ifPresent(checkpoint ->
                out.println("resuming after step " + checkpoint.step() + " with " + workers + " workers"));
        return worker.apply(task.from(newest.map(Checkpoint::location).orElse("")));
    }

    @Override
    public long savedStep() {
        return merger.savedStep();
    }

    @Override
    public synchronized void ended(AttemptEnd end) {
        open = end;
        if (end.kind() != AttemptEnd.Kind.STOP) {
            out.printf(
                    "attempt %d ended (%s) after step %d: %s%n",
                    end.generation(), end.kind().word(), merger.lastStep(), end.cause());
        }
        failed(end);
    }

    @Override
    public synchronized void failed(AttemptEnd end) {
        publisher.attemptEnded().forEach(log::add);
        log.add(new RunEvent.AttemptEnded(
                end.kind(), end.generation(), merger.lastStep(), end.cause(), Optional.of(end.host())));
    }

    @Override
    public synchronized void reported(int rank, String json) {
        long before = merger.merged();
        merger.reported(rank, json);
        AttemptEnd last = open;
        if (last != null && merger.merged() > before) {
            open = null;
            log.add(new RunEvent.Resumed(attempt, merger.lastStep(), (System.nanoTime() - last.noticedNanos()) * 1e-9));
        }
    }
}
