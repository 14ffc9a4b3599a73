package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.Collective;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.junit.jupiter.api.Test;

/** Workers in JVMs of their own, with authentication and encryption on, one of which dies. */
final class ExecutorLossTest {
    private static final ClusterConfig CONFIG = new ClusterConfig(0, 20, 90, 1, ClusterConfig.Transport.AUTO);

    @Test
    void aGangThatLosesAnExecutorInsideASumGoesOnAsTheNextGeneration() throws Exception {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        SparkConf conf = new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .setAppName("executor loss")
                .set("spark.ui.enabled", "false")
                .set("spark.authenticate", "true")
                .set("spark.authenticate.secret", "only for this test")
                .set("spark.network.crypto.enabled", "true")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", classPath);
        try (JavaSparkContext spark = new JavaSparkContext(Gang.configure(conf, CONFIG))) {
            List<Long> generations = new ArrayList<>();
            long start = System.nanoTime();
            List<String> results = new RetryLoop(new Gang(spark, CONFIG), CONFIG)
                    .run(2, (rank, json) -> {}, generation -> {
                        generations.add(generation);
                        return ExecutorLossTest::sumAndDieOnce;
                    });
            assertThat(generations).containsExactly(1L, 2L);
            assertThat(results).containsExactly("generation 2: 3.0", "generation 2: 3.0");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
        }
    }

    private static String sumAndDieOnce(Seat seat) {
        if (!(seat.transport() instanceof SparkTransport)) {
            throw new IllegalStateException("Spark is protected, but the workers are not");
        }
        Collective collective = new Collective(seat.transport(), Duration.ofSeconds(20));
        collective.allGather(1, new long[] {1});
        if (seat.generation() == 1 && seat.rank() == 1) {
            Runtime.getRuntime().halt(137);
        }
        FlatBuffer values = FlatBuffer.allocate(ElementType.FLOAT32, 1000);
        values.slices().get(0).putFloat(0, 1 + seat.rank());
        collective.sum(1, 1, values);
        return "generation " + seat.generation() + ": " + values.slices().get(0).getFloat(0);
    }
}
