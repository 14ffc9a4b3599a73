package org.hopespark.jobs.pretrain;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.BoundarySynchroniser;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.cluster.spark.TaskGpu;
import org.hopespark.cluster.spark.WorkerContext;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.jobs.adapter.HeldOutShare;
import org.hopespark.jobs.adapter.PackedBatches;
import org.hopespark.jobs.check.SharedFiles;
import org.hopespark.jobs.export.ExportedModel;
import org.hopespark.jobs.pretrain.WorkerMessage.HeldOutPart;
import org.hopespark.jobs.pretrain.WorkerMessage.StepPart;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.model.Accumulators;
import org.hopespark.model.BoundarySync;
import org.hopespark.model.BoundarySync.StopRequest;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.Network;
import org.hopespark.model.SectionKind;
import org.hopespark.model.ShardSpec;
import org.hopespark.model.StateSection;
import org.hopespark.model.StepReport;
import org.hopespark.model.TrainingLoop;

/** One worker, put together on its executor: data, network, synchroniser, checkpoints, loop. */
final class WorkerAssembly implements AutoCloseable {
    private final WorkerTask task;
    private final WorkerContext context;
    private final RunConfig config;
    private final TokenBatches batches;
    private final Network network;
    private final CheckpointStore checkpoints;
    private final CheckpointWriter writer;
    private final HeldOutShare heldOut;
    private final Optional<RequestShare> questions;

    WorkerAssembly(WorkerTask task, WorkerContext context) {
        this.task = task;
        this.context = context;
        config = RunConfig.parse("the run's configuration", task.config());
        Configuration hadoop = context.hadoop();
        DataSet dataSet = SharedFiles.dataSet(task.data(), task.dataIdentity(), context.host(), hadoop);
        batches = dataSet.batches(config.training().batchSequences(), config.seed(), task.dataOrder());
        checkpoints = new CheckpointStore(RunFolder.checkpoints(task.run()), hadoop);
        network = new Network(
                config, ElementType.FLOAT32, context.gpu().map(TaskGpu::number).orElse(-1), share());
        heldOut = config.evaluation().everySteps() > 0
                ? HeldOutShare.of(dataSet, config.evaluation().rows(), context.rank(), context.workers())
                : HeldOutShare.NONE;
        questions = task.questions().isEmpty()
                ? Optional.empty()
                : Optional.of(new RequestShare(
                        context,
                        task.questions(),
                        dataSet,
                        network,
                        config.training().microBatchSequences()));
        writer = new CheckpointWriter(checkpoints, context.attempt(), context.rank(), context.workers(), this::report);
    }

    private ShardSpec share() {
        boolean shards = config.exchange().shardsOptimizer(context.workers());
        return new ShardSpec(
                context.rank(),
                context.workers(),
                shards ? ShardSpec.Optimizer.SHARDED : ShardSpec.Optimizer.REPLICATED);
    }

    /**
     * Trains from the newest valid checkpoint, or from the start.
     *
     * @param around what is put around the synchroniser
     */
    void train(BiFunction<Network, BoundarySync, BoundarySync> around) {
        long done = restore();
        Collective collective = new Collective(
                context.transport(),
                Duration.ofSeconds(config.cluster().timeoutSeconds()),
                config.exchange().ringAboveWorkers());
        try (WaitReporter sync = new WaitReporter(new BoundarySynchroniser(collective), this::report)) {
            TrainingLoop loop = new TrainingLoop(
                    config,
                    network,
                    around.apply(network, sync),
                    new PackedBatches(
                            batches,
                            batches.slotsOf(context.rank(), context.workers()),
                            config.training().microBatchSequences()),
                    this::finished,
                    (step, windows) -> writer.save(step, network.levels().sectionsToSave(windows)),
                    this::stop);
            StopRequest end = loop.run(done + 1, config.training().steps());
            writer.finish();
            switch (end) {
                case PREEMPTED -> throw new PreemptedException("an executor is about to be taken away; all is saved");
                case RESIZE -> throw new ResizeException("all is saved; more workers can resume");
                case CONTINUE -> {}
            }
        }
    }

    private void finished(StepReport report) {
        report(StepPart.of(context.rank(), context.workers(), report));
        if (config.evaluation().isDueAt(report.step(), config.training().steps())) {
            long begin = System.nanoTime();
            HeldOutShare.Sums sums = heldOut.measure(network);
            double seconds = (System.nanoTime() - begin) * 1e-9;
            report(new HeldOutPart(
                    context.rank(), context.workers(), report.step(), sums.loss(), sums.targets(), seconds));
            questions.ifPresent(share -> share.answer(report.step(), this::report));
        }
    }

    private void report(WorkerMessage message) {
        context.report(message.write());
    }

    private StopRequest stop() {
        return context.isPreempted()
                ? StopRequest.PREEMPTED
                : context.isResizeRequested() ? StopRequest.RESIZE : StopRequest.CONTINUE;
    }

    /** What the driver prints when all is done. */
    String summary() {
        return "rank " + context.rank() + " on " + context.host();
    }

    private long restore() {
        long done = goOn();
        if (!config.init().isEmpty()) {
            if (done == 0) {
                ExportedModel.open(config.init(), context.hadoop()).loadInto(network);
            }
            network.levels().resetDrift();
        }
        return done;
    }

    /** Steps of the checkpoint, now loaded; 0 where there is none. */
    private long goOn() {
        if (task.checkpoint().isEmpty()) {
            return 0;
        }
        Checkpoint checkpoint = checkpoints.open(task.checkpoint());
        RunFolder.requireSameRun(checkpoint, config, task.dataIdentity());
        Checkpoint windows = checkpoint.only(SectionKind.WINDOW::matches);
        if (windows.parts().isEmpty()) {
            checkpoints.load(checkpoint, network.levels().sectionsToLoad(Accumulators.REDUCED));
        } else {
            checkpoints.load(
                    checkpoint.only(section -> !SectionKind.WINDOW.matches(section)),
                    network.levels().sectionsToLoad(Accumulators.LOCAL));
            loadOpen(windows);
        }
        network.levels().sectionsLoaded();
        return checkpoint.step();
    }

    /** As many workers as have saved take up their own windows; of another number, the first takes the sum of all. */
    private void loadOpen(Checkpoint windows) {
        int saved = windows.parts().get(0).ranks();
        if (saved == context.workers()) {
            checkpoints.load(windows.of(context.rank()), network.levels().openWindows());
        } else if (context.rank() == 0) {
            List<FlatBuffer> sums = tensors(network.levels().openWindows())
                    .map(tensor -> FlatBuffer.allocate(
                            tensor.data().type(), tensor.data().elements()))
                    .toList();
            for (int rank = 0; rank < saved; rank++) {
                checkpoints.load(windows.of(rank), network.levels().openWindows());
                Iterator<FlatBuffer> sum = sums.iterator();
                tensors(network.levels().openWindows())
                        .forEach(tensor -> sum.next().add(tensor.data()));
            }
            Iterator<FlatBuffer> sum = sums.iterator();
            tensors(network.levels().openWindows())
                    .forEach(tensor -> tensor.data().copy(sum.next()));
        }
    }

    private static Stream<NamedTensor> tensors(List<StateSection> sections) {
        return sections.stream().flatMap(section -> section.tensors().stream());
    }

    @Override
    public void close() {
        writer.close();
        batches.close();
        network.close();
        questions.ifPresent(RequestShare::close);
    }
}
