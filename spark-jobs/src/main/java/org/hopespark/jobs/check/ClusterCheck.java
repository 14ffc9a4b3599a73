package org.hopespark.jobs.check;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.spark.AttemptFailedException;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.cluster.spark.Probe;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.check.ClusterFindings.Worker;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.model.Architecture;

/** Whether a run can work on the cluster of a Spark application: asks driver and workers, and judges. */
public final class ClusterCheck {
    private static final Logger LOG = LogManager.getLogger(ClusterCheck.class);

    private final JavaSparkContext spark;
    private final Gang gang;
    private final RunConfig config;
    private final String data;
    private final String dataIdentity;
    private final Path run;

    /**
     * A check for a run.
     *
     * @param config whose {@code init} workers look for
     * @param data URI of the data set
     * @param dataIdentity of what the driver sees; empty where it sees none
     * @param run URI of the run's folder
     */
    private ClusterCheck(
            JavaSparkContext spark, Gang gang, RunConfig config, String data, String dataIdentity, String run) {
        this.spark = spark;
        this.gang = gang;
        this.config = config;
        this.data = data;
        this.dataIdentity = dataIdentity;
        this.run = new Path(run);
    }

    /**
     * All checks, on an application of their own. Waits for executors as long as {@code cluster.start-timeout-seconds}
     * says, not for queues.
     *
     * @param conf settings of Spark, which may be such that no run can start
     * @param dataProblems why the driver cannot read the data set
     */
    public static List<Check> all(
            SparkConf conf, RunConfig config, String data, String dataIdentity, String run, List<String> dataProblems) {
        RunConfig patient = config.with(
                List.of("cluster.queue-timeout-seconds=" + config.cluster().startTimeoutSeconds()));
        List<String> protection = Gang.unprotected(conf, config.cluster());
        // where the transport alone does not fit, another one can look at the rest
        RunConfig probed = protection.isEmpty() ? patient : patient.with(List.of("cluster.transport=auto"));
        JavaSparkContext spark;
        try {
            spark = JavaSparkContext.fromSparkContext(
                    SparkSessions.forCheck("hope check cluster " + run, conf, probed.cluster())
                            .sparkContext());
        } catch (RuntimeException e) {
            return withoutSpark(conf, config, protection, dataProblems, e);
        }
        Gang gang = new Gang(spark, probed.cluster());
        List<String> room = new ArrayList<>();
        int workers = config.cluster().workers();
        int slots = 0;
        try {
            workers = workers > 0 ? workers : gang.requestedSlots();
            int possible = Math.min(workers, gang.askedSlots().orElse(workers));
            slots = gang.awaitSlots(possible, gang.queueTimeout());
            gang.tooFewRequested(workers).ifPresent(room::add);
            if (room.isEmpty() && slots < workers) {
                room.add(gang.shortage(workers));
            }
        } catch (UserException noExecutor) {
            room.add(String.valueOf(noExecutor.getMessage()));
        }
        return new ClusterCheck(spark, gang, config, data, dataIdentity, run)
                .checks(
                        Patience.OF_CHECKS,
                        new DriverFacts(
                                config,
                                Math.max(1, workers),
                                slots,
                                Gang.unfitSettings(conf),
                                room,
                                protection,
                                gang.transportWarning().stream().toList(),
                                ExecutorMemory.of(spark.getConf()),
                                gang.takesGpus(),
                                gang.problems(),
                                List.of(),
                                dataProblems));
    }

    /** What the settings alone say. */
    private static List<Check> withoutSpark(
            SparkConf conf, RunConfig config, List<String> protection, List<String> dataProblems, RuntimeException e) {
        String why = protection.isEmpty() ? ProbeTask.reason(e) : "see 'protection'";
        return ClusterFindings.of(
                new DriverFacts(
                        config,
                        Math.max(1, config.cluster().workers()),
                        0,
                        Gang.unfitSettings(conf),
                        List.of("the Spark application does not start: " + why),
                        protection,
                        List.of(),
                        ExecutorMemory.of(conf),
                        false,
                        List.of(),
                        List.of(),
                        dataProblems),
                List.of());
    }

    /** What keeps the run's folder from taking a checkpoint. */
    private List<String> diskProblems() {
        return DiskSpaceCheck.forCheckpointsOf(Architecture.of(config).size(), run.toString(), hadoop())
                .problems();
    }

    /** Looks at the run's folder and asks as many workers as there is room for. */
    private List<Check> checks(Patience patience, DriverFacts known) {
        Bounded files = new Bounded(patience.files());
        List<String> folder = new ArrayList<>();
        List<Worker> workers = new ArrayList<>();
        List<Check> early = new ArrayList<>();
        boolean isNew = false;
        try {
            isNew = files.call(() -> !WholeFile.system(run, hadoop()).exists(run));
            folder.addAll(files.call(this::diskProblems));
        } catch (IOException | RuntimeException e) {
            folder.add("the run folder " + run + " cannot be reached: " + ProbeTask.reason(e)
                    + "; look at --run, and at spark.hadoop.* or HADOOP_CONF_DIR");
        }
        try {
            int there = Math.min(known.workers(), known.slots());
            if (there > 0) {
                workers.addAll(folder.isEmpty() ? askBesideMarker(there, patience) : ask(there, "", patience));
            }
        } catch (AttemptFailedException e) {
            // whatever it was: a run tries again
            early.add(Check.warning("workers", "the workers of the check ended early: " + e.getMessage()));
        } catch (IOException e) {
            folder.add("the run folder " + run + " cannot be written: " + e);
        } finally {
            if (isNew && folder.isEmpty()) {
                removeFolder();
            }
        }
        List<Check> checks = new ArrayList<>(ClusterFindings.of(known.withRun(folder), workers));
        checks.addAll(early);
        return checks;
    }

    private List<Worker> askBesideMarker(int workers, Patience patience) throws IOException {
        String marker = new Bounded(patience.files()).call(() -> SharedFiles.leaveMarker(run, hadoop()));
        try {
            return ask(workers, marker, patience);
        } finally {
            SharedFiles.removeMarker(run, marker, hadoop());
        }
    }

    private List<Worker> ask(int workers, String marker, Patience patience) {
        ProbeTask task = new ProbeTask(data, dataIdentity, run.toString(), marker, config.init(), patience);
        return new Probe(gang)
                .run(workers, task).stream()
                        .map(seen -> new Worker(seen, RunJson.read(seen.found(), WorkerFacts.class)))
                        .toList();
    }

    /** Leaves what was not there as it was. */
    private void removeFolder() {
        try {
            WholeFile.system(run, hadoop()).delete(run, false);
        } catch (IOException e) {
            LOG.debug("{} is not removed", run, e);
        }
    }

    private Configuration hadoop() {
        return spark.hadoopConfiguration();
    }
}
