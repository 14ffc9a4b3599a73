package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.GenerationKey;
import org.hopespark.cluster.Handshake;
import org.hopespark.cluster.Header;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkContract;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Sender;
import org.hopespark.cluster.spark.SparkNetwork.Secret;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
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

        @Test
        void aStrangerHearsANumberAndRefusedAndTheRightRankGetsIn() throws Exception {
            Handshake claim = new Handshake(SENDER, GenerationKey.random());
            try (NetworkTransport first = listen(SENDER, KEY);
                    NetworkTransport second = listen(RECEIVER, KEY);
                    TransportContext context = new TransportContext(CLEAR.conf(), new NoOpRpcHandler());
                    TransportClientFactory strangers = CLEAR.clients(context)) {
                List<Member> members = List.of(first.member(), second.member());
                first.join(members);
                second.join(members);
                Member victim = second.member();

                TransportClient claiming = strangers.createUnmanagedClient(victim.host(), victim.port());
                byte[] nonce = bytes(claiming.sendRpcSync(ByteBuffer.allocate(1), 5_000));
                assertThat(nonce).hasSize(Handshake.NONCE_BYTES);
                assertThat(bytes(claiming.sendRpcSync(claim.hello(1, nonce).bytes(), 5_000)))
                        .asString()
                        .isEqualTo("refused");
                assertThat(claiming.getChannel().closeFuture().await(5_000)).isTrue();

                TransportClient sending = strangers.createUnmanagedClient(victim.host(), victim.port());
                CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
                sending.uploadStream(
                        new NioManagedBuffer(ByteBuffer.allocate(Header.BYTES)),
                        new NioManagedBuffer(ByteBuffer.allocate(8)),
                        new RpcResponseCallback() {
                            @Override
                            public void onSuccess(ByteBuffer response) {
                                answer.complete(response);
                            }

                            @Override
                            public void onFailure(Throwable cause) {
                                answer.completeExceptionally(cause);
                            }
                        });
                assertThatThrownBy(() -> answer.get(5, TimeUnit.SECONDS))
                        .hasMessageNotContaining("at org.hopespark")
                        .hasMessageNotContaining("generation");
                assertThat(sending.getChannel().closeFuture().await(5_000)).isTrue();

                try (Socket huge = new Socket(victim.host(), victim.port())) {
                    huge.getOutputStream()
                            .write(ByteBuffer.allocate(16).putLong(1L << 40).array());
                    huge.setSoTimeout(5_000);
                    assertThat(huge.getInputStream().readAllBytes()).isEmpty();
                }
                first.push(
                                1,
                                new org.hopespark.cluster.Tag(0, 1, 1, Phase.OPENING, 0),
                                FlatBuffer.allocate(ElementType.FLOAT32, 1))
                        .get(10, TimeUnit.SECONDS);
            }
        }

        private static byte[] bytes(ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
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
                    new SparkTransport(encrypted("not the same"), SENDER, KEY),
                    new SparkTransport(encrypted("only for this test"), RECEIVER, KEY),
                    "");
        }

        @Test
        @Tag("slow") // Spark's own handshake waits for 10 s
        void workersWithoutASecretAreRefused() {
            assertRefused(
                    new SparkTransport(CLEAR, SENDER, KEY),
                    new SparkTransport(encrypted("only for this test"), RECEIVER, KEY),
                    "rank 1 (");
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
            assertRefused(new SparkTransport(CLEAR, SENDER, KEY), listen(RECEIVER, KEY), "");
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
        protected NetworkTransport listen(Sender self, GenerationKey key) {
            return new SparkTransport(network, self, key);
        }
    }
}
