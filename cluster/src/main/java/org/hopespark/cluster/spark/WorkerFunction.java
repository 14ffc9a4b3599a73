package org.hopespark.cluster.spark;

import java.io.Serializable;

/** What every worker of a gang does. Travels to the executors: keep it small. */
@FunctionalInterface
public interface WorkerFunction extends Serializable {

    /**
     * Runs on an executor from start to end of an attempt.
     *
     * @return what the driver gets, in the order of the ranks
     */
    String run(WorkerContext context) throws Exception;

    /** The configuration as this process reads it; workers that read another one than the driver are refused. */
    default String configuration() {
        return "";
    }
}
