package org.hopespark.cluster.spark;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What the retry loop needs of a cluster. */
interface Cluster {

    /** How many workers there is room for now. */
    int slots();

    /** Waits for room for {@code workers}; returns how many there is room for in the end. */
    int awaitSlots(int workers, Duration longest);

    /** How long the cluster manager may take to bring executors; those of others may have to end first. */
    Duration queueTimeout();

    /** Why there is no room for {@code workers}, and what the user can do. */
    String shortage(int workers);

    /** Settings of the cluster that keep every attempt from going well. */
    List<String> problems();

    /** From now on no worker runs on these hosts, as far as the cluster manager allows. */
    void exclude(Set<String> hosts);

    /** Whether nothing can or shall run on the cluster again. */
    boolean isStopped();

    /**
     * Runs one attempt.
     *
     * @param roomForMore asked now and then; once it holds, the workers are asked to end after a checkpoint
     */
    List<String> run(
            int workers, long generation, StepListener listener, WorkerFunction function, BooleanSupplier roomForMore);
}
