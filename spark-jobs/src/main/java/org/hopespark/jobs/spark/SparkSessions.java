package org.hopespark.jobs.spark;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.text.Secrets;

/** The Spark session of a command, with the settings that its work needs. */
public final class SparkSessions {
    private SparkSessions() {}

    /** A session whose application can run gangs of workers. */
    public static SparkSession forGang(String name, ClusterConfig cluster) {
        return session(name, Gang.configure(new SparkConf(), cluster));
    }

    /** How a command without a session reaches file systems: as one with a session would, spark.hadoop.* included. */
    public static Configuration hadoop() {
        return SparkHadoopUtil.get().newConfiguration(new SparkConf());
    }

    /** A session for stages of ordinary tasks. */
    public static SparkSession ordinary(String name) {
        return session(name, new SparkConf());
    }

    private static SparkSession session(String name, SparkConf conf) {
        conf.setIfMissing("spark.redaction.regex", Secrets.OF_SPARK);
        return SparkSession.builder().appName(name).config(conf).getOrCreate();
    }
}
