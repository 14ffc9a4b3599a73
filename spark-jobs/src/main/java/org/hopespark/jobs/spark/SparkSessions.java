package org.hopespark.jobs.spark;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.spark.Gang;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.UserException;
import org.hopespark.text.Secrets;

/** The Spark session of a command, with the settings that its work needs. */
public final class SparkSessions {
    private static final String MAIN_CLASSES = "org.hopespark.";

    private SparkSessions() {}

    /**
     * A session whose application can run gangs of workers.
     *
     * @param name command and run, such as {@code hope pretrain runs/first}
     */
    public static SparkSession forGang(String name, ClusterConfig cluster) {
        return session(name, Gang.configure(new SparkConf(), cluster));
    }

    /** The same to look at a cluster: of settings with which no gang can run, those that can be left aside are. */
    public static SparkSession forCheck(String name, SparkConf conf, ClusterConfig cluster) {
        return session(name, Gang.configure(Gang.fit(conf.clone()), cluster));
    }

    /** How a command without a session reaches file systems: as one with a session would, spark.hadoop.* included. */
    public static Configuration hadoop() {
        return hadoop(System.getenv());
    }

    static Configuration hadoop(Map<String, String> environment) {
        SparkConf conf = new SparkConf();
        if (!conf.contains("spark.master")) {
            // started without spark-submit, which would have read them
            defaults(environment).forEach((key, value) -> conf.setIfMissing(key.toString(), value.toString()));
        }
        return SparkHadoopUtil.get().newConfiguration(conf);
    }

    /** The cluster's {@code spark-defaults.conf}, from where Spark would read it. */
    private static Properties defaults(Map<String, String> environment) {
        Properties defaults = new Properties();
        String home = environment.getOrDefault("SPARK_HOME", "");
        String folder = environment.getOrDefault("SPARK_CONF_DIR", home.isEmpty() ? "" : home + "/conf");
        if (folder.isEmpty()) {
            return defaults;
        }
        Path file = Path.of(folder, "spark-defaults.conf");
        if (Files.isRegularFile(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                defaults.load(in);
            } catch (IOException e) {
                throw new UserException("cannot read " + file + ": " + e, e);
            }
        }
        return defaults;
    }

    /** A session for stages of ordinary tasks. */
    public static SparkSession ordinary(String name) {
        return session(name, new SparkConf());
    }

    private static SparkSession session(String name, SparkConf conf) {
        conf.setIfMissing("spark.redaction.regex", Secrets.OF_SPARK);
        return SparkSession.builder().config(named(name, conf)).getOrCreate();
    }

    static SparkConf named(String name, SparkConf conf) {
        // spark-submit names it after the main class where the user gives no name
        return conf.get("spark.app.name", MAIN_CLASSES).startsWith(MAIN_CLASSES)
                ? conf.set("spark.app.name", name)
                : conf;
    }
}
