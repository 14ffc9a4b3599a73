package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.NetworkContract;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.spark.SparkNetwork.Secret;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

final class SparkTransportTest {
    private static final SparkNetwork CLEAR = new SparkNetwork("127.0.0.1", Map.of(), Optional.empty());

    private static final String SPARK_VERSION = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    private static final Sender SENDER = new Sender(new Generation(new UUID(5, 6), 1), 2, 0);
    private static final Sender RECEIVER = new Sender(SENDER.generation(), 2, 1);

    @Nested
    final class InTheClear extends OnSpark {
        InTheClear() {
            super(CLEAR);
        }
    }

    @Nested
    final class Encrypted extends OnSpark {
        Encrypted() {
            super(encrypted("only for this test"));
        }

        @Test
        void workersWithAnotherSecretAreRefused() {
            assertRefused(
                    new SparkTransport(encrypted("not the same"), SENDER),
                    new SparkTransport(encrypted("only for this test"), RECEIVER),
                    "");
        }

        @Test
        void workersWithoutASecretAreRefused() {
            assertRefused(
                    new SparkTransport(CLEAR, SENDER),
                    new SparkTransport(encrypted("only for this test"), RECEIVER),
                    "Unauthenticated call");
        }
    }

    @Nested
    @Tag("slow") // the third time the same contract
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class OverTls extends OnSpark {
        OverTls(@TempDir Path directory) throws Exception {
            super(tls(directory));
        }

        @Test
        void workersWithoutTlsAreRefused() {
            assertRefused(new SparkTransport(CLEAR, SENDER), listen(RECEIVER), "");
        }
    }

    /** Certificates as an operator makes them; the keys under {@code spark.ssl} hold for {@code spark.ssl.rpc}, too. */
    private static SparkNetwork tls(Path directory) throws Exception {
        assumeTrue(SPARK_VERSION.startsWith("4."), "Spark 3 has no TLS between executors");
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder((System.getProperty("java.home")
                                + "/bin/keytool -genkeypair -alias worker -keyalg EC -dname CN=worker -storetype PKCS12"
                                + " -storepass changeit -keypass changeit -keystore " + store)
                        .split(" "))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        Map<String, String> settings = Map.of(
                "spark.ssl.rpc.enabled", "true",
                "spark.ssl.keyStore", store.toString(),
                "spark.ssl.keyStorePassword", "changeit",
                "spark.ssl.keyPassword", "changeit",
                "spark.ssl.trustStore", store.toString(),
                "spark.ssl.trustStorePassword", "changeit",
                "spark.ssl.protocol", "TLSv1.3");
        return new SparkNetwork("127.0.0.1", settings, Optional.empty());
    }

    private static SparkNetwork encrypted(String secret) {
        Map<String, String> settings = Map.of("spark.authenticate", "true", "spark.network.crypto.enabled", "true");
        return new SparkNetwork("127.0.0.1", settings, Optional.of(new Secret("application", new Keys(secret))));
    }

    private record Keys(String secret) implements SecretKeyHolder {
        @Override
        public String getSaslUser(String application) {
            return "worker";
        }

        @Override
        public String getSecretKey(String application) {
            return secret;
        }
    }

    abstract static class OnSpark extends NetworkContract {
        private final SparkNetwork network;

        OnSpark(SparkNetwork network) {
            this.network = network;
        }

        @Override
        protected NetworkTransport listen(Sender self) {
            return new SparkTransport(network, self);
        }
    }
}
