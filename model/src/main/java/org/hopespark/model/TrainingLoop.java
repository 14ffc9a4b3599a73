package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.RunConfig;

/**
 * The one loop: every step adds to the gradient of every level, and a level is exchanged, updated and cleared at its
 * own boundaries (Nested Learning, Eq. 71, whose window printed with C+1 terms is taken as the C steps that end at the
 * boundary).
 */
public final class TrainingLoop {
    /** Where a worker's batches come from. */
    @FunctionalInterface
    public interface Batches {
        WorkerBatch at(long step);
    }

    /** Sees every finished step and changes nothing. */
    @FunctionalInterface
    public interface Listener {
        void finished(StepReport report);
    }

    /** Saves the state after a step; called on every worker. */
    @FunctionalInterface
    public interface Saver {
        void save(long step);
    }

    private final RunConfig config;
    private final LevelSchedule schedule;
    private final Network network;
    private final BoundarySync sync;
    private final Batches batches;
    private final Listener listener;
    private final Saver saver;

    public TrainingLoop(
            RunConfig config, Network network, BoundarySync sync, Batches batches, Listener listener, Saver saver) {
        this.config = config;
        this.schedule = config.schedule();
        this.network = network;
        this.sync = sync;
        this.batches = batches;
        this.listener = listener;
        this.saver = saver;
    }

    /** Trains from {@code firstStep} to {@code lastStep}, both included; steps count from 1. */
    public void run(long firstStep, long lastStep) {
        long[] digests = network.digests();
        for (long step = firstStep; step <= lastStep; step++) {
            long begin = System.nanoTime();
            WorkerBatch batch = batches.at(step);
            long loaded = System.nanoTime();
            long tokens = sync.open(step, batch.targetCount(), digests);
            double loss = forwardBackward(batch, tokens);
            long computed = System.nanoTime();

            List<StepReport.LevelReport> levels = new ArrayList<>();
            for (Level level : schedule.dueAt(step)) {
                network.closeWindow(level);
                LevelGradient gradient = network.gradient(level);
                Exchange exchange = gradient.sumOver(sync, step);
                double norm = network.update(level, step, config.training());
                levels.add(new StepReport.LevelReport(level, exchange, norm));
            }
            for (Level level : schedule.dueAt(step)) {
                digests[level.index() - 1] = network.digest(level);
            }

            if (!Double.isFinite(loss)) {
                throw new DivergedException(
                        "the loss is " + loss + " at step " + step
                                + ": training has diverged; go on from the last checkpoint with a lower training.learning-rate");
            }
            listener.finished(new StepReport(
                    step,
                    loss,
                    batch.targetCount(),
                    config.training().learningRateAt(step),
                    seconds(begin, loaded),
                    seconds(loaded, computed),
                    seconds(begin, System.nanoTime()),
                    levels,
                    statistics(step, batch)));
            if (config.checkpoint().isDueAt(step, lastStep)) {
                foldOpenWindows(step);
                saver.save(step);
            }
        }
        sync.open(lastStep + 1, 0, digests);
    }

    /** The gradient of a step is the mean over the targets of the global batch, whoever computes which part of it. */
    private double forwardBackward(WorkerBatch batch, long tokens) {
        double loss = 0;
        for (TokenBatch part : batch.microBatches()) {
            loss += network.forwardBackward(part, tokens == 0 ? 0 : 1.0 / tokens);
        }
        return loss;
    }

    /**
     * Moves the open windows of all workers into worker 0, so that a checkpoint holds them once and any number of
     * workers can go on from it. The run itself goes on from the same folded state; so a resumed run equals it bit for
     * bit.
     */
    private void foldOpenWindows(long step) {
        for (Level level : schedule.levels()) {
            if (!level.isDueAt(step)) {
                LevelGradient gradient = network.gradient(level);
                gradient.sumOver(sync, step);
                if (sync.rank() != 0) {
                    gradient.clear();
                }
            }
        }
    }

    private Optional<StepReport.Statistics> statistics(long step, WorkerBatch batch) {
        long every = config.training().statisticsEverySteps();
        if (sync.rank() != 0
                || every == 0
                || (step != 1 && step % every != 0)
                || batch.microBatches().isEmpty()) {
            return Optional.empty();
        }
        TokenBatch.Sequence first = batch.microBatches().get(0).sequences().get(0);
        return Optional.of(new StepReport.Statistics(
                network.innerStatistics(new TokenBatch(List.of(first))),
                schedule.levels().stream().map(network::drift).toList()));
    }

    private static double seconds(long from, long to) {
        return (to - from) * 1e-9;
    }
}
