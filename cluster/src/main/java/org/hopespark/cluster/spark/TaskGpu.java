package org.hopespark.cluster.spark;

import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.hopespark.conf.UserException;

/** The GPU that Spark has given to a task, if it was asked for one ({@code spark.task.resource.gpu.amount}). */
public final class TaskGpu {
    private static final int NONE = -1;

    private TaskGpu() {}

    /** The device number of the task that runs on this thread; -1 for the CPU. */
    public static int ofThisTask() {
        return Optional.ofNullable(TaskContext.get())
                .flatMap(TaskGpu::address)
                .map(TaskGpu::number)
                .orElse(NONE);
    }

    static Optional<String> address(TaskContext task) {
        ResourceInformation gpu = task.resourcesJMap().get("gpu");
        return gpu == null || gpu.addresses().length == 0 ? Optional.empty() : Optional.of(gpu.addresses()[0]);
    }

    /**
     * The device number.
     *
     * @param address as a discovery script has printed it
     * @throws UserException if it is none
     */
    public static int number(String address) {
        if (!address.matches("\\d{1,9}")) {
            throw new UserException("GPU address '" + address + "' is not a number: let the discovery script print"
                    + " device numbers (MIG and UUIDs are not supported)");
        }
        return Integer.parseInt(address);
    }
}
