package org.hopespark.cluster.spark;

import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.cluster.Transport;

/** A worker's place in its gang. */
public final class WorkerContext {
    private final Generation generation;
    private final BarrierTaskContext task;
    private final NetworkTransport transport;
    private final Messenger messenger;
    private final WorkerSignals signals;

    WorkerContext(
            Generation generation,
            BarrierTaskContext task,
            NetworkTransport transport,
            Messenger messenger,
            WorkerSignals signals) {
        this.generation = generation;
        this.task = task;
        this.transport = transport;
        this.messenger = messenger;
        this.signals = signals;
    }

    /** This worker's number, 0 to {@code workers() - 1}. */
    public int rank() {
        return transport.rank();
    }

    /** N. */
    public int workers() {
        return transport.ranks();
    }

    /** Number of the attempt, from 1. */
    public long generation() {
        return generation.number();
    }

    /** A text that no other attempt of any run has; the same on all workers of this one. */
    public String attempt() {
        return generation.token().toString();
    }

    /** The executor's host, as the other workers know it. */
    public String host() {
        return transport.member().host();
    }

    /** The address of the GPU that Spark has given to this task, if it was asked for one. */
    public Optional<String> gpu() {
        return TaskGpu.address(task);
    }

    /** The connection with the other workers, all of which are there. The gang closes it. */
    public Transport transport() {
        return transport;
    }

    /** Settings of the file systems, on executors, too. */
    public Configuration hadoop() {
        return TaskHadoop.ofThisTask();
    }

    /** Whether the task was cancelled, mostly because another worker has failed. */
    public boolean interrupted() {
        return task.isInterrupted();
    }

    /**
     * Whether the cluster is about to take this executor away. The worker then has
     * {@code cluster.preemption-grace-seconds} to save its state, and ends with {@link PreemptedException}. Other
     * workers do not know: tell them, so that all end after the same step. Cheap: ask every step.
     */
    public boolean isPreempted() {
        return signals.isPreempted();
    }

    /**
     * Whether there is room for more workers than these. All workers then end with {@link ResizeException} after the
     * next checkpoint; they come to know at different steps, so agree on one. Cheap: ask every step.
     */
    public boolean isResizeRequested() {
        return signals.isResizeRequested();
    }

    /** Sends a JSON object to the driver's {@link StepListener}, without waiting. */
    public void report(String json) {
        messenger.report(generation, rank(), json);
    }
}
