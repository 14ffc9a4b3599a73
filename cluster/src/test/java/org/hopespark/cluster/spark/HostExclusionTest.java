package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.apache.spark.rpc.RpcEnv;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** A standalone cluster of two hosts, which are two addresses of this one. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Tag("slow") // eight executors one after the other
final class HostExclusionTest {
    private static final String GOOD = "127.0.0.1";
    private static final String BAD = "127.0.0.2";
    private static final ClusterConfig GANG = ClusterConfig.of(Settings.parse("test", "{start-timeout-seconds: 60}"));
    private static final ClusterConfig LOOP = ClusterConfig.of(
            Settings.parse("test", "{max-host-failures: 2, min-workers: 1, start-timeout-seconds: 20}"));

    @TempDir
    private Path folder;

    private final List<Integer> sizes = new ArrayList<>();
    private final List<AttemptEnd> ends = new ArrayList<>();

    @Test
    void noWorkerRunsAgainOnAHostWhereTwoFailuresBegan() throws Exception {
        SparkConf conf = new SparkConf();
        var master = Master.startRpcEnvAndEndpoint(GOOD, 0, 0, conf);
        String url = "spark://" + GOOD + ":" + master._1().address().port();
        RpcEnv good = worker(GOOD, url, conf);
        RpcEnv bad = worker(BAD, url, conf);
        try (JavaSparkContext spark = LocalCluster.start(conf.clone().setMaster(url), GANG)) {
            List<String> results = new RetryLoop(new Gang(spark, GANG), LOOP)
                    .run(2, (rank, json) -> {}, new RetryLoop.Attempts() {
                        @Override
                        public WorkerFunction begin(long generation, int workers) {
                            sizes.add(workers);
                            return HostExclusionTest::failOnBadHost;
                        }

                        @Override
                        public void ended(AttemptEnd end) {
                            ends.add(end);
                        }
                    });
            assertThat(results).containsExactly("well on " + GOOD);
        } finally {
            List.of(good, bad, master._1()).forEach(RpcEnv::shutdown);
        }
        assertThat(sizes).containsExactly(2, 2, 1);
        assertThat(ends).extracting(AttemptEnd::host).containsExactly(BAD, BAD);
    }

    private static String failOnBadHost(WorkerContext context) throws InterruptedException {
        if (context.host().equals(BAD)) {
            throw new IllegalStateException("memory of this host is broken");
        }
        // the other one waits to be cancelled
        for (int i = 0; context.workers() == 2 && !context.interrupted() && i < 600; i++) {
            Thread.sleep(100);
        }
        return "well on " + context.host();
    }

    private RpcEnv worker(String host, String master, SparkConf conf) {
        return Worker.startRpcEnvAndEndpoint(
                host,
                0,
                0,
                1,
                1024,
                new String[] {master},
                folder.resolve(host).toString(),
                Option.apply(host.equals(GOOD) ? 1 : 2),
                conf,
                Option.empty());
    }
}
