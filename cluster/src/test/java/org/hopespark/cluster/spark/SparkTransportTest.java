package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;
import org.hopespark.cluster.CollectiveContract;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Tag;
import org.hopespark.cluster.Transport;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

final class SparkTransportTest {
    private static final UUID RUN = new UUID(1, 2);

    private static List<Transport> spark(int ranks, long generation) {
        List<SparkTransport> transports = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            transports.add(new SparkTransport(SparkEnv.get(), new Generation(RUN, generation), rank, ranks));
        }
        List<Member> members = transports.stream().map(SparkTransport::member).toList();
        transports.forEach(transport -> transport.join(members));
        return List.copyOf(transports);
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class InTheClear extends OnSpark {
        InTheClear() {
            super(new SparkConf());
        }

        @Test
        void messagesOfAnotherGenerationAreRefusedBeforeAnyByteIsTaken() {
            SparkTransport old = new SparkTransport(SparkEnv.get(), new Generation(RUN, 1), 0, 2);
            SparkTransport current = new SparkTransport(SparkEnv.get(), new Generation(RUN, 2), 1, 2);
            List<Member> members = List.of(old.member(), current.member());
            try (old;
                    current) {
                old.join(members);
                current.join(members);
                Tag tag = new Tag(0, 1, 1, Phase.REDUCE_SCATTER, 0);
                FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 1);
                var received = current.receive(0, tag, target);
                FlatBuffer payload = FlatBuffer.allocate(ElementType.FLOAT32, 1);
                payload.slices().get(0).putFloat(0, 1);

                assertThatThrownBy(() -> old.push(1, tag, payload).get(10, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasMessageContaining("rank 0 sends for generation 1 (" + RUN + "), but here is generation 2");
                assertThat(received).isNotDone();
                assertThat(target.slices().get(0).getFloat(0)).isZero();
            }
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    final class Encrypted extends OnSpark {
        Encrypted() {
            super(new SparkConf()
                    .set("spark.authenticate", "true")
                    .set("spark.authenticate.secret", "only for this test")
                    .set("spark.network.crypto.enabled", "true"));
        }

        @Test
        void aStrangerWithoutTheSecretIsRefused() throws Exception {
            Transport receiver = spark(1, 1).get(0);
            String[] address = receiver.address(0).split(":", 2);
            TransportConf noSecret = new TransportConf("hope", MapConfigProvider.EMPTY);
            try (receiver;
                    TransportContext context = new TransportContext(noSecret, new NoOpRpcHandler());
                    TransportClientFactory clients = context.createClientFactory();
                    TransportClient client = clients.createClient(address[0], Integer.parseInt(address[1]))) {
                assertThatThrownBy(() -> client.sendRpcSync(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5000))
                        .hasMessageContaining("Expected SaslMessage");
            }
        }
    }

    abstract static class OnSpark extends CollectiveContract {
        private final SparkConf conf;
        private JavaSparkContext context;

        OnSpark(SparkConf conf) {
            this.conf = conf;
        }

        @BeforeAll
        void start() {
            context = new JavaSparkContext(conf.setMaster("local[2]")
                    .setAppName("transport")
                    .set("spark.ui.enabled", "false")
                    .set("spark.driver.host", "localhost")
                    .set("spark.driver.bindAddress", "127.0.0.1"));
        }

        @AfterAll
        void stop() {
            context.stop();
        }

        @Override
        protected List<Transport> group(int ranks) {
            return spark(ranks, 1);
        }
    }
}
