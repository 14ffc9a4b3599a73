package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.Attack;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.Generation;
import org.hopespark.cluster.Member;
import org.hopespark.cluster.NetworkTransport;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers in processes of their own, and strangers who know where they are and what their attempt is called. */
@Tag("slow")
final class StrangersLiveTest {
    private static final int WORKERS = 3;

    @ParameterizedTest
    @ValueSource(strings = {"nio", "spark"})
    void strangersBreakNoAttempt(String transport) throws Exception {
        ClusterConfig config = ClusterConfig.of(Settings.parse(
                "test",
                "{timeout-seconds: 20, start-timeout-seconds: 90, max-failures: 0, transport: " + transport + "}"));
        ConcurrentLinkedQueue<Member> victims = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Attack> attacks = new ConcurrentLinkedQueue<>();
        SparkConf conf = new SparkConf().set("spark.master", "local-cluster[" + WORKERS + ",1,1024]");
        try (JavaSparkContext spark = LocalCluster.start(conf, config)) {
            List<Long> generations = new ArrayList<>();
            StepListener listener = (rank, json) -> {
                String[] told = json.split(" ", -1);
                victims.add(new Member(told[0], Integer.parseInt(told[1])));
                if (victims.size() == WORKERS) {
                    Generation generation = new Generation(UUID.fromString(told[2]), Long.parseLong(told[3]));
                    attacks.add(new Attack(List.copyOf(victims), generation, WORKERS));
                }
            };
            List<String> results = new RetryLoop(new Gang(spark, config), config)
                    .run(WORKERS, listener, (generation, workers) -> {
                        generations.add(generation);
                        return StrangersLiveTest::sumUnderAttack;
                    });
            assertThat(generations).containsExactly(1L);
            assertThat(results).containsOnly("6.0").hasSize(WORKERS);
            assertThat(attacks.element().connections()).isGreaterThan(1000);
        } finally {
            for (Attack attack : attacks) {
                attack.close();
            }
        }
    }

    private static String sumUnderAttack(WorkerContext context) throws InterruptedException {
        Member here = ((NetworkTransport) context.transport()).member();
        context.report(here.host() + " " + here.port() + " " + context.attempt() + " " + context.generation());
        // longer than a connection may be silent: nobody is in yet, and every door is open
        TimeUnit.SECONDS.sleep(7);
        Collective collective = new Collective(context.transport(), Duration.ofSeconds(20));
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 100_000);
        for (long step = 1; step <= 100; step++) {
            for (int i = 0; i < values.elements(); i++) {
                values.put(i, 1 + context.rank());
            }
            collective.sum(step, 1, values);
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return Double.toString(values.get(99_999));
    }
}
