package org.hopespark.cluster.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.conf.ClusterConfig;

/** Spark with executors in processes of their own, started from this test's class path. */
final class LocalCluster {
    private LocalCluster() {}

    static JavaSparkContext start(SparkConf conf, ClusterConfig config) throws IOException {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return new JavaSparkContext(Gang.configure(conf, config)
                .setIfMissing("spark.master", "local-cluster[2,1,1024]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .setIfMissing("spark.executor.extraClassPath", classPath));
    }
}
