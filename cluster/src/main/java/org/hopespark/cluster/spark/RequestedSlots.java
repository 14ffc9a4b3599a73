package org.hopespark.cluster.spark;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/** For how many workers at once a Spark application asks its cluster, as far as its settings say. */
final class RequestedSlots {
    private static final Pattern LOCAL_CLUSTER =
            Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

    private RequestedSlots() {}

    static OptionalInt of(SparkConf conf) {
        int cores = conf.getInt("spark.task.cpus", 1);
        String master = conf.get("spark.master", "");
        Matcher local = LOCAL_CLUSTER.matcher(master);
        if (local.matches()) {
            return found(Integer.parseInt(local.group(1)) * tasks(conf, Integer.parseInt(local.group(2)), cores));
        }
        if (conf.contains("spark.executor.instances")) {
            // YARN and Kubernetes give an executor one core unless told otherwise
            int executorCores = conf.getInt("spark.executor.cores", cores);
            return found(conf.getInt("spark.executor.instances", 0) * tasks(conf, executorCores, cores));
        }
        // a standalone master spreads the cores that it is asked for
        return master.startsWith("spark://") && conf.contains("spark.cores.max")
                ? found(conf.getInt("spark.cores.max", 0) / cores)
                : OptionalInt.empty();
    }

    /** How many tasks an executor runs at once. */
    private static int tasks(SparkConf conf, int executorCores, int taskCores) {
        int byCores = executorCores / taskCores;
        double gpus = conf.getDouble("spark.task.resource.gpu.amount", 0);
        return gpus > 0
                ? Math.min(byCores, (int) (conf.getDouble("spark.executor.resource.gpu.amount", 0) / gpus))
                : byCores;
    }

    private static OptionalInt found(int slots) {
        return slots > 0 ? OptionalInt.of(slots) : OptionalInt.empty();
    }
}
