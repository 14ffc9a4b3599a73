package org.hopespark.jobs.check;

import org.apache.spark.SparkConf;

/**
 * What an executor may take where the cluster manager ends one that takes more.
 *
 * @param heapBytes of Java
 * @param overheadBytes beside it, where tensors lie
 * @param enforced whether the cluster manager looks, as YARN and Kubernetes do
 */
record ExecutorMemory(long heapBytes, long overheadBytes, boolean enforced) {
    private static final String MEMORY = "spark.executor.memory";
    private static final String OVERHEAD = MEMORY + "Overhead";
    private static final String FACTOR = OVERHEAD + "Factor";
    private static final String OFF_HEAP = "spark.memory.offHeap.";

    /** As Spark computes it from the settings of an application. */
    static ExecutorMemory of(SparkConf conf) {
        String master = conf.get("spark.master", "");
        boolean pods = master.startsWith("k8s");
        long heap = conf.getSizeAsBytes(MEMORY, "1g");
        double factor =
                conf.getDouble(FACTOR, pods ? conf.getDouble("spark.kubernetes.memoryOverheadFactor", 0.1) : 0.1);
        long overhead = conf.contains(OVERHEAD)
                // a number without a unit is in MiB
                ? conf.getSizeAsMb(OVERHEAD) << 20
                : Math.max((long) (factor * heap), conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m") << 20);
        long offHeap = conf.getBoolean(OFF_HEAP + "enabled", false) ? conf.getSizeAsBytes(OFF_HEAP + "size", "0") : 0;
        return new ExecutorMemory(heap, overhead + offHeap, pods || master.startsWith("yarn"));
    }

    long totalBytes() {
        return heapBytes + overheadBytes;
    }
}
