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
        if (gpu && worker.gpu().isEmpty()) {
            missed.add(place + " got no GPU from Spark, although spark.task.resource.gpu.amount is set");
        }
        return missed;
    }
}
