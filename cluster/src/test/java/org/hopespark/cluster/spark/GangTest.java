package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.BoundarySynchroniser;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.Phase;
import org.hopespark.cluster.Tag;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Level;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.model.BoundarySync.Part;
import org.hopespark.model.BoundarySync.StopRequest;
import org.hopespark.model.ElementType;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.ReplicaMismatchException;
import org.hopespark.model.Slices;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class GangTest {
    private static final ClusterConfig CONFIG = ClusterConfig.of(
            Settings.parse("test", "{timeout-seconds: 30, start-timeout-seconds: 3, max-failures: 2}"));
    private static final StepListener NOBODY = (rank, json) -> {};
    private static final Thread STOPPER = new Thread(() -> GangTest.spark.stop());
    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        spark = new JavaSparkContext(Gang.configure(conf(), CONFIG));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static SparkConf conf() {
        return new SparkConf()
                .setMaster("local[4]")
                .setAppName("gang")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1");
    }

    @Test
    void theWorkersOfAGangMeetAndReturnInTheOrderOfTheirRanks() {
        List<String> reports = Collections.synchronizedList(new ArrayList<>());
        List<String> results = new Gang(spark, CONFIG).run(3, 1, (rank, json) -> reports.add(rank + json), context -> {
            BoundarySynchroniser sync =
                    new BoundarySynchroniser(new Collective(context.transport(), Duration.ofSeconds(20)));
            FlatBuffer gradient = FlatBuffer.allocate(ElementType.FLOAT32, 5);
            gradient.slices().get(0).putFloat(16, 1 + context.rank());
            long tokens = 0;
            for (long step = 1; step <= 3; step++) {
                tokens += sync.open(step, 10, StopRequest.CONTINUE, new long[] {gradient.digest() & 0})
                        .tokens();
                context.report("{\"step\":" + step + "}");
            }
            sync.sum(new Part(3, new Level(1, 1, 1.0), gradient, Slices.of(5, context.workers())))
                    .await();
            return "rank " + context.rank() + " of " + context.workers() + " in generation " + context.generation()
                    + ": " + tokens + " tokens, " + gradient.slices().get(0).getFloat(16) + ", gpu " + context.gpu();
        });
        assertThat(results)
                .containsExactly(
                        "rank 0 of 3 in generation 1: 90 tokens, 6.0, gpu Optional.empty",
                        "rank 1 of 3 in generation 1: 90 tokens, 6.0, gpu Optional.empty",
                        "rank 2 of 3 in generation 1: 90 tokens, 6.0, gpu Optional.empty");
        for (int rank = 0; rank < 3; rank++) {
            String prefix = Integer.toString(rank);
            assertThat(reports.stream().filter(report -> report.startsWith(prefix)))
                    .containsExactly(rank + "{\"step\":1}", rank + "{\"step\":2}", rank + "{\"step\":3}");
        }
    }

    @Test
    void afterAWorkersFailureTheNextGenerationGoesOn() {
        List<Long> generations = new ArrayList<>();
        List<String> results = new RetryLoop(new Gang(spark, CONFIG), CONFIG).run(2, NOBODY, (generation, workers) -> {
            generations.add(generation);
            return context -> {
                Collective collective = new Collective(context.transport(), Duration.ofMinutes(1));
                collective.allGather(1, new long[] {context.rank()});
                if (context.generation() == 1 && context.rank() == 1) {
                    throw new IllegalStateException("out of luck");
                }
                collective.allGather(2, new long[] {context.rank()});
                return "generation " + context.generation();
            };
        });
        assertThat(generations).containsExactly(1L, 2L);
        assertThat(results).containsExactly("generation 2", "generation 2");
    }

    @Test
    void theFirstErrorIsTheCauseAndBlockedWorkersEndAtOnce() {
        long start = System.nanoTime();
        assertThatThrownBy(() -> new Gang(spark, CONFIG).run(3, 7, NOBODY, context -> {
                    if (context.rank() == 2) {
                        Thread.sleep(300);
                        throw new IOException("disk of rank 2 is gone");
                    }
                    // each waits for one that is well: only Spark's cancellation can end it
                    Tag never = new Tag(0, 1, 1, Phase.REDUCE_SCATTER, 0);
                    FlatBuffer target = FlatBuffer.allocate(ElementType.FLOAT32, 1);
                    context.transport()
                            .receive(1 - context.rank(), never, target)
                            .get(2, TimeUnit.MINUTES);
                    return "";
                }))
                .isInstanceOf(AttemptFailedException.class)
                .hasMessageMatching(
                        "generation 7: rank 2 \\(localhost:\\d+\\): java.io.IOException: disk of rank 2 is gone");
        assertThat(new Gang(spark, CONFIG).run(4, 8, NOBODY, context -> "free")).hasSize(4);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void theLoopGivesUpAfterTooManyFailures() {
        List<Long> generations = new ArrayList<>();
        assertThatThrownBy(() -> new RetryLoop(new Gang(spark, CONFIG), CONFIG)
                        .run(2, NOBODY, (generation, workers) -> {
                            generations.add(generation);
                            return context -> {
                                throw new IllegalStateException("as always");
                            };
                        }))
                .isInstanceOf(AttemptFailedException.class)
                .hasMessageContaining(
                        "gave up after 3 failed attempts without a newer checkpoint (cluster.max-failures = 2)")
                .hasMessageContaining("IllegalStateException: as always");
        assertThat(generations).containsExactly(1L, 2L, 3L);
    }

    @Test
    void nothingIsTriedAgainOnceTheApplicationWasStopped() throws InterruptedException {
        List<Long> generations = new ArrayList<>();
        try {
            assertThatThrownBy(() -> new RetryLoop(new Gang(spark, CONFIG), CONFIG)
                            .run(1, NOBODY, (generation, workers) -> {
                                generations.add(generation);
                                return context -> {
                                    STOPPER.start();
                                    Thread.sleep(60_000);
                                    return "never";
                                };
                            }))
                    .isInstanceOf(AttemptFailedException.class)
                    .hasMessageContaining("the Spark application was stopped");
        } finally {
            STOPPER.join();
            start();
        }
        assertThat(generations).containsExactly(1L);
    }

    @Test
    void mistakesOfTheUserAndUnequalReplicasAreNotTriedAgain() {
        List<Long> generations = new ArrayList<>();
        RetryLoop loop = new RetryLoop(new Gang(spark, CONFIG), CONFIG);
        assertThatThrownBy(() -> loop.run(2, NOBODY, (generation, workers) -> {
                    generations.add(generation);
                    return context -> {
                        throw new UserException("no such data set");
                    };
                }))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no such data set");
        assertThatThrownBy(() -> loop.run(2, NOBODY, (generation, workers) -> {
                    generations.add(generation);
                    return context -> {
                        BoundarySynchroniser sync =
                                new BoundarySynchroniser(new Collective(context.transport(), Duration.ofSeconds(20)));
                        return "" + sync.open(1, 1, StopRequest.CONTINUE, new long[] {context.rank()});
                    };
                }))
                .isInstanceOf(ReplicaMismatchException.class)
                .hasMessageContaining("step 1: the parameters of level 1 differ");
        assertThat(generations).containsExactly(1L, 1L);
    }

    @Test
    void tooFewSlotsAreToldWithBothNumbersAndAWayOut() {
        assertThatThrownBy(() -> new Gang(spark, CONFIG).run(5, 1, NOBODY, context -> ""))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("5 workers are asked for, but after 3 s the cluster has room for 4")
                .hasMessageContaining("spark.executor.instances")
                .hasMessageContaining("lower cluster.workers");
    }

    @Test
    void slotsThatStayTakenEndTheWait() throws InterruptedException {
        Thread holder = new Thread(() -> spark.parallelize(List.of(1, 2), 2).foreach(one -> Thread.sleep(8000)));
        holder.start();
        try {
            Thread.sleep(500);
            assertThatThrownBy(() -> new Gang(spark, CONFIG).run(4, 1, NOBODY, context -> ""))
                    .isInstanceOf(AttemptFailedException.class)
                    .hasMessageContaining("generation 1: no worker has begun within 3 s: other tasks");
        } finally {
            holder.join();
        }
    }

    @Test
    void aProbeSaysOfEveryWorkerWhatARunWouldRefuse() {
        List<Probe.Seen> seen = new Probe(new Gang(spark, CONFIG)).run(2, context -> "found " + context.rank());
        assertThat(seen).extracting(Probe.Seen::found).containsExactly("found 0", "found 1");
        assertThat(seen).allSatisfy(worker -> {
            assertThat(worker.place()).matches("rank [01] \\(executor driver on \\S+\\)");
            assertThat(worker.otherCode()).isEmpty();
            assertThat(worker.missingGpu()).isEmpty();
            assertThat(worker.clockAheadMillis()).isBetween(-3000L, 3000L);
        });
    }

    @Test
    void unfitSettingsAreRefusedInWords() {
        assertThatThrownBy(() -> Gang.configure(conf().set("spark.dynamicAllocation.enabled", "true"), CONFIG))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("spark.dynamicAllocation.enabled must be false");
        assertThatThrownBy(() -> Gang.configure(conf().set("spark.speculation", "true"), CONFIG))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("spark.speculation must be false");
        assertThat(Gang.configure(conf().set("spark.plugins", "a.Plugin"), CONFIG)
                        .get("spark.plugins"))
                .isEqualTo("a.Plugin,org.hopespark.cluster.spark.HopePlugin");
    }
}
