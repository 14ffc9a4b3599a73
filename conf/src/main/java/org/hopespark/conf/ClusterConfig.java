package org.hopespark.conf;

/**
 * How workers meet and what happens when one is lost.
 *
 * @param workers N; 0 takes as many as the Spark application asks its cluster for, and continues with fewer while not
 *     all are there
 * @param minWorkers fewest workers to continue with when there is no room for all; 0 always waits for all
 * @param timeoutSeconds longest wait for another worker inside a step
 * @param startTimeoutSeconds longest wait for all workers to arrive
 * @param queueTimeoutSeconds longest wait for the cluster to bring executors, before the first attempt and after a
 *     loss; -1 is a day on YARN and Kubernetes, whose queues may be long, and {@code start-timeout-seconds} elsewhere
 * @param maxFailures attempts that may fail in a row without a newer checkpoint between them before the run gives up
 * @param maxHostFailures failures of the run that may begin on one host before no worker runs there again; 0 never
 *     excludes a host
 * @param maxPreemptions attempts of a run that may end because the cluster takes an executor away; -1 sets no limit
 * @param preemptionGraceSeconds longest time that an executor lives on after SIGTERM, to save a checkpoint
 * @param transport data plane between workers
 */
public record ClusterConfig(
        int workers,
        int minWorkers,
        int timeoutSeconds,
        int startTimeoutSeconds,
        int queueTimeoutSeconds,
        int maxFailures,
        int maxHostFailures,
        int maxPreemptions,
        int preemptionGraceSeconds,
        Transport transport) {

    /**
     * Data planes. {@code spark} is Spark's network layer with its secret, AES and TLS, as far as they are on;
     * {@code nio} is plain sockets, faster, for networks that are trusted, and refused where Spark authenticates or
     * encrypts; {@code auto} is {@code spark} there and {@code nio} elsewhere.
     */
    public enum Transport {
        AUTO,
        SPARK,
        NIO
    }

    static final ClusterConfig DEFAULT = new ClusterConfig(0, 0, 60, 120, -1, 5, 3, -1, 30, Transport.AUTO);

    public ClusterConfig {
        Checks checks = new Checks();
        checks.that(workers >= 0, "workers must be >= 0, got " + workers);
        checks.that(minWorkers >= 0, "min-workers must be >= 0, got " + minWorkers);
        checks.that(
                workers == 0 || minWorkers <= workers,
                "min-workers must be <= workers = " + workers + ", got " + minWorkers);
        checks.that(timeoutSeconds >= 1, "timeout-seconds must be >= 1, got " + timeoutSeconds);
        checks.that(startTimeoutSeconds >= 1, "start-timeout-seconds must be >= 1, got " + startTimeoutSeconds);
        checks.that(queueTimeoutSeconds >= -1, "queue-timeout-seconds must be >= -1, got " + queueTimeoutSeconds);
        checks.that(maxFailures >= 0, "max-failures must be >= 0, got " + maxFailures);
        checks.that(maxHostFailures >= 0, "max-host-failures must be >= 0, got " + maxHostFailures);
        checks.that(maxPreemptions >= -1, "max-preemptions must be >= -1, got " + maxPreemptions);
        checks.that(
                preemptionGraceSeconds >= 0, "preemption-grace-seconds must be >= 0, got " + preemptionGraceSeconds);
        checks.done();
    }

    /** Reads settings that stand below {@code cluster}. */
    public static ClusterConfig of(Settings settings) {
        return settings.bind(ClusterConfig.class);
    }
}
