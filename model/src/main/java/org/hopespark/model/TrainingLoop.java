package org.hopespark.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.WireFormat;

/**
 * The one loop: every step adds to the gradient of every level, and a level is exchanged, updated and cleared at its
 * own boundaries (Nested Learning, Eq. 71, whose window printed with C+1 terms is taken as the C steps that end at the
 * boundary). A level that sums the updates of its steps is exchanged and cleared at every step, and moves at its
 * boundaries.
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
        void save(long step, Accumulators windows);
    }

    private final RunConfig config;
    private final LevelSchedule schedule;
    private final Network network;
    private final BoundarySync sync;
    private final Batches batches;
    private final Listener listener;
    private final Saver saver;
    private final Supplier<BoundarySync.StopRequest> stopRequest;
    private final AtRest atRest;
    private final ReplicaCheck replicas;
    private final InnerWatch innerWatch;
    private final List<DelayedExchange> inFlight = new ArrayList<>();

    /** A loop that nobody wants to stop. */
    public TrainingLoop(
            RunConfig config, Network network, BoundarySync sync, Batches batches, Listener listener, Saver saver) {
        this(config, network, sync, batches, listener, saver, () -> BoundarySync.StopRequest.CONTINUE);
    }

    /**
     * A loop.
     *
     * @param stopRequest what this worker would have happen, asked at every step
     */
    public TrainingLoop(
            RunConfig config,
            Network network,
            BoundarySync sync,
            Batches batches,
            Listener listener,
            Saver saver,
            Supplier<BoundarySync.StopRequest> stopRequest) {
        this.stopRequest = stopRequest;
        this.config = config;
        this.schedule = config.schedule();
        this.network = network;
        this.sync = sync;
        this.batches = batches;
        this.listener = listener;
        this.saver = saver;
        atRest = new AtRest(network.levels(), sync.rank(), config.training().stateCheckEverySteps());
        replicas = new ReplicaCheck(network.levels(), schedule, atRest);
        innerWatch = new InnerWatch(config, network);
    }

    /**
     * Trains from {@code firstStep} to {@code lastStep}, both included; steps count from 1.
     *
     * @return the request that has ended it before the last step, or {@link BoundarySync.StopRequest#CONTINUE}; the
     *     state is then saved
     */
    public BoundarySync.StopRequest run(long firstStep, long lastStep) {
        replicas.leave(schedule.levels(), firstStep - 1);
        atRest.leaveWindows(schedule.levels(), firstStep - 1);
        for (long step = firstStep; step <= lastStep; step++) {
            BoundarySync.StopRequest end = step(step, lastStep);
            if (end != BoundarySync.StopRequest.CONTINUE) {
                return end;
            }
            atRest.leaveWindows(schedule.levels(), step);
        }
        sync.open(lastStep + 1, 0, BoundarySync.StopRequest.CONTINUE, replicas.digests());
        return BoundarySync.StopRequest.CONTINUE;
    }

    private BoundarySync.StopRequest step(long step, long lastStep) {
        StepClock clock = new StepClock();
        WorkerBatch batch = batches.at(step);
        clock.loaded();
        boolean checkpoint = config.checkpoint().isDueAt(step, lastStep);
        long[] digests = replicas.digestsAt(step, checkpoint);
        clock.opening();
        BoundarySync.Agreement agreement = sync.open(step, batch.targetCount(), stopRequest.get(), digests);
        clock.opened();
        boolean saves = checkpoint || agreement.stopRequest() == BoundarySync.StopRequest.RESIZE;
        Boundary boundary = boundary(step, saves);
        atRest.requireWindowsUnchanged(step);
        Network.Loss loss = forwardBackward(batch, agreement.tokens(), boundary);
        List<StepReport.LevelReport> updated = exchangeAndUpdate(boundary, batch);
        if (!saves) {
            startDelayed(step);
        }
        schedule.droppedAt(step).forEach(network.levels()::dropWindow);
        Set<Level> touched = network.levels()
                .touchedBy(updated.stream().map(StepReport.LevelReport::level).toList());
        replicas.leave(touched, step);
        requireFinite(loss, step, batch);
        listener.finished(report(step, batch, loss, boundary, updated, clock));
        boolean stops =
                agreement.stopRequest() != BoundarySync.StopRequest.CONTINUE && step < lastStep && inFlight.isEmpty();
        if (saves || stops) {
            requireUnchanged(touched, step);
        }
        if (saves) {
            foldOpenWindows(step);
            saver.save(step, Accumulators.REDUCED);
        } else if (stops) {
            saver.save(step, Accumulators.LOCAL);
        }
        return stops ? agreement.stopRequest() : BoundarySync.StopRequest.CONTINUE;
    }

    private StepReport report(
            long step,
            WorkerBatch batch,
            Network.Loss loss,
            Boundary boundary,
            List<StepReport.LevelReport> updated,
            StepClock clock) {
        return new StepReport(
                step,
                loss.sum(),
                batch.targetCount(),
                config.training().learningRateAt(step),
                clock.dataSeconds(),
                StepClock.seconds(loss.forwardNanos()),
                StepClock.seconds(loss.backwardNanos()),
                clock.exposedSeconds(boundary.exposedNanos()),
                clock.seconds(),
                updated,
                sync.rank() == 0 ? innerWatch.statistics(step, batch) : Optional.empty());
    }

    private void requireFinite(Network.Loss loss, long step, WorkerBatch batch) {
        if (!Double.isFinite(loss.sum())) {
            throw new DivergedException("the loss is " + loss.sum() + " at step " + step
                    + ": training has diverged; resume from the last checkpoint with a lower training.learning-rate"
                    + innerWatch.whereItBegan(batch));
        }
    }

    private List<StepReport.LevelReport> exchangeAndUpdate(Boundary boundary, WorkerBatch batch) {
        try {
            return boundary.exchangeAndUpdate(config.training(), atRest);
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + innerWatch.whereItBegan(batch), e);
        }
    }

    /**
     * What is exchanged and updated at a step. Where the state is saved, no delayed level may be under way: it is
     * updated at once, with or without a failure after that.
     */
    private Boundary boundary(long step, boolean saves) {
        List<DelayedExchange> arrivals =
                inFlight.stream().filter(each -> saves || each.arrivesAt(step)).toList();
        inFlight.removeAll(arrivals);
        List<Level> exchanged = schedule.exchangedAt(step).stream()
                .filter(level -> saves || level.delaySteps() == 0)
                .toList();
        return new Boundary(network.levels(), sync, step, exchanged, arrivals);
    }

    private void startDelayed(long step) {
        for (Level level : schedule.dueAt(step)) {
            if (level.delaySteps() > 0) {
                inFlight.add(DelayedExchange.start(network.levels(), sync, level, step));
            }
        }
    }

    /** What is about to be saved, but for what was looked at a moment ago. */
    private void requireUnchanged(Set<Level> touched, long step) {
        schedule.levels().stream()
                .filter(level -> !touched.contains(level))
                .forEach(level -> atRest.requireUnchanged(level, step));
    }

    /** The gradient of a step is the mean over the targets of the global batch, whoever computes which part of it. */
    private Network.Loss forwardBackward(WorkerBatch batch, long tokens, Boundary boundary) {
        double loss = 0;
        long forward = 0;
        long backward = 0;
        int left = batch.microBatches().size();
        // what a slower level learns of an initial state is added at the boundary, after backward
        boolean early = config.exchange().overlap()
                && network.architecture().initialStates().isEmpty();
        for (TokenBatch microBatch : batch.microBatches()) {
            left--;
            Network.Loss part = network.forwardBackward(
                    microBatch,
                    tokens == 0 ? 0 : 1.0 / tokens,
                    early && left == 0 ? boundary::gradientReady : group -> {});
            loss += part.sum();
            forward += part.forwardNanos();
            backward += part.backwardNanos();
        }
        return new Network.Loss(loss, forward, backward);
    }

    /**
     * Moves the open windows of all workers to the owners of their slices before a checkpoint. The run itself goes on
     * from the same folded state; so a resumed run equals it bit for bit.
     */
    private void foldOpenWindows(long step) {
        for (Level level : schedule.levels()) {
            // what rounding has left stays in the window
            boolean closed = level.closesWindowAt(step) || level.isOptimizedEveryStep();
            if (!closed || level.wire() != WireFormat.FLOAT32) {
                network.levels().gradient(level).fold(sync, step);
            }
        }
    }
}
