package org.hopespark.model;

import java.util.ArrayList;
import java.util.Collection;
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
    private final Supplier<BoundarySync.StopRequest> wishes;
    private final AtRest atRest;
    private final List<DelayedExchange> underWay = new ArrayList<>();

    /** A loop that nobody wants to stop. */
    public TrainingLoop(
            RunConfig config, Network network, BoundarySync sync, Batches batches, Listener listener, Saver saver) {
        this(config, network, sync, batches, listener, saver, () -> BoundarySync.StopRequest.CONTINUE);
    }

    /**
     * A loop.
     *
     * @param wishes what this worker would have happen, asked at every step
     */
    public TrainingLoop(
            RunConfig config,
            Network network,
            BoundarySync sync,
            Batches batches,
            Listener listener,
            Saver saver,
            Supplier<BoundarySync.StopRequest> wishes) {
        this.wishes = wishes;
        this.config = config;
        this.schedule = config.schedule();
        this.network = network;
        this.sync = sync;
        this.batches = batches;
        this.listener = listener;
        this.saver = saver;
        this.atRest =
                new AtRest(network.levels(), sync.rank(), config.training().stateCheckEverySteps());
    }

    /**
     * Trains from {@code firstStep} to {@code lastStep}, both included; steps count from 1.
     *
     * @return the request that has ended it before the last step, or {@link BoundarySync.StopRequest#CONTINUE}; the
     *     state is then saved
     */
    public BoundarySync.StopRequest run(long firstStep, long lastStep) {
        long[] digests = new long[schedule.levels().size()];
        leave(schedule.levels(), digests, firstStep - 1);
        atRest.leaveWindows(schedule.levels(), firstStep - 1);
        for (long step = firstStep; step <= lastStep; step++) {
            long begin = System.nanoTime();
            WorkerBatch batch = batches.at(step);
            long loaded = System.nanoTime();
            recheckDigests(digests, step, lastStep);
            long looked = System.nanoTime();
            BoundarySync.Agreement agreement = sync.open(step, batch.targetCount(), wishes.get(), byLevel(digests));
            long opened = System.nanoTime();
            boolean saves = config.checkpoint().isDueAt(step, lastStep)
                    || agreement.stopRequest() == BoundarySync.StopRequest.RESIZE;
            Boundary boundary = boundary(step, saves);
            atRest.requireWindowsUnchanged(step);
            Network.Pass pass = forwardBackward(batch, agreement.tokens(), boundary);
            List<StepReport.LevelReport> levels = finish(boundary, batch);
            if (!saves) {
                depart(step);
            }
            schedule.droppedAt(step).forEach(network.levels()::dropWindow);
            Set<Level> touched = network.levels()
                    .touchedBy(
                            levels.stream().map(StepReport.LevelReport::level).toList());
            leave(touched, digests, step);
            if (!Double.isFinite(pass.loss())) {
                throw new DivergedException("the loss is " + pass.loss() + " at step " + step
                        + ": training has diverged; go on from the last checkpoint with a lower training.learning-rate"
                        + whereItBegan(batch));
            }
            listener.finished(new StepReport(
                    step,
                    pass.loss(),
                    batch.targetCount(),
                    config.training().learningRateAt(step),
                    seconds(loaded - begin),
                    seconds(pass.forwardNanos()),
                    seconds(pass.backwardNanos()),
                    seconds(opened - looked + boundary.exposedNanos()),
                    seconds(System.nanoTime() - begin),
                    levels,
                    statistics(step, batch)));
            boolean stops = agreement.stopRequest() != BoundarySync.StopRequest.CONTINUE
                    && step < lastStep
                    && underWay.isEmpty();
            if (saves || stops) {
                requireUnchanged(touched, step);
            }
            if (saves) {
                foldOpenWindows(step);
                saver.save(step, Accumulators.REDUCED);
            } else if (stops) {
                saver.save(step, Accumulators.LOCAL);
            }
            if (stops) {
                return agreement.stopRequest();
            }
            atRest.leaveWindows(schedule.levels(), step);
        }
        sync.open(lastStep + 1, 0, BoundarySync.StopRequest.CONTINUE, byLevel(digests));
        return BoundarySync.StopRequest.CONTINUE;
    }

    private List<StepReport.LevelReport> finish(Boundary boundary, WorkerBatch batch) {
        try {
            return boundary.finish(config.training(), atRest);
        } catch (DivergedException e) {
            throw new DivergedException(e.getMessage() + whereItBegan(batch), e);
        }
    }

    /**
     * The first memory of this worker's batch that has left its bounds, or else the one that has moved furthest in its
     * first sequence; parameters are as they were.
     */
    private String whereItBegan(WorkerBatch batch) {
        Optional<String> found = Optional.empty();
        for (TokenBatch part : batch.microBatches()) {
            for (TokenBatch.Sequence sequence : part.sequences()) {
                List<InnerStatistics> blocks = network.innerStatistics(new TokenBatch(List.of(sequence)));
                Optional<String> state = InnerFindings.of(blocks, sequence, config.model()).stream()
                        .filter(finding -> finding.illness() == Illness.STATE)
                        .map(Finding::text)
                        .findFirst();
                if (state.isPresent()) {
                    return "; " + state.get();
                }
                found = found.isPresent() ? found : InnerFindings.furthest(blocks, sequence, config.model());
            }
        }
        return found.map(text -> "; " + text).orElse("");
    }

    /**
     * What is exchanged and updated at a step. Where the state is saved, no delayed level may be under way: it is
     * updated at once, with or without a failure after that.
     */
    private Boundary boundary(long step, boolean saves) {
        List<DelayedExchange> arrivals =
                underWay.stream().filter(each -> saves || each.arrivesAt(step)).toList();
        underWay.removeAll(arrivals);
        List<Level> exchanged = schedule.exchangedAt(step).stream()
                .filter(level -> saves || level.delaySteps() == 0)
                .toList();
        return new Boundary(network.levels(), sync, step, exchanged, arrivals);
    }

    private void depart(long step) {
        for (Level level : schedule.dueAt(step)) {
            if (level.delaySteps() > 0) {
                underWay.add(DelayedExchange.begin(network.levels(), sync, level, step));
            }
        }
    }

    /** What is about to be saved, but for what was looked at a moment ago. */
    private void requireUnchanged(Set<Level> touched, long step) {
        schedule.levels().stream()
                .filter(level -> !touched.contains(level))
                .forEach(level -> atRest.requireUnchanged(level, step));
    }

    private void leave(Collection<Level> touched, long[] digests, long step) {
        touched.forEach(level -> digests[schedule.levels().indexOf(level)] = atRest.leave(level, step));
    }

    /** One fingerprint a level, whatever the number of its parts. */
    private long[] byLevel(long[] digests) {
        long[] result = new long[schedule.count()];
        for (int i = 0; i < digests.length; i++) {
            int level = schedule.levels().get(i).index() - 1;
            result[level] = 31 * result[level] + digests[i];
        }
        return result;
    }

    /**
     * Parameters that nobody updates may change nevertheless, where memory fails. The owner of a slice would hand the
     * change on to all, and a checkpoint would keep it: before either, those that are not covered by their own
     * checksums are compared with the other workers' as they are now. Those of a level that is due at every step were
     * looked at a moment ago.
     */
    private void recheckDigests(long[] digests, long step, long lastStep) {
        boolean saves = config.checkpoint().isDueAt(step, lastStep);
        for (int i = 0; i < digests.length; i++) {
            Level level = schedule.levels().get(i);
            if (!atRest.covers(level)
                    && level.periodSteps() > 1
                    && (saves || schedule.isDueAt(level, step - level.delaySteps()))) {
                digests[i] = network.levels().digest(level);
            }
        }
    }

    /** The gradient of a step is the mean over the targets of the global batch, whoever computes which part of it. */
    private Network.Pass forwardBackward(WorkerBatch batch, long tokens, Boundary boundary) {
        double loss = 0;
        long forward = 0;
        long backward = 0;
        int left = batch.microBatches().size();
        // what a slower level learns of an initial state is added at the boundary, after backward
        boolean early = config.exchange().overlap()
                && network.architecture().initialStates().isEmpty();
        for (TokenBatch part : batch.microBatches()) {
            left--;
            Network.Pass pass = network.forwardBackward(
                    part, tokens == 0 ? 0 : 1.0 / tokens, early && left == 0 ? boundary::finished : group -> {});
            loss += pass.loss();
            forward += pass.forwardNanos();
            backward += pass.backwardNanos();
        }
        return new Network.Pass(loss, forward, backward);
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

    private Optional<StepReport.Statistics> statistics(long step, WorkerBatch batch) {
        long every = config.training().statisticsEverySteps();
        if (sync.rank() != 0
                || every == 0
                || (step != 1 && step % every != 0)
                || batch.microBatches().isEmpty()) {
            return Optional.empty();
        }
        TokenBatch.Sequence first = batch.microBatches().get(0).sequences().get(0);
        List<InnerStatistics> blocks = network.innerStatistics(new TokenBatch(List.of(first)));
        return Optional.of(new StepReport.Statistics(
                blocks.stream().map(InnerStatistics::summary).toList(),
                schedule.levels().stream().map(network.levels()::drift).toList(),
                InnerFindings.of(blocks, first, config.model())));
    }

    private static double seconds(long nanos) {
        return nanos * 1e-9;
    }
}
