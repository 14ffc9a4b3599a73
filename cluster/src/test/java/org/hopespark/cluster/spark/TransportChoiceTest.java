package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.hopespark.conf.ClusterConfig.Transport;
import org.hopespark.conf.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TransportChoiceTest {
    private static final String SPARK_4 = "4.1.3";

    @Test
    void withoutProtectionAutoTakesTheFasterOne() {
        assertThat(TransportChoice.of(Transport.AUTO, new SparkConf(false), SPARK_4))
                .isEqualTo(Transport.NIO);
        assertThat(TransportChoice.of(Transport.SPARK, new SparkConf(false), SPARK_4))
                .isEqualTo(Transport.SPARK);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spark.authenticate", "spark.network.crypto.enabled", "spark.ssl.rpc.enabled"})
    void whereSparkIsProtectedSoAreTheWorkers(String key) {
        SparkConf conf = new SparkConf(false).set(key, "true");
        assertThat(TransportChoice.of(Transport.AUTO, conf, SPARK_4)).isEqualTo(Transport.SPARK);
        assertThatThrownBy(() -> TransportChoice.of(Transport.NIO, conf, SPARK_4))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("nio neither authenticates nor encrypts, but " + key + " is true")
                .hasMessageContaining("set cluster.transport to auto or spark");
    }

    @Test
    void tlsOnASparkThatHasNoneIsRefused() {
        SparkConf conf = new SparkConf(false).set("spark.ssl.rpc.enabled", "true");
        assertThatThrownBy(() -> TransportChoice.of(Transport.AUTO, conf, "3.5.8"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Spark 3.5.8 has no TLS between executors");
    }
}
