package org.hopespark.cluster.spark;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/** Settings of the file systems on executors. */
public final class TaskHadoop {
    private TaskHadoop() {}

    /**
     * Those of the application, {@code spark.hadoop.*} and the classes of {@code --jars} included. What Spark keeps
     * there by itself is from the executor's start and has neither.
     */
    public static Configuration ofThisTask() {
        return SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
    }
}
