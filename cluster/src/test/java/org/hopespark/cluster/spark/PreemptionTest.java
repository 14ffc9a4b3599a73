package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.cluster.Collective;
import org.hopespark.cluster.PreemptedException;
import org.hopespark.cluster.ResizeException;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors that get SIGTERM from outside, as a cluster manager sends it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class PreemptionTest {
    private static final ClusterConfig CONFIG = ClusterConfig.of(Settings.parse(
            "test", "{max-failures: 0, max-preemptions: 1, start-timeout-seconds: 90, preemption-grace-seconds: 4}"));

    private static JavaSparkContext spark;

    @TempDir
    private Path folder;

    private final List<Integer> sizes = new ArrayList<>();
    private final List<AttemptEnd> ends = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        spark = LocalCluster.start(new SparkConf(), CONFIG);
        assertThat(new Gang(spark, CONFIG).awaitSlots(2, Duration.ofMinutes(2))).isEqualTo(2);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    @Test
    void aWorkerThatIsPreemptedSavesAndTheNextAttemptGoesOn() throws Exception {
        String saved = folder.resolve("saved").toString();
        assertThat(run(context -> saveWhenPreempted(context, saved)))
                .containsExactly("going on after step 3", "going on after step 3");
        assertThat(ends).hasSize(1);
        AttemptEnd end = ends.get(0);
        assertThat(end.kind()).isEqualTo(AttemptEnd.Kind.PREEMPTION);
        assertThat(end.cause()).contains("PreemptedException: saved step 3").contains("143");
        assertThat(end.host()).isNotEmpty();
    }

    @Test
    void aWorkerThatDoesNotListenIsGoneAfterItsGrace() {
        assertThat(run(PreemptionTest::doNotListen)).containsExactly("well", "well");
        assertThat(ends).hasSize(1);
        assertThat(ends.get(0).kind()).isEqualTo(AttemptEnd.Kind.PREEMPTION);
        assertThat(ends.get(0).cause()).contains("rank 1").contains("143");
    }

    @Test
    void fewerWorkersGoOnUntilThereIsRoomForMore() {
        ClusterConfig smaller = ClusterConfig.of(Settings.parse("test", "{min-workers: 1, start-timeout-seconds: 60}"));
        Cluster cluster = new SlowToReplace(new Gang(spark, CONFIG), sizes);
        assertThat(run(cluster, smaller, PreemptionTest::resize)).containsExactly("well", "well");
        assertThat(sizes).containsExactly(2, 1, 2);
        assertThat(ends)
                .extracting(AttemptEnd::kind)
                .containsExactly(AttemptEnd.Kind.PREEMPTION, AttemptEnd.Kind.RESIZE);
    }

    private static String resize(WorkerContext context) throws Exception {
        if (context.generation() == 1) {
            if (context.rank() == 1) {
                context.report(Long.toString(ProcessHandle.current().pid()));
            }
            while (!context.isPreempted() && !context.interrupted()) {
                Thread.sleep(10);
            }
            throw new PreemptedException("nothing to save");
        }
        while (context.workers() == 1) {
            Thread.sleep(10);
            if (context.isResizeRequested()) {
                throw new ResizeException("saved step 1");
            }
        }
        return "well";
    }

    /** Two workers in step; each tells the others whether it is preempted, and rank 0 saves slowly. */
    private static String saveWhenPreempted(WorkerContext context, String saved) throws Exception {
        Path file = Path.of(saved);
        if (context.generation() == 2) {
            return "going on after step " + Files.readString(file);
        }
        Collective collective = new Collective(context.transport(), Duration.ofSeconds(20));
        for (long step = 1; ; step++) {
            if (step == 3 && context.rank() == 1) {
                context.report(Long.toString(ProcessHandle.current().pid()));
                while (!context.isPreempted()) {
                    Thread.sleep(10);
                }
            }
            long[][] flags = collective.allGather(step, new long[] {context.isPreempted() ? 1 : 0});
            if (flags[0][0] + flags[1][0] > 0) {
                if (context.rank() == 0) {
                    Thread.sleep(1000);
                    Files.writeString(file, Long.toString(step));
                }
                throw new PreemptedException("saved step " + step);
            }
        }
    }

    private static String doNotListen(WorkerContext context) throws Exception {
        if (context.generation() == 1 && context.rank() == 1) {
            context.report(Long.toString(ProcessHandle.current().pid()));
            Thread.sleep(60_000);
        }
        new Collective(context.transport(), Duration.ofSeconds(50)).allGather(1, new long[] {1});
        return "well";
    }

    /** The real cluster, which has no second executor to offer to the second attempt, however quick it is. */
    private record SlowToReplace(Gang gang, List<Integer> sizes) implements Cluster {
        @Override
        public int slots() {
            return gang.slots();
        }

        @Override
        public int awaitSlots(int workers, Duration longest) {
            int room = sizes.size() == 1 ? 1 : workers;
            return Math.min(room, gang.awaitSlots(room, longest));
        }

        @Override
        public Duration queueTimeout() {
            return gang.queueTimeout();
        }

        @Override
        public String shortage(int workers) {
            return gang.shortage(workers);
        }

        @Override
        public List<String> problems() {
            return gang.problems();
        }

        @Override
        public void exclude(Set<String> hosts) {
            gang.exclude(hosts);
        }

        @Override
        public boolean isStopped() {
            return gang.isStopped();
        }

        @Override
        public List<String> run(
                int workers,
                long generation,
                StepListener listener,
                WorkerFunction function,
                BooleanSupplier roomForMore) {
            return gang.run(workers, generation, listener, function, roomForMore);
        }
    }

    private List<String> run(WorkerFunction function) {
        return run(new Gang(spark, CONFIG), CONFIG, function);
    }

    private List<String> run(Cluster cluster, ClusterConfig loop, WorkerFunction function) {
        return new RetryLoop(cluster, loop).run(2, (rank, json) -> terminate(json), new RetryLoop.Attempts() {
            @Override
            public WorkerFunction begin(long generation, int workers) {
                sizes.add(workers);
                return function;
            }

            @Override
            public void ended(AttemptEnd end) {
                ends.add(end);
            }
        });
    }

    private static void terminate(String pid) {
        try {
            new ProcessBuilder("kill", "-TERM", pid).inheritIO().start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
