package org.hopespark.jobs.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.hopespark.cluster.spark.Probe;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.check.ClusterFindings.Worker;
import org.junit.jupiter.api.Test;

final class ClusterFindingsTest {
    private static final RunConfig CONFIG = RunConfig.parse("test", """
            name: test
            model: {vocabulary-size: 257, width: 32, blocks: 1, head-width: 16, chunk-tokens: 16, context-tokens: 64}
            levels: [{period-steps: 1, continuum-hidden: 32}]
            training: {steps: 60, batch-sequences: 8, micro-batch-sequences: 2, warmup-steps: 4}
            cluster: {workers: 2}
            """);
    private static final ExecutorMemory FREE = new ExecutorMemory(1L << 30, 1L << 30, false);
    private static final WorkerFacts FINE = new WorkerFacts(17, 1L << 34, List.of(), 0, "", "", "", "");

    @Test
    void aSoundClusterPassesWithItsFigures() {
        List<Check> checks = ClusterFindings.of(driver(FREE), workers(FINE, FINE));
        assertThat(checks).allSatisfy(check -> assertThat(check.status()).isEqualTo(Check.Status.OK));
        assertThat(checks)
                .extracting(Check::name)
                .containsExactly(
                        "slots",
                        "allocation",
                        "memory",
                        "gpu",
                        "run folder",
                        "data",
                        "clock",
                        "jar",
                        "java",
                        "libtorch",
                        "protection",
                        "network");
        assertThat(text(checks, "slots")).isEqualTo("2 workers, room for 2");
        assertThat(text(checks, "memory")).contains("by formula, with micro-batches of 2 sequences");
        assertThat(text(checks, "java")).isEqualTo("17");
    }

    @Test
    void allThatTheDriverKnowsIsReportedEvenIfNobodyCanBeAsked() {
        DriverFacts driver = new DriverFacts(
                CONFIG,
                2,
                0,
                List.of("spark.dynamicAllocation.enabled must be false"),
                List.of("2 workers are asked for, room for 0"),
                List.of("there is no secret"),
                List.of(),
                FREE,
                false,
                List.of("GPUs of executors are not given to tasks"),
                List.of("the run folder cannot be written"),
                List.of("the data set cannot be read"));
        List<Check> checks = ClusterFindings.of(driver, List.of());
        assertThat(checks.stream().filter(Check::isFailed))
                .extracting(Check::name)
                .containsExactly("slots", "allocation", "gpu", "run folder", "data", "protection");
        assertThat(checks)
                .filteredOn(check -> check.status() == Check.Status.SKIPPED)
                .extracting(Check::name)
                .containsExactly("clock", "jar", "java", "libtorch", "network");
    }

    @Test
    void aRunThatContinuesWithFewerWorkersIsOnlyWarnedOf() {
        DriverFacts driver =
                driver(CONFIG.with(List.of("cluster.min-workers=1")), 1, List.of("room for 1"), FREE, false);
        assertThat(ClusterFindings.of(driver, workers(FINE)).get(0)).isEqualTo(Check.warning("slots", "room for 1"));
    }

    @Test
    void memoryBesideTheHeapIsComparedWithTheFormula() {
        long each = ClusterFindings.workerBytes(CONFIG, 2);
        ExecutorMemory tooSmall = new ExecutorMemory(each / 4, each / 4, true);
        Check failed = check(ClusterFindings.of(driver(tooSmall), workers(FINE, FINE)), "memory");
        assertThat(failed.status()).isEqualTo(Check.Status.FAILED);
        assertThat(failed.text())
                .contains("outside the Java heap", "beside a heap of", "raise spark.executor.memoryOverhead")
                .contains("or lower training.micro-batch-sequences");
        ExecutorMemory onlyWithTheHeap = new ExecutorMemory(each, each / 4, true);
        Check warned = check(ClusterFindings.of(driver(onlyWithTheHeap), workers(FINE, FINE)), "memory");
        assertThat(warned.status()).isEqualTo(Check.Status.WARNING);
        assertThat(warned.text()).endsWith("it fits while the heap is not used");
        WorkerFacts small = new WorkerFacts(17, each * 3 / 2, List.of(), 0, "", "", "", "");
        assertThat(text(ClusterFindings.of(driver(FREE), workers(small, small)), "memory"))
                .contains("and 2 run on host, which has");
    }

    @Test
    void executorsHaveWhatSparkComputes() {
        SparkConf conf = new SparkConf(false).set("spark.master", "yarn").set("spark.executor.memory", "8g");
        assertThat(ExecutorMemory.of(conf)).isEqualTo(new ExecutorMemory(8L << 30, (8L << 30) / 10, true));
        assertThat(ExecutorMemory.of(conf.clone().set("spark.executor.memoryOverheadFactor", "0.5")))
                .isEqualTo(new ExecutorMemory(8L << 30, 4L << 30, true));
        assertThat(ExecutorMemory.of(conf.clone().set("spark.executor.memoryOverhead", "16g")))
                .isEqualTo(new ExecutorMemory(8L << 30, 16L << 30, true));
        assertThat(ExecutorMemory.of(new SparkConf(false).set("spark.master", "spark://host:7077")))
                .isEqualTo(new ExecutorMemory(1L << 30, 384L << 20, false));
    }

    @Test
    void sharedMomentsAreCountedOnce() {
        RunConfig four = CONFIG.with(List.of("cluster.workers=4"));
        RunConfig replicated = four.with(List.of("exchange.optimizer=replicated"));
        assertThat(ClusterFindings.workerBytes(four, 4)).isLessThan(ClusterFindings.workerBytes(replicated, 4));
    }

    @Test
    void aWorkerWithoutItsGpuIsNamed() {
        Probe.Seen without = seen(1, "", List.of(), List.of("it got no GPU from Spark"), 0);
        Probe.Seen with = seen(0, "0", List.of(), List.of(), 0);
        WorkerFacts cuda = new WorkerFacts(17, 1L << 34, List.of("NVIDIA H200"), 1, "", "", "", "");
        assertThat(text(
                        ClusterFindings.of(
                                driver(CONFIG, 2, List.of(), FREE, true),
                                List.of(new Worker(with, cuda), new Worker(without, FINE))),
                        "gpu"))
                .isEqualTo("rank 1 (executor 1 on host): it got no GPU from Spark");
        WorkerFacts cpuOnly = new WorkerFacts(17, 1L << 34, List.of("NVIDIA H200"), 0, "", "", "", "");
        assertThat(text(
                        ClusterFindings.of(
                                driver(CONFIG, 1, List.of(), FREE, true), List.of(new Worker(with, cpuOnly))),
                        "gpu"))
                .startsWith("rank 0 (executor 0 on host): Spark gives it GPU 0, but its libtorch can use 0 GPUs: set"
                        + " PYTORCH_LIBRARY_PATH");
    }

    @Test
    void gpusThatNobodyAsksForAreWarnedOf() {
        WorkerFacts gpu = new WorkerFacts(17, 1L << 34, List.of("NVIDIA H200"), 0, "", "", "", "");
        Check check = check(ClusterFindings.of(driver(FREE), workers(FINE, gpu)), "gpu");
        assertThat(check.status()).isEqualTo(Check.Status.WARNING);
        assertThat(check.text())
                .startsWith("1 of 2 workers are on a machine with GPUs (rank 1 (executor 1 on host): NVIDIA");
    }

    @Test
    void aClockThatIsWrongIsWarnedOf() {
        Worker late = new Worker(seen(0, "", List.of(), List.of(), -12_000), FINE);
        Check check = check(ClusterFindings.of(driver(FREE), List.of(late)), "clock");
        assertThat(check.status()).isEqualTo(Check.Status.WARNING);
        assertThat(check.text()).startsWith("the clock of rank 0 (executor 0 on host) is 12 s behind the driver's");
    }

    @Test
    void anotherJarIsNamed() {
        Worker other = new Worker(seen(0, "", List.of("it runs another code (jar)"), List.of(), 0), FINE);
        assertThat(check(ClusterFindings.of(driver(FREE), List.of(other)), "jar"))
                .isEqualTo(Check.failed("jar", "rank 0 (executor 0 on host): it runs another code (jar)"));
    }

    @Test
    void whatWorkersFindIsSaidOncePerProblem() {
        WorkerFacts broken = new WorkerFacts(
                11, 1L << 34, List.of(), 0, "PYTORCH_FLAVOR is 'cu1'", "cannot connect", "not seen", "other data");
        List<Check> checks = ClusterFindings.of(driver(FREE), workers(broken, broken, broken, broken, broken));
        String places =
                "rank 0 (executor 0 on host), rank 1 (executor 1 on host), rank 2 (executor 2 on host) and 2 others: ";
        assertThat(text(checks, "run folder")).isEqualTo(places + "not seen");
        assertThat(text(checks, "data")).isEqualTo(places + "other data");
        assertThat(text(checks, "libtorch")).isEqualTo(places + "PYTORCH_FLAVOR is 'cu1'");
        assertThat(text(checks, "network")).isEqualTo(places + "cannot connect");
        assertThat(text(checks, "java"))
                .isEqualTo(places + "runs on Java 11, where 17 is needed: set spark.executorEnv.JAVA_HOME");
        assertThat(checks.stream().filter(Check::isFailed)).hasSize(5);
    }

    private static DriverFacts driver(ExecutorMemory memory) {
        return driver(CONFIG, 2, List.of(), memory, false);
    }

    private static DriverFacts driver(
            RunConfig config, int slots, List<String> room, ExecutorMemory memory, boolean gpus) {
        return new DriverFacts(
                config, 2, slots, List.of(), room, List.of(), List.of(), memory, gpus, List.of(), List.of(), List.of());
    }

    private static List<Worker> workers(WorkerFacts... facts) {
        return IntStream.range(0, facts.length)
                .mapToObj(rank -> new Worker(seen(rank, "", List.of(), List.of(), 0), facts[rank]))
                .toList();
    }

    private static Probe.Seen seen(int rank, String gpu, List<String> code, List<String> noGpu, long ahead) {
        return new Probe.Seen(rank, "" + rank, "host", gpu, code, noGpu, ahead, "");
    }

    private static Check check(List<Check> checks, String name) {
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String text(List<Check> checks, String name) {
        return check(checks, name).text();
    }
}
