package org.hopespark.jobs.pretrain;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.cluster.spark.HopePlugin;
import org.hopespark.cluster.spark.RetryLoop;
import org.hopespark.cluster.spark.WorkerFunction;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.conf.Level;
import org.hopespark.conf.LevelSchedule;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.TokenBatches;
import org.hopespark.data.io.FolderLock;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.tokenizer.TokenizerInfo;
import org.hopespark.files.LocalCopy;
import org.hopespark.jobs.check.DiskSpaceCheck;
import org.hopespark.jobs.check.SharedFiles;
import org.hopespark.jobs.export.ExportedModel;
import org.hopespark.jobs.progress.Progress;
import org.hopespark.jobs.report.RunReport;
import org.hopespark.jobs.report.RunStatus;
import org.hopespark.jobs.run.MetricsLog;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.Provenance;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvents;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.jobs.tensorboard.TensorBoardLog;
import org.hopespark.model.Architecture;
import org.hopespark.model.Cost;
import org.hopespark.model.eval.EvaluationRequests;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TaskRequests;
import org.hopespark.model.eval.Tasks;

/**
 * A pretraining run: N workers in one gang, started again from the newest checkpoint after a failure, until the last
 * step is done.
 *
 * <p>The run's folder holds {@code config.yaml}, {@code metrics.jsonl}, {@code checkpoints/}, {@code tensorboard/} and
 * {@code report.html}. The same command on the same folder resumes where it ended.
 */
public final class PretrainJob {
    private static final Logger LOG = LogManager.getLogger(PretrainJob.class);

    private final JavaSparkContext spark;
    private final RunConfig config;
    private final String data;
    private final String run;
    private final PrintStream out;
    private final List<MetricsSink> followers = new ArrayList<>();
    private boolean acceptsChanges;

    /**
     * A run on a Spark application that {@link Gang#configure} has prepared.
     *
     * @param data folder of the data set
     * @param run folder of the run
     */
    public PretrainJob(SparkSession session, RunConfig config, String data, String run, PrintStream out) {
        this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.config = config.init().isEmpty() ? config : config.withInit(qualified(config.init()));
        this.data = qualified(data);
        this.run = qualified(run);
        this.out = out;
    }

    /** Gives the metrics to a follower, too, as they come. */
    public void follow(MetricsSink follower) {
        followers.add(follower);
    }

    /** Resumes with settings on which the loss depends and that are not those of the checkpoint. */
    public void acceptChanges() {
        acceptsChanges = true;
    }

    /** Trains to the last step. */
    public void run() throws IOException {
        run(task -> task);
    }

    /** Trains to the last step with workers that run their task in another way. */
    void run(Function<WorkerTask, WorkerFunction> worker) throws IOException {
        String owner = "pretrain, application " + spark.sc().applicationId();
        try (FolderLock lock = FolderLock.take(run, new Storage(hadoop()), owner)) {
            train(worker, lock);
        }
    }

    private void train(Function<WorkerTask, WorkerFunction> worker, FolderLock lock) throws IOException {
        CheckpointStore checkpoints = new CheckpointStore(RunFolder.checkpoints(run), hadoop());
        Optional<Checkpoint> newest = checkpoints.newestValid();
        DataSet dataSet = dataSet(newest);
        requireFit(config, dataSet, data);
        newest.ifPresent(c -> RunFolder.requireSameRun(c, config, dataSet.sha256()));
        long done = newest.map(Checkpoint::step).orElse(0L);
        if (done >= config.training().steps()) {
            out.printf(
                    "the run has done %d steps, training.steps is %d: nothing to do%n",
                    done, config.training().steps());
            return;
        }
        List<RunConfig.Change> changes =
                newest.map(c -> RunFolder.changes(c, config, acceptsChanges)).orElse(List.of());
        if (newest.isEmpty() && !config.init().isEmpty()) {
            requireFit(ExportedModel.open(config.init(), hadoop()), dataSet);
        }
        config.model().risks().forEach(risk -> out.println("warning: " + risk));
        List<EvaluationRequests> questionnaires = questionnaires();
        ClusterConfig cluster = config.cluster();
        Gang gang = new Gang(spark, cluster);
        int workers = cluster.workers() > 0 ? cluster.workers() : gang.requestedSlots();
        if (cluster.minWorkers() == 0) {
            // no wait will bring them
            gang.tooFewRequested(workers).ifPresent(problem -> {
                throw new UserException(problem);
            });
        }
        int order = newest.map(RunFolder::dataOrder).orElse(DataSet.ORDER);
        try (TokenBatches batches = dataSet.batches(config.training().batchSequences(), config.seed(), order)) {
            batches.slotsOf(0, workers);
        }
        changes.forEach(change -> out.println("changed from step " + (done + 1) + " on: " + change));
        new TextFiles(hadoop()).write(new Path(RunFolder.config(run)), config.print());
        long begin = System.nanoTime();
        long steps = config.training().steps();
        try (MetricsLog log = new MetricsLog(RunFolder.metrics(run), hadoop());
                TensorBoardLog tensorBoard = new TensorBoardLog(RunFolder.tensorBoard(run), hadoop());
                Progress progress = new Progress(out, steps)) {
            RunStatus status = new RunStatus();
            log.follow(status);
            log.follow(tensorBoard);
            followers.forEach(log::follow);
            announce(log, dataSet, workers);
            if (!changes.isEmpty()) {
                log.add(new RunEvent.SettingsChanged(
                        done,
                        changes.stream()
                                .map(c -> new RunEvent.Change(c.setting(), c.before(), c.now()))
                                .toList()));
            }
            HopePlugin.show(status);
            HeldOutMerger heldOut = heldOut(dataSet);
            TaskMerger tasks = new TaskMerger(config.evaluation(), questionnaires);
            learnFromEarlierStarts(heldOut, tasks);
            CheckpointPublisher publisher = new CheckpointPublisher(
                    checkpoints,
                    config.checkpoint(),
                    heldOut::bestStep,
                    lock::requireHeld,
                    dataSet.tokenizerFile(),
                    about(dataSet, order));
            StepMerger merger = new StepMerger(
                    Duration.ofSeconds(config.cluster().timeoutSeconds()),
                    log,
                    progress,
                    publisher::reported,
                    heldOut,
                    tasks);
            RunAttempts attempts = new RunAttempts(
                    new WorkerTask(config.print(), data, dataSet.sha256(), order, run, questions(questionnaires), ""),
                    worker,
                    checkpoints,
                    publisher,
                    DiskSpaceCheck.forCheckpointsOf(Architecture.of(config).size(), run, hadoop()),
                    this::fits,
                    merger,
                    log,
                    out);
            gang.stopBySignals();
            boolean takesFewer = cluster.workers() == 0 && cluster.minWorkers() == 0;
            RunConfig attempted = takesFewer ? config.with(List.of("cluster.min-workers=1")) : config;
            new RetryLoop(gang, attempted.cluster()).run(workers, attempts, attempts);
            publisher.attemptEnded().forEach(log::add);
            requireSaved(Math.max(publisher.publishedStep(), done), log);
            double seconds = (System.nanoTime() - begin) * 1e-9;
            log.add(new RunEvent.Finished(steps, seconds));
        } finally {
            gang.endBySignals();
            report();
        }
    }

    /** Also of a run that has failed: its page says why. */
    private void report() {
        try {
            Path report = RunReport.write(new Path(run), new TextFiles(hadoop()));
            out.println("report: " + report);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the report of {} could not be written", run, e);
        }
    }

    /** A run whose last step is in no checkpoint has lost what it was for. */
    private void requireSaved(long saved, MetricsLog log) {
        long steps = config.training().steps();
        if (saved < steps) {
            String cause = "trained to step " + steps + ", but its checkpoint could not be saved (see above): make room"
                    + " in " + RunFolder.checkpoints(run) + ", then give the same command again; it resumes after step "
                    + saved;
            log.add(new RunEvent.AttemptEnded(AttemptEnd.Kind.FAILURE, 0, steps, cause, Optional.empty()));
            throw new CheckpointFailedException(cause);
        }
    }

    private HeldOutMerger heldOut(DataSet dataSet) {
        Manifest.Split split = dataSet.manifest().validation();
        if (config.evaluation().everySteps() > 0 && split.targetTokens() == 0) {
            throw new UserException(
                    "evaluation.every-steps is " + config.evaluation().everySteps()
                            + ", but data set " + data
                            + " has no held-out rows: prepare it with a larger validation-fraction, or set it to 0");
        }
        return new HeldOutMerger(config.evaluation(), (double) split.utf8Bytes() / Math.max(1, split.targetTokens()));
    }

    /** Reads the tasks' files here, so that executors need not see them. */
    private List<EvaluationRequests> questionnaires() {
        EvaluationConfig evaluation = config.evaluation();
        if (evaluation.tasks().contains(HeldOut.TASK)) {
            throw new UserException(
                    "evaluation.tasks: " + HeldOut.TASK + " is measured in any case, on evaluation.rows; leave it out");
        }
        if (evaluation.everySteps() == 0 || evaluation.tasks().isEmpty()) {
            return List.of();
        }
        List<java.nio.file.Path> folders = List.of(LocalCopy.of(evaluation.taskData(), this::hadoop));
        return evaluation.tasks().stream()
                .distinct()
                .map(name -> new EvaluationRequests(Tasks.named(name), folders, evaluation.documents()))
                .toList();
    }

    private static List<TaskRequests> questions(List<EvaluationRequests> questionnaires) {
        return questionnaires.stream().map(EvaluationRequests::questions).toList();
    }

    private void learnFromEarlierStarts(HeldOutMerger heldOut, TaskMerger tasks) throws IOException {
        if (config.evaluation().everySteps() > 0) {
            RunEvents.forEach(run, new TextFiles(hadoop()), event -> {
                heldOut.replay(event);
                tasks.replay(event);
            });
        }
    }

    /** A run keeps the state of the data set that it has begun with. */
    private DataSet dataSet(Optional<Checkpoint> newest) {
        DataSet given = DataSet.open(data, new Storage(hadoop()));
        DataSet begun = newest.flatMap(checkpoint -> given.ofIdentity(RunFolder.dataIdentity(checkpoint)))
                .orElse(given);
        if (begun.snapshot() != given.snapshot()) {
            out.printf("using snapshot %d of %s, with which the run has begun%n", begun.snapshot(), data);
        }
        return begun;
    }

    /** What a checkpoint says about its run. */
    private Map<String, String> about(DataSet dataSet, int order) {
        Map<String, String> about = new TreeMap<>(Provenance.versions());
        about.put(RunFolder.CONFIG, config.print());
        about.put(RunFolder.DATA, data);
        about.put(RunFolder.DATA_IDENTITY, dataSet.sha256());
        about.put(
                RunFolder.TOKENIZER, RunFolder.print(dataSet.manifest().recipe().tokenizer()));
        about.put(RunFolder.DATA_ORDER, Integer.toString(order));
        return about;
    }

    private boolean fits(int workers) {
        return config.training().batchSequences() % workers == 0;
    }

    private void announce(MetricsLog log, DataSet dataSet, int workers) {
        Architecture architecture = Architecture.of(config);
        out.printf(
                "pretrain: %s, %,d parameters, %d steps of %d x %d tokens, %d workers%n",
                config.name(),
                architecture.size(),
                config.training().steps(),
                config.training().batchSequences(),
                config.model().contextTokens(),
                workers);
        architecture
                .schedule()
                .levels()
                .forEach(level -> out.printf("  level %s: %,d parameters%n", level, architecture.size(level)));
        log.add(new RunEvent.RunStarted(
                config.name(),
                architecture.size(),
                workers,
                config.init(),
                dataSet.sha256(),
                config.training().steps(),
                (long) config.training().batchSequences() * config.model().contextTokens(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                dataSet.manifest().unigramBits().stream().boxed().findFirst(),
                levelFacts(architecture, workers),
                Provenance.versions()));
    }

    private List<RunEvent.LevelFacts> levelFacts(Architecture architecture, int workers) {
        Cost cost = Cost.of(config);
        LevelSchedule schedule = architecture.schedule();
        return IntStream.rangeClosed(1, schedule.count())
                .mapToObj(index -> {
                    Level level = schedule.first(index);
                    return new RunEvent.LevelFacts(
                            index,
                            level.periodSteps(),
                            architecture.size(index),
                            cost.bytesANumber(level, workers),
                            cost.bytesANumberPerStep(level, workers),
                            schedule.firstStep(level));
                })
                .toList();
    }

    private void requireFit(ExportedModel source, DataSet dataSet) {
        source.requireFit(config, dataSet.manifest().recipe().tokenizer());
        out.println("starting from " + source);
    }

    /** Refuses a configuration whose model cannot read the data set. */
    public static void requireFit(RunConfig config, DataSet dataSet, String data) {
        TokenizerInfo tokenizer = dataSet.manifest().recipe().tokenizer();
        if (tokenizer.vocabularySize() != config.model().vocabularySize()) {
            throw new UserException(
                    "model.vocabulary-size is " + config.model().vocabularySize() + ", but data set " + data
                            + " was prepared with tokenizer '" + tokenizer.name() + "' of " + tokenizer.vocabularySize()
                            + " ids: leave it out, or prepare with another tokenizer");
        }
        if (dataSet.sequenceTokens() != config.model().contextTokens()) {
            throw new UserException(
                    "model.context-tokens is " + config.model().contextTokens() + ", but data set " + data
                            + " has rows of " + dataSet.sequenceTokens() + ": leave it out, or prepare with"
                            + " sequence-tokens " + config.model().contextTokens());
        }
    }

    private Configuration hadoop() {
        return spark.hadoopConfiguration();
    }

    private String qualified(String location) {
        return SharedFiles.qualified(location, hadoop());
    }
}
