package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.Collective;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;

/** Workers in JVMs of their own, with authentication and encryption on, one of which dies. */
final class ExecutorLossTest {
    private static final ClusterConfig CONFIG = ClusterConfig.of(
            Settings.parse("test", "{timeout-seconds: 20, start-timeout-seconds: 90, max-failures: 1}"));

    @Test
    void aGangThatLosesAnExecutorInsideASumGoesOnAsTheNextGeneration() throws Exception {
        SparkConf conf = new SparkConf()
                .set("spark.authenticate", "true")
                .set("spark.authenticate.secret", "only for this test")
                .set("spark.network.crypto.enabled", "true");
        try (JavaSparkContext spark = LocalCluster.start(conf, CONFIG)) {
            List<Long> generations = new ArrayList<>();
            long start = System.nanoTime();
            List<String> results = new RetryLoop(new Gang(spark, CONFIG), CONFIG)
                    .run(2, (rank, json) -> {}, (generation, workers) -> {
                        generations.add(generation);
                        return ExecutorLossTest::sumAndDieOnce;
                    });
            assertThat(generations).containsExactly(1L, 2L);
            assertThat(results).containsExactly("generation 2: 3.0", "generation 2: 3.0");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
        }
    }

    private static String sumAndDieOnce(WorkerContext context) {
        if (!(context.transport() instanceof SparkTransport)) {
            throw new IllegalStateException("Spark is protected, but the workers are not");
        }
        Collective collective = new Collective(context.transport(), Duration.ofSeconds(20));
        collective.allGather(1, new long[] {1});
        if (context.generation() == 1 && context.rank() == 1) {
            Runtime.getRuntime().halt(137);
        }
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 1000);
        values.slices().get(0).putFloat(0, 1 + context.rank());
        collective.sum(1, 1, values);
        return "generation " + context.generation() + ": "
                + values.slices().get(0).getFloat(0);
    }
}
