package org.hopespark.jobs.check;

import java.util.List;

/**
 * What a worker of the check has found on its executor; problems are empty where there is none.
 *
 * @param java feature version of its Java
 * @param memoryBytes of its machine or container
 * @param gpus models that its machine has, whoever uses them
 * @param cudaDevices GPUs that libtorch can use
 * @param natives why libtorch cannot be loaded
 * @param network why its neighbour cannot be reached
 * @param run what is wrong with the run's folder
 * @param data what is wrong with the data set, or the model that the run starts from
 */
record WorkerFacts(
        int java,
        long memoryBytes,
        List<String> gpus,
        int cudaDevices,
        String natives,
        String network,
        String run,
        String data) {
    WorkerFacts {
        gpus = List.copyOf(gpus);
    }
}
