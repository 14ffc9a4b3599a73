package org.hopespark.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSessionsTest {
    @TempDir
    private Path folder;

    /** As spark-submit passes --conf on. */
    @Test
    void aCommandWithoutASessionReachesFileSystemsAsOneWithASessionDoes() {
        System.setProperty("spark.hadoop.fs.s3a.endpoint", "http://127.0.0.1:9");
        try {
            assertThat(SparkSessions.hadoop().get("fs.s3a.endpoint")).isEqualTo("http://127.0.0.1:9");
        } finally {
            System.clearProperty("spark.hadoop.fs.s3a.endpoint");
        }
    }

    /** As {@code ./hope} starts what needs no cluster. */
    @Test
    void aCommandStartedWithoutSparkSubmitKnowsTheDefaultsOfTheCluster() throws IOException {
        Files.writeString(folder.resolve("spark-defaults.conf"), """
                # a comment
                spark.hadoop.fs.s3a.endpoint   http://127.0.0.1:9
                spark.hadoop.fs.s3a.endpoint.region=here
                """);
        Configuration hadoop = SparkSessions.hadoop(Map.of("SPARK_CONF_DIR", folder.toString()));
        assertThat(hadoop.get("fs.s3a.endpoint")).isEqualTo("http://127.0.0.1:9");
        assertThat(hadoop.get("fs.s3a.endpoint.region")).isEqualTo("here");
    }

    @Test
    void whatSparkSubmitHasReadIsNotReadAgain() throws IOException {
        Files.writeString(folder.resolve("spark-defaults.conf"), "spark.hadoop.fs.s3a.endpoint http://127.0.0.1:9\n");
        System.setProperty("spark.master", "local[1]");
        try {
            Configuration hadoop = SparkSessions.hadoop(Map.of("SPARK_CONF_DIR", folder.toString()));
            assertThat(hadoop.get("fs.s3a.endpoint")).isNull();
        } finally {
            System.clearProperty("spark.master");
        }
    }

    @Test
    void applicationsHaveTheNameThatTheUserGivesOrThatOfCommandAndRun() {
        assertThat(name("org.hopespark.cli.Main")).isEqualTo("hope pretrain runs/first");
        assertThat(name("nightly")).isEqualTo("nightly");
    }

    private static String name(String given) {
        SparkConf conf = new SparkConf(false).set("spark.app.name", given);
        return SparkSessions.named("hope pretrain runs/first", conf).get("spark.app.name");
    }
}
