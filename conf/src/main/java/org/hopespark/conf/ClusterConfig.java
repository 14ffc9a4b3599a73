package org.hopespark.conf;

/**
 * How workers meet and what happens when one is lost.
 *
 * @param workers N; 0 takes as many as the cluster has executors
 * @param timeoutSeconds longest wait for another worker inside a step
 * @param startTimeoutSeconds longest wait for all workers to arrive
 * @param maxFailures attempts that may fail before the run gives up
 * @param transport data plane between workers
 */
public record ClusterConfig(
        int workers, int timeoutSeconds, int startTimeoutSeconds, int maxFailures, Transport transport) {

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

    static final ClusterConfig DEFAULT = new ClusterConfig(0, 60, 120, 5, Transport.AUTO);

    public ClusterConfig {
        check(workers >= 0, "workers must be >= 0, got " + workers);
        check(timeoutSeconds >= 1, "timeout-seconds must be >= 1, got " + timeoutSeconds);
        check(startTimeoutSeconds >= 1, "start-timeout-seconds must be >= 1, got " + startTimeoutSeconds);
        check(maxFailures >= 0, "max-failures must be >= 0, got " + maxFailures);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
