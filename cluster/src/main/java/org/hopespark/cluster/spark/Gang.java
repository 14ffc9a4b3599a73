package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.package$;
import org.hopespark.cluster.Generation;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.UserException;
import org.hopespark.model.DivergedException;
import org.hopespark.model.ReplicaMismatchException;
import org.jspecify.annotations.Nullable;

/**
 * N workers that run at the same time, as the tasks of one Spark barrier stage, and end together. One gang a Spark
 * application at a time.
 */
public final class Gang implements Cluster {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final Duration FIRST_NEWS_OF_WAITING = Duration.ofSeconds(15);
    private static final Duration NEWS_OF_WAITING = Duration.ofMinutes(10);
    private static final Duration QUEUE = Duration.ofDays(1);
    private static final Duration NEWS = Duration.ofSeconds(1);
    private static final String DYNAMIC_ALLOCATION = "spark.dynamicAllocation.enabled";
    private static final String SPECULATION = "spark.speculation";
    /** A process that ends before it has registered leaves no word with the driver. */
    private static final String NONE_CAME = "; where executors end as soon as they start, their logs say why, such as"
            + " UnsupportedClassVersionError: Java 17 is needed (spark.executorEnv.JAVA_HOME, the image)";

    private static final int REPLACEMENTS = 3;
    private static final Duration LOSS_TOLD = Duration.ofSeconds(3);

    // a process has one handler of a signal, which has to find the gang that runs
    private static final AtomicReference<@Nullable Gang> STOPPED_BY_SIGNALS = new AtomicReference<>();
    private static final AtomicBoolean LISTENS = new AtomicBoolean();

    private static final Logger LOG = LogManager.getLogger(Gang.class);

    private final JavaSparkContext spark;
    private final ClusterConfig config;
    private final ClusterConfig.Transport transport;
    private final Set<String> expelled = new HashSet<>();
    private final AtomicReference<@Nullable Attempt> running = new AtomicReference<>();
    private volatile boolean stopRequested;
    private Set<String> excluded = Set.of();
    private int expulsions;

    /**
     * A gang on a running Spark application, whose settings {@link #configure} has made.
     *
     * @throws UserException when the settings do not allow a gang
     */
    public Gang(JavaSparkContext spark, ClusterConfig config) {
        refuse(unfitSettings(spark.getConf()));
        this.spark = spark;
        this.config = config;
        this.transport = TransportChoice.of(config.transport(), spark.getConf(), spark.version());
        transportWarning().ifPresent(LOG::warn);
    }

    /**
     * Makes the settings of a Spark application fit for gangs, where the user has not.
     *
     * @throws UserException when the user has made them unfit
     */
    public static SparkConf configure(SparkConf conf, ClusterConfig config) {
        List<String> problems = new ArrayList<>(unfitSettings(conf));
        problems.addAll(unprotected(conf, config));
        refuse(problems);
        String plugins = conf.get("spark.plugins", "");
        if (!plugins.contains(HopePlugin.class.getName())) {
            conf.set("spark.plugins", (plugins.isEmpty() ? "" : plugins + ",") + HopePlugin.class.getName());
        }
        return conf.setIfMissing("spark.barrier.sync.timeout", config.startTimeoutSeconds() + "s")
                // slots are counted before a stage is submitted; Spark's own check would then wait 15 s
                .setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "2s")
                // a cancelled worker that is stuck in native code would hold its slot for ever
                .setIfMissing("spark.task.reaper.enabled", "true")
                .setIfMissing("spark.task.reaper.killTimeout", config.startTimeoutSeconds() / 2 + 1 + "s");
    }

    /** Settings with which no gang can run, whatever the cluster, for the user. */
    public static List<String> unfitSettings(SparkConf conf) {
        List<String> problems = new ArrayList<>();
        if (conf.getBoolean(DYNAMIC_ALLOCATION, false)) {
            problems.add(DYNAMIC_ALLOCATION + " must be false: all workers start and end together,"
                    + " on executors that stay; ask for a fixed number (spark.executor.instances)");
        }
        if (conf.getBoolean(SPECULATION, false)) {
            problems.add(SPECULATION + " must be false: a worker cannot run twice at the same time");
        }
        return problems;
    }

    /** What the settings of Spark and of the exchange ask for in protection and do not give, for the user. */
    public static List<String> unprotected(SparkConf conf, ClusterConfig config) {
        return TransportChoice.problems(config.transport(), conf, package$.MODULE$.SPARK_VERSION());
    }

    /** The same settings without those that {@link #unfitSettings} names, to look at the rest of a cluster. */
    public static SparkConf fit(SparkConf conf) {
        return conf.set(DYNAMIC_ALLOCATION, "false").set(SPECULATION, "false");
    }

    private static void refuse(List<String> problems) {
        if (problems.size() == 1) {
            throw new UserException(problems.get(0));
        }
        if (!problems.isEmpty()) {
            throw UserException.of("the settings of Spark", problems);
        }
    }

    static UserException noPlugin(String where) {
        return new UserException("the plugin " + HopePlugin.class.getName() + " does not run on " + where
                + ": name it in spark.plugins, and put its jar on the class path that Spark starts with"
                + " (spark.driver.extraClassPath, spark.executor.extraClassPath)");
    }

    /**
     * From now on SIGTERM and SIGINT (Ctrl-C) mean {@link #stop} instead of the end of the process; a second one ends
     * it. Until another gang asks for the same.
     */
    public void stopBySignals() {
        STOPPED_BY_SIGNALS.set(this);
        if (LISTENS.compareAndSet(false, true)) {
            for (String signal : List.of("TERM", "INT")) {
                ScalaApi.onSignal(signal, () -> {
                    Gang gang = STOPPED_BY_SIGNALS.get();
                    return gang != null && gang.stop();
                });
            }
        }
    }

    /** Signals end the process again. */
    public void endBySignals() {
        STOPPED_BY_SIGNALS.compareAndSet(this, null);
    }

    /**
     * Asks the workers to save what they have done and to end; no other attempt follows.
     *
     * @return whether nobody has asked before
     */
    public boolean stop() {
        boolean first = !stopRequested;
        stopRequested = true;
        Attempt attempt = running.get();
        if (attempt != null) {
            attempt.stop();
        }
        if (first) {
            LOG.warn("stopping after this step; a second signal ends at once");
        }
        return first;
    }

    @Override
    public boolean isStopped() {
        return stopRequested || spark.sc().isStopped();
    }

    /** How many workers the cluster has room for now. */
    @Override
    public int slots() {
        expel();
        return spark.sc()
                .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
    }

    /**
     * How many workers the application's executors have room for once all that it asks for have arrived; where it asks
     * for no number, once their number has stayed the same for some seconds.
     */
    public int requestedSlots() {
        OptionalInt asked = askedSlots();
        if (asked.isEmpty()) {
            return settledSlots();
        }
        if (awaitSlots(1, queueTimeout()) == 0) {
            throw noExecutor();
        }
        return asked.getAsInt();
    }

    private int settledSlots() {
        int last = 0;
        int same = 0;
        for (long waited = 0; waited < queueTimeout().toMillis(); waited += POLL.toMillis()) {
            int now = slots();
            same = now == last ? same + 1 : 0;
            last = now;
            if (now > 0 && same * POLL.toMillis() >= SETTLED.toMillis()) {
                return now;
            }
            sleep("executors");
        }
        throw noExecutor();
    }

    private UserException noExecutor() {
        return new UserException("no executor has arrived within "
                + queueTimeout().toSeconds() + " s: look at the cluster, or raise cluster.queue-timeout-seconds"
                + NONE_CAME);
    }

    private static void sleep(String awaited) {
        try {
            Thread.sleep(POLL.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + awaited, e);
        }
    }

    /**
     * Runs one attempt.
     *
     * @param generation number of the attempt, for messages
     * @param listener gets what the workers report, until this method returns
     * @return the workers' results in the order of their ranks
     * @throws UserException when a worker has found a mistake of the user, or there is no room for the workers
     * @throws ReplicaMismatchException when the workers' parameters are not equal
     * @throws DivergedException when the gradient is not finite
     * @throws AttemptFailedException when a worker or its executor has failed otherwise
     */
    public List<String> run(int workers, long generation, StepListener listener, WorkerFunction function) {
        if (awaitSlots(workers, queueTimeout()) < workers) {
            throw new UserException(shortage(workers));
        }
        return run(workers, generation, listener, function, () -> false);
    }

    @Override
    public List<String> run(
            int workers, long generation, StepListener listener, WorkerFunction function, BooleanSupplier roomForMore) {
        return run(
                new Attempt(new Generation(UUID.randomUUID(), generation), workers, requirements(function), listener),
                function,
                roomForMore);
    }

    /** What a function asks of its workers. */
    Requirements requirements(WorkerFunction function) {
        return new Requirements(Identity.of(function), takesGpus());
    }

    /** Whether each worker asks Spark for a GPU. */
    public boolean takesGpus() {
        return amount("task") > 0;
    }

    List<String> run(Attempt attempt, WorkerFunction function, BooleanSupplier roomForMore) {
        Coordinator coordinator = HopePlugin.coordinator().orElseThrow(() -> noPlugin("the driver"));
        Worker worker = new Worker(
                attempt.generation(),
                attempt.workers(),
                transport,
                startTimeout(),
                Duration.ofSeconds(config.preemptionGraceSeconds()),
                function);
        coordinator.begin(attempt);
        running.set(attempt);
        if (stopRequested) {
            attempt.stop();
        }
        ScheduledExecutorService clock = watch(attempt, roomForMore);
        try {
            List<String> results = ScalaApi.runBarrier(spark, attempt.workers(), worker);
            if (attempt.hasFailed()) {
                throw new CancellationException("the workers ended early");
            }
            return results;
        } catch (Exception e) {
            // Spark throws checked exceptions that Scala does not declare
            if (e instanceof InterruptedException) {
                spark.cancelJobGroup(attempt.generation().toString());
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while the workers ran", e);
            }
            awaitLoss(attempt);
            throw failure(attempt, e);
        } finally {
            clock.shutdownNow();
            spark.clearJobGroup();
            running.set(null);
            coordinator.end(attempt);
        }
    }

    /** Peers see an executor go before Spark reports why, and before its slots are gone. */
    private void awaitLoss(Attempt attempt) {
        for (long waited = 0;
                attempt.awaitsLoss() && !spark.isLocal() && waited < LOSS_TOLD.toMillis();
                waited += POLL.toMillis()) {
            sleep("news of a lost executor");
        }
    }

    private Duration startTimeout() {
        return Duration.ofSeconds(config.startTimeoutSeconds());
    }

    @Override
    public Duration queueTimeout() {
        String master = spark.getConf().get("spark.master", "");
        Duration queue = config.queueTimeoutSeconds() >= 0
                ? Duration.ofSeconds(config.queueTimeoutSeconds())
                : master.startsWith("yarn") || master.startsWith("k8s") ? QUEUE : startTimeout();
        return queue.compareTo(startTimeout()) < 0 ? startTimeout() : queue;
    }

    @Override
    public int awaitSlots(int workers, Duration longest) {
        long start = System.nanoTime();
        Duration news = FIRST_NEWS_OF_WAITING;
        int slots = slots();
        while (slots < workers && !isStopped() && System.nanoTime() - start < longest.toNanos()) {
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            if (waited.compareTo(news) > 0) {
                news = waited.plus(waited.compareTo(NEWS_OF_WAITING) < 0 ? waited : NEWS_OF_WAITING);
                LOG.warn(
                        "waiting for executors, {} s of up to {} s: {} workers are asked for, there is room for {}",
                        waited.toSeconds(),
                        longest.toSeconds(),
                        workers,
                        slots);
            }
            sleep("room for " + workers + " workers");
            slots = isStopped() ? 0 : slots();
        }
        return slots;
    }

    /** For how many workers there is room in all executors that the application asks for, as far as it says. */
    public OptionalInt askedSlots() {
        return RequestedSlots.of(spark.getConf());
    }

    /** Why there will never be room for so many workers: the application asks its cluster for fewer. */
    public Optional<String> tooFewRequested(int workers) {
        OptionalInt asked = askedSlots();
        return asked.isEmpty() || asked.getAsInt() >= workers
                ? Optional.empty()
                : Optional.of(
                        workers + " workers are asked for, but the executors that Spark is asked for have room for "
                                + asked.getAsInt() + " (executors x spark.executor.cores / spark.task.cpus, which is "
                                + spark.getConf().get("spark.task.cpus", "1")
                                + "): raise spark.executor.instances (spark.cores.max, local-cluster[N], ./hope --executors N)"
                                + " or lower cluster.workers");
    }

    /** What the user should know of the data plane, if there is anything. */
    public Optional<String> transportWarning() {
        return TransportChoice.warning(transport, spark.getConf(), spark.version());
    }

    @Override
    public String shortage(int workers) {
        int slots = slots();
        return workers + " workers are asked for, but after " + queueTimeout().toSeconds()
                + " s the cluster has room for " + slots + ": start more executors"
                + " (spark.executor.instances, spark.cores.max, local[N]), or lower cluster.workers;"
                + " a worker takes spark.task.cpus = " + spark.getConf().get("spark.task.cpus", "1")
                + " cores"
                + (takesGpus() ? " and spark.task.resource.gpu.amount = " + amount("task") + " GPUs" : "")
                + (slots == 0 ? NONE_CAME : "");
    }

    @Override
    public List<String> problems() {
        double wanted = amount("executor");
        return wanted > 0 && amount("task") == 0
                ? List.of("spark.executor.resource.gpu.amount is " + wanted
                        + ", but spark.task.resource.gpu.amount is not set: the workers would not get the GPUs;"
                        + " set it to 1, or take both away")
                : List.of();
    }

    /** GPUs that an executor or a task asks Spark for. */
    private double amount(String owner) {
        return spark.getConf().getDouble("spark." + owner + ".resource.gpu.amount", 0);
    }

    @Override
    public synchronized void exclude(Set<String> hosts) {
        excluded = hosts;
    }

    /**
     * Ends the executors on excluded hosts, since Spark cannot be told where barrier tasks may run. The cluster manager
     * is asked for others, a few times: a standalone master may start them on the same host again.
     */
    private synchronized void expel() {
        if (excluded.isEmpty()) {
            return;
        }
        Map<String, String> hosts =
                HopePlugin.coordinator().map(Coordinator::executors).orElse(Map.of());
        List<String> unwanted = hosts.keySet().stream()
                .filter(executor -> excluded.contains(hosts.get(executor)))
                .toList();
        int others = hosts.size() - unwanted.size();
        List<String> news = unwanted.stream()
                .filter(executor -> !expelled.contains(executor))
                .toList();
        if (news.isEmpty() || others == 0) {
            // where there is no other host, a bad one is better than none
            return;
        }
        expulsions++;
        LOG.warn("ending executors {} on hosts {}, where too many failures began", news, excluded);
        expelled.addAll(news);
        ScalaApi.replace(spark, news, others + (expulsions <= REPLACEMENTS ? news.size() : 0));
    }

    private ScheduledExecutorService watch(Attempt attempt, BooleanSupplier roomForMore) {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        cancelUnlessBegun(attempt, clock);
        ScheduledFuture<?> unused = clock.scheduleWithFixedDelay(
                () -> look(attempt, roomForMore), NEWS.toMillis(), NEWS.toMillis(), TimeUnit.MILLISECONDS);
        return clock;
    }

    private void look(Attempt attempt, BooleanSupplier roomForMore) {
        try {
            attempt.executors().forEach((rank, executor) -> {
                if (ScalaApi.isDecommissioned(spark, executor)) {
                    attempt.preempted(rank);
                }
            });
            if (roomForMore.getAsBoolean()) {
                attempt.resize();
            }
            if (attempt.hasFailedFor(Duration.ofSeconds(config.preemptionGraceSeconds()))) {
                // a worker that ends in order leaves the others running
                spark.cancelJobGroup(attempt.generation().toString());
            }
        } catch (RuntimeException e) {
            // the next look may go well; without this there would be none
            LOG.warn("{}: the cluster could not be looked at", attempt.generation(), e);
        }
    }

    /** Bounds the wait for slots that tasks of an earlier generation still hold; Spark's own has no end. */
    private void cancelUnlessBegun(Attempt attempt, ScheduledExecutorService clock) {
        String group = attempt.generation().toString();
        spark.setJobGroup(group, "generation " + attempt.generation().number(), false);
        ScheduledFuture<?> unused = clock.schedule(
                () -> {
                    if (!attempt.hasBegun()) {
                        attempt.cancelled("no worker has begun within " + config.startTimeoutSeconds()
                                + " s: other tasks, perhaps cancelled ones, still hold the slots");
                        spark.cancelJobGroup(group);
                    }
                },
                config.startTimeoutSeconds(),
                TimeUnit.SECONDS);
    }

    private static RuntimeException failure(Attempt attempt, Exception e) {
        AttemptEnd end = attempt.end(e);
        String message = "generation " + end.generation() + ": " + end.cause();
        if (attempt.failedWith(UserException.class)) {
            return new UserException(message, e);
        }
        if (attempt.failedWith(ReplicaMismatchException.class)) {
            ReplicaMismatchException mismatch = new ReplicaMismatchException(message);
            mismatch.initCause(e);
            return mismatch;
        }
        if (attempt.failedWith(DivergedException.class)) {
            return new DivergedException(message, e);
        }
        return new AttemptFailedException(message, end, e);
    }
}
