package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.Generation;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.ConfigException;
import org.hopespark.model.DivergedException;
import org.hopespark.model.ReplicaMismatchException;

/**
 * N workers that run at the same time, as the tasks of one Spark barrier stage, and end together. One gang a Spark
 * application at a time.
 */
public final class Gang {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private static final Logger LOG = LogManager.getLogger(Gang.class);

    private final JavaSparkContext spark;
    private final ClusterConfig config;
    private final ClusterConfig.Transport transport;

    /**
     * A gang on a running Spark application, whose settings {@link #configure} has made.
     *
     * @throws ConfigException when the settings do not allow a gang
     */
    public Gang(JavaSparkContext spark, ClusterConfig config) {
        refuseUnfit(spark.getConf());
        this.spark = spark;
        this.config = config;
        this.transport = TransportChoice.of(config.transport(), spark.getConf(), spark.version());
    }

    /**
     * Makes the settings of a Spark application fit for gangs, where the user has not.
     *
     * @throws ConfigException when the user has made them unfit
     */
    public static SparkConf configure(SparkConf conf, ClusterConfig config) {
        refuseUnfit(conf);
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

    private static void refuseUnfit(SparkConf conf) {
        if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new ConfigException(
                    "spark.dynamicAllocation.enabled must be false: all workers start and end together,"
                            + " on executors that stay; ask for a fixed number (spark.executor.instances)");
        }
        if (conf.getBoolean("spark.speculation", false)) {
            throw new ConfigException("spark.speculation must be false: a worker cannot run twice at the same time");
        }
    }

    static ConfigException noPlugin(String where) {
        return new ConfigException("the plugin " + HopePlugin.class.getName() + " does not run on " + where
                + ": name it in spark.plugins, and put its jar on the class path that Spark starts with"
                + " (spark.driver.extraClassPath, spark.executor.extraClassPath)");
    }

    /** Whether the Spark application has ended, so that nothing can run on it again. */
    boolean isStopped() {
        return spark.sc().isStopped();
    }

    /** How many workers the cluster has room for now. */
    public int slots() {
        return spark.sc()
                .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
    }

    /**
     * How many workers the cluster has room for once its executors have arrived: when the number has stayed the same
     * for some seconds.
     */
    public int settledSlots() {
        int last = 0;
        int same = 0;
        for (long waited = 0; waited < startTimeout().toMillis(); waited += POLL.toMillis()) {
            int now = slots();
            same = now == last ? same + 1 : 0;
            last = now;
            if (now > 0 && same * POLL.toMillis() >= SETTLED.toMillis()) {
                return now;
            }
            sleep("executors");
        }
        throw new ConfigException("no executor has arrived within " + config.startTimeoutSeconds()
                + " s: look at the cluster, or raise cluster.start-timeout-seconds");
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
     * @throws ConfigException when a worker has found a mistake of the user, or there is no room for the workers
     * @throws ReplicaMismatchException when the workers' parameters are not equal
     * @throws DivergedException when the gradient is not finite
     * @throws AttemptFailedException when a worker or its executor has failed otherwise
     */
    public List<String> run(int workers, long generation, StepListener listener, WorkerFunction function) {
        Coordinator coordinator = HopePlugin.coordinator().orElseThrow(() -> noPlugin("the driver"));
        awaitSlots(workers);
        Attempt attempt = new Attempt(new Generation(UUID.randomUUID(), generation), workers, listener);
        Worker worker = new Worker(attempt.generation(), workers, transport, startTimeout(), function);
        coordinator.begin(attempt);
        ScheduledExecutorService clock = cancelUnlessBegun(attempt);
        try {
            return ScalaApi.runBarrier(spark, workers, worker);
        } catch (Exception e) {
            // Spark throws checked exceptions that Scala does not declare
            throw failure(attempt, e);
        } finally {
            clock.shutdownNow();
            spark.clearJobGroup();
            coordinator.end(attempt);
        }
    }

    private Duration startTimeout() {
        return Duration.ofSeconds(config.startTimeoutSeconds());
    }

    private void awaitSlots(int workers) {
        long start = System.nanoTime();
        boolean told = false;
        while (slots() < workers) {
            if (!told && System.nanoTime() - start > SETTLED.toNanos()) {
                told = true;
                LOG.warn(
                        "waiting up to {} s for executors: {} workers are asked for, there is room for {}",
                        config.startTimeoutSeconds(),
                        workers,
                        slots());
            }
            if (System.nanoTime() - start > startTimeout().toNanos()) {
                SparkConf conf = spark.getConf();
                throw new ConfigException(workers + " workers are asked for, but after " + config.startTimeoutSeconds()
                        + " s the cluster has room for " + slots() + ": start more executors"
                        + " (spark.executor.instances, spark.cores.max, local[N]), or lower cluster.workers;"
                        + " a worker takes spark.task.cpus = " + conf.get("spark.task.cpus", "1")
                        + " cores, and what spark.task.resource.* says");
            }
            sleep("room for " + workers + " workers");
        }
    }

    /** Bounds the wait for slots that tasks of an earlier generation still hold; Spark's own has no end. */
    private ScheduledExecutorService cancelUnlessBegun(Attempt attempt) {
        String group = attempt.generation().toString();
        spark.setJobGroup(group, "generation " + attempt.generation().number(), false);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
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
        return clock;
    }

    private static RuntimeException failure(Attempt attempt, Exception e) {
        String message = "generation " + attempt.generation().number() + ": " + cause(attempt, e);
        if (attempt.failedWith(ConfigException.class)) {
            return new ConfigException(message, e);
        }
        if (attempt.failedWith(ReplicaMismatchException.class)) {
            ReplicaMismatchException mismatch = new ReplicaMismatchException(message);
            mismatch.initCause(e);
            return mismatch;
        }
        if (attempt.failedWith(DivergedException.class)) {
            return new DivergedException(message, e);
        }
        return new AttemptFailedException(message, e);
    }

    /** A worker's first error and the loss of an executor, whichever is known; else what Spark says. */
    private static String cause(Attempt attempt, Exception e) {
        List<String> lines = e.toString().lines().toList();
        List<String> causes = new ArrayList<>();
        attempt.firstFailure().ifPresent(causes::add);
        lines.stream()
                .filter(line -> line.startsWith("ExecutorLostFailure"))
                .findFirst()
                .ifPresent(causes::add);
        return String.join("; ", causes.isEmpty() ? lines.subList(0, Math.min(2, lines.size())) : causes);
    }
}
