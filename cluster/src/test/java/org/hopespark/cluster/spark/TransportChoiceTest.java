package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.hopespark.conf.ClusterConfig.Transport;
import org.hopespark.conf.UserException;
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
                .isInstanceOf(UserException.class)
                .hasMessageContaining("nio protects nothing that it sends, but " + key + " is true")
                .hasMessageContaining("set cluster.transport to auto or spark");
    }

    @Test
    void aCipherThatProvesNothingIsWarnedOf() {
        SparkConf conf = new SparkConf(false).set("spark.network.crypto.enabled", "true");
        assertThat(TransportChoice.warning(Transport.SPARK, conf, SPARK_4))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("spark.network.crypto.cipher is AES/CTR/NoPadding")
                        .contains("set it to AES/GCM/NoPadding"));
        assertThat(TransportChoice.warning(Transport.SPARK, conf, "3.5.8"))
                .hasValueSatisfying(text -> assertThat(text).endsWith("take Spark 4"));
        assertThat(TransportChoice.warning(
                        Transport.SPARK, conf.clone().set("spark.network.crypto.cipher", "AES/GCM/NoPadding"), SPARK_4))
                .isEmpty();
        assertThat(TransportChoice.warning(Transport.SPARK, conf.clone().set("spark.ssl.rpc.enabled", "true"), SPARK_4))
                .isEmpty();
        assertThat(TransportChoice.warning(Transport.NIO, new SparkConf(false), SPARK_4))
                .isEmpty();
    }

    @Test
    void tlsOnASparkThatHasNoneIsRefused() {
        SparkConf conf = new SparkConf(false).set("spark.ssl.rpc.enabled", "true");
        assertThatThrownBy(() -> TransportChoice.of(Transport.AUTO, conf, "3.5.8"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Spark 3.5.8 has no TLS between executors");
    }

    @Test
    void encryptionWithoutAuthenticationHasNoKey() {
        SparkConf conf = new SparkConf(false).set("spark.network.crypto.enabled", "true");
        assertThat(TransportChoice.problems(Transport.AUTO, conf, SPARK_4))
                .containsExactly(
                        "spark.network.crypto.enabled is true, but spark.authenticate is not, and there is no key"
                                + " to encrypt with: set it to true, too");
        assertThat(TransportChoice.problems(Transport.AUTO, conf.set("spark.authenticate", "true"), SPARK_4))
                .isEmpty();
    }

    @Test
    void aClusterThatMakesNoSecretNeedsOne() {
        SparkConf conf =
                new SparkConf(false).set("spark.authenticate", "true").set("spark.master", "spark://host:7077");
        assertThat(TransportChoice.problems(Transport.AUTO, conf, SPARK_4))
                .singleElement()
                .asString()
                .startsWith("spark.authenticate is true, but there is no secret")
                .contains("set spark.authenticate.secret");
        assertThat(TransportChoice.problems(Transport.AUTO, conf.clone().set("spark.master", "yarn"), SPARK_4))
                .isEmpty();
        assertThat(TransportChoice.problems(
                        Transport.AUTO, conf.clone().set("spark.authenticate.secret", "s"), SPARK_4))
                .isEmpty();
    }

    @Test
    void sparksTransportWithoutProtectionIsWarnedOf() {
        assertThat(TransportChoice.warning(Transport.SPARK, new SparkConf(false), SPARK_4))
                .hasValueSatisfying(
                        text -> assertThat(text).startsWith("cluster.transport is spark, but nothing protects"));
    }
}
