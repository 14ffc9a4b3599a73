package org.hopespark.cluster.spark;

import java.util.List;
import java.util.function.LongFunction;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.conf.ClusterConfig;

/**
 * Runs a gang again after it has lost a worker, each time as a new generation. What is wrong with the run itself, a
 * mistake of the user or replicas that differ, is not tried again.
 */
public final class RetryLoop {
    private static final Logger LOG = LogManager.getLogger(RetryLoop.class);

    private final Gang gang;
    private final int maxFailures;

    public RetryLoop(Gang gang, ClusterConfig config) {
        this.gang = gang;
        this.maxFailures = config.maxFailures();
    }

    /**
     * Runs until an attempt succeeds or too many have failed.
     *
     * @param workerOf called on the driver before each attempt with its generation, from 1: finds the checkpoint to go
     *     on from
     * @return the workers' results in the order of their ranks
     */
    public List<String> run(int workers, StepListener listener, LongFunction<WorkerFunction> workerOf) {
        for (long generation = 1; ; generation++) {
            try {
                return gang.run(workers, generation, listener, workerOf.apply(generation));
            } catch (AttemptFailedException | CheckpointFailedException e) {
                if (generation > maxFailures) {
                    throw new AttemptFailedException(
                            "gave up after " + generation + " failed attempts (cluster.max-failures = " + maxFailures
                                    + "); the last one: " + e.getMessage(),
                            e);
                }
                LOG.error("attempt {} failed, another one follows: {}", generation, e.getMessage());
                LOG.debug("attempt {}", generation, e);
            }
        }
    }
}
