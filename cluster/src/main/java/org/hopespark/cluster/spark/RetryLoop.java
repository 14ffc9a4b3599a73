package org.hopespark.cluster.spark;

import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.conf.ClusterConfig;

/**
 * Runs a gang again after it has lost a worker, each time as a new generation. What is wrong with the run itself, a
 * mistake of the user, replicas that differ or a gradient that is not finite, is not tried again.
 */
public final class RetryLoop {
    private static final Logger LOG = LogManager.getLogger(RetryLoop.class);

    /** What a run does around its attempts, on the driver. */
    @FunctionalInterface
    public interface Attempts {
        /** Called before each attempt, from generation 1: finds the checkpoint to go on from. */
        WorkerFunction begin(long generation);

        /** Called after an attempt that another one follows. */
        default void failed(long generation, String cause) {}
    }

    private final Gang gang;
    private final int maxFailures;

    public RetryLoop(Gang gang, ClusterConfig config) {
        this.gang = gang;
        this.maxFailures = config.maxFailures();
    }

    /**
     * Runs until an attempt succeeds or too many have failed.
     *
     * @param attempts makes each attempt's workers
     * @return the workers' results in the order of their ranks
     */
    public List<String> run(int workers, StepListener listener, Attempts attempts) {
        for (long generation = 1; ; generation++) {
            try {
                return gang.run(workers, generation, listener, attempts.begin(generation));
            } catch (AttemptFailedException | CheckpointFailedException e) {
                if (gang.isStopped()) {
                    throw new AttemptFailedException(
                            "the Spark application was stopped; the same command goes on from the newest checkpoint",
                            e);
                }
                if (generation > maxFailures) {
                    throw new AttemptFailedException(
                            "gave up after " + generation + " failed attempts (cluster.max-failures = " + maxFailures
                                    + "); the last one: " + e.getMessage(),
                            e);
                }
                LOG.error("attempt {} failed, another one follows: {}", generation, e.getMessage());
                LOG.debug("attempt {}", generation, e);
                attempts.failed(generation, String.valueOf(e.getMessage()));
            }
        }
    }
}
