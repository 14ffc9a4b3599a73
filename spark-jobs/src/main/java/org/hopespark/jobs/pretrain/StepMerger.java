package org.hopespark.jobs.pretrain;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.spark.StepListener;
import org.hopespark.jobs.pretrain.WorkerMessage.CheckpointPart;
import org.hopespark.jobs.pretrain.WorkerMessage.HeldOutPart;
import org.hopespark.jobs.pretrain.WorkerMessage.Joined;
import org.hopespark.jobs.pretrain.WorkerMessage.LevelPart;
import org.hopespark.jobs.pretrain.WorkerMessage.StepPart;
import org.hopespark.jobs.pretrain.WorkerMessage.TaskPart;
import org.hopespark.jobs.pretrain.WorkerMessage.Waiting;
import org.hopespark.jobs.pretrain.WorkerMessage.Warned;
import org.hopespark.jobs.progress.Progress;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.RunEvent;

/** Adds up what the workers report about a step, in rank order, and logs it when all have. */
final class StepMerger implements StepListener {
    private static final Logger LOG = LogManager.getLogger(StepMerger.class);

    private final Duration timeout;
    private final MetricsSink log;
    private final Progress progress;
    private final Function<CheckpointPart, List<RunEvent>> checkpoints;
    private final HeldOutMerger heldOut;
    private final TaskMerger tasks;
    private final FindingWarnings findings = new FindingWarnings();
    private final GradientWarnings gradients = new GradientWarnings();
    private final Parts<Long, StepPart> open = new Parts<>();
    private Stragglers stragglers;
    private long attempt;
    private long lastStep;
    private long savedStep;
    private long merged;

    /**
     * @param timeout when a worker's wait for another fails
     * @param checkpoints takes what workers say about their parts of checkpoints, gives events for the metrics
     * @param heldOut the same for what they find on held-out rows
     * @param tasks the same for what they answer to tasks
     */
    StepMerger(
            Duration timeout,
            MetricsSink log,
            Progress progress,
            Function<CheckpointPart, List<RunEvent>> checkpoints,
            HeldOutMerger heldOut,
            TaskMerger tasks) {
        this.timeout = timeout;
        this.stragglers = new Stragglers(0, 1, timeout);
        this.log = log;
        this.progress = progress;
        this.checkpoints = checkpoints;
        this.heldOut = heldOut;
        this.tasks = tasks;
    }

    /** An attempt of so many workers begins; forgets the steps that the one before left half reported. */
    synchronized void begin(long number, int size) {
        attempt = number;
        open.clear();
        heldOut.begin();
        tasks.begin();
        stragglers = new Stragglers(number, size, timeout);
    }

    /** The last step that all workers have reported. */
    synchronized long lastStep() {
        return lastStep;
    }

    /** Step of the last checkpoint that was reported, 0 before the first. */
    synchronized long savedStep() {
        return savedStep;
    }

    /** How many steps all workers have reported, those that came again included. */
    synchronized long merged() {
        return merged;
    }

    @Override
    public synchronized void reported(int rank, String json) {
        WorkerMessage message = WorkerMessage.read(json);
        if (message instanceof StepPart part) {
            finished(part);
        } else if (message instanceof Waiting wait) {
            stragglers.waiting(rank, wait.step(), wait.seconds()).ifPresent(this::straggler);
        } else if (message instanceof Joined joined) {
            stragglers.seated(rank, joined.event().host());
            log.add(joined.event());
        } else if (message instanceof Warned warned) {
            log.add(warned.event());
        } else if (message instanceof CheckpointPart part) {
            checkpoints.apply(part).forEach(this::checkpoint);
        } else if (message instanceof HeldOutPart part) {
            heldOut.reported(part).forEach(log::add);
        } else if (message instanceof TaskPart part) {
            tasks.reported(part).forEach(log::add);
        }
    }

    private void checkpoint(RunEvent event) {
        if (event instanceof RunEvent.CheckpointSaved saved) {
            savedStep = saved.step();
        }
        log.add(event);
    }

    private void straggler(RunEvent.Straggler straggler) {
        LOG.warn("{}", straggler.cause());
        log.add(straggler);
    }

    private void finished(StepPart part) {
        stragglers.finished(part.rank(), part.seconds());
        open.add(part.step(), part).ifPresent(parts -> {
            RunEvent.StepDone step = merge(parts);
            lastStep = step.step();
            merged++;
            log.add(step);
            gradients.of(step).forEach(log::add);
            step.statistics()
                    .ifPresent(statistics ->
                            findings.of(step.step(), statistics.findings()).forEach(log::add));
            progress.update(step.step(), step.loss(), step.tokensPerSecond(), step.seconds());
        });
    }

    private RunEvent.StepDone merge(List<StepPart> parts) {
        StepPart first = parts.get(0);
        double targets = sum(parts, StepPart::targets);
        double seconds = parts.stream().mapToDouble(StepPart::seconds).max().orElse(0);
        return new RunEvent.StepDone(
                attempt,
                first.step(),
                sum(parts, StepPart::lossSum) / targets,
                (long) targets,
                seconds,
                targets / seconds,
                first.learningRate(),
                parts.size(),
                byRank(parts, StepPart::dataSeconds),
                byRank(parts, StepPart::computeSeconds),
                byRank(parts, StepPart::forwardSeconds),
                byRank(parts, StepPart::backwardSeconds),
                byRank(parts, StepPart::exposedSeconds),
                byRank(parts, StepPart::communicationSeconds),
                parts.stream()
                        .max(Comparator.comparingDouble(StepPart::ownSeconds))
                        .map(StepPart::rank),
                IntStream.range(0, first.levels().size())
                        .mapToObj(i -> level(
                                parts.stream().map(part -> part.levels().get(i)).toList()))
                        .toList(),
                first.statistics());
    }

    private static RunEvent.LevelDone level(List<LevelPart> parts) {
        long sent = parts.stream().mapToLong(LevelPart::bytesSent).sum();
        double milliseconds =
                parts.stream().mapToDouble(LevelPart::milliseconds).max().orElse(0);
        return new RunEvent.LevelDone(
                parts.get(0).level(),
                sent,
                parts.stream().mapToLong(LevelPart::bytesReceived).sum(),
                milliseconds,
                milliseconds > 0 ? sent * 1e-6 / parts.size() / milliseconds : 0,
                parts.get(0).gradientNorm());
    }

    private static List<Double> byRank(List<StepPart> parts, ToDoubleFunction<StepPart> figure) {
        return parts.stream().map(figure::applyAsDouble).toList();
    }

    private static double sum(List<StepPart> parts, ToDoubleFunction<StepPart> figure) {
        return parts.stream().mapToDouble(figure).sum();
    }
}
