package org.hopespark.jobs;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.conf.ClusterConfig;

/** The Spark session of a command, with the settings that its work needs. */
public final class SparkSessions {
    private SparkSessions() {}

    /** A session whose application can run gangs of workers. */
    public static SparkSession forGang(String name, ClusterConfig cluster) {
        SparkConf conf = Gang.configure(new SparkConf(), cluster);
        return SparkSession.builder().appName(name).config(conf).getOrCreate();
    }

    /** How a command without a session reaches file systems: as one with a session would, spark.hadoop.* included. */
    public static Configuration hadoop() {
        return SparkHadoopUtil.get().newConfiguration(new SparkConf());
    }

    /** A session for stages of ordinary tasks. */
    public static SparkSession ordinary(String name) {
        return SparkSession.builder().appName(name).getOrCreate();
    }
}
