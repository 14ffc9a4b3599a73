package org.hopespark.cluster.spark;

import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.resource.ResourceInformation;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Transport;

/** A worker's place in its gang. */
public final class Seat {
    private final Generation generation;
    private final BarrierTaskContext task;
    private final NetworkTransport transport;
    private final Messenger messenger;

    Seat(Generation generation, BarrierTaskContext task, NetworkTransport transport, Messenger messenger) {
        this.generation = generation;
        this.task = task;
        this.transport = transport;
        this.messenger = messenger;
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
        ResourceInformation gpu = task.resourcesJMap().get("gpu");
        return gpu == null || gpu.addresses().length == 0 ? Optional.empty() : Optional.of(gpu.addresses()[0]);
    }

    /** The connection with the other workers, all of which are there. The gang closes it. */
    public Transport transport() {
        return transport;
    }

    /** Settings of the file systems, on executors, too. */
    public Configuration hadoop() {
        return SparkHadoopUtil.get().conf();
    }

    /** Whether the task was cancelled, mostly because another worker has failed. */
    public boolean interrupted() {
        return task.isInterrupted();
    }

    /** Sends a JSON object to the driver's {@link StepListener}, without waiting. */
    public void report(String json) {
        messenger.report(generation, rank(), json);
    }
}
