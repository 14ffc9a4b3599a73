package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.spark.TransportBenchmark.Row;
import org.junit.jupiter.api.Test;

final class TransportBenchmarkTest {

    @Test
    void everySizeIsMeasuredAgainstBareSockets() throws Exception {
        SparkConf conf = new SparkConf()
                .setMaster("local[1]")
                .setAppName("benchmark")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            List<Row> rows = TransportBenchmark.run();
            assertThat(rows)
                    .hasSize(9)
                    .allSatisfy(row -> assertThat(row.value()).isPositive());
            assertThat(rows.get(0).name()).isEqualTo("all-reduce of 1 MiB, 2 ranks");
            assertThat(spark.isLocal()).isTrue();
        }
    }
}
