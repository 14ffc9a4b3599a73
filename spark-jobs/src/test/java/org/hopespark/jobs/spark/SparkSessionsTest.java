package org.hopespark.jobs.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparkSessionsTest {
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
}
