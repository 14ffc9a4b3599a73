package org.hopespark.cluster.spark;

import java.util.ArrayList;
import java.util.List;

/**
 * What every worker of a gang must have.
 *
 * @param identity of the driver
 * @param gpu whether tasks ask Spark for a GPU
 */
record Requirements(Identity identity, boolean gpu) {

    /** What a worker lacks, for the user. */
    List<String> missed(String place, Registration worker) {
        List<String> missed = new ArrayList<>(identity.differences(place, worker.identity()));
        missed.addAll(missedGpu(place, worker));
        return missed;
    }

    /** The same of GPUs alone. */
    List<String> missedGpu(String place, Registration worker) {
        return gpu && worker.gpu().isEmpty()
                ? List.of(place + " got no GPU from Spark, although spark.task.resource.gpu.amount is set")
                : List.of();
    }
}
