package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.hopespark.conf.ClusterConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The discovery script of {@code cluster/deploy}, where {@code nvidia-smi} is a fake. */
final class GpuAddressTest {
    private static final ClusterConfig CONFIG = ClusterConfig.of(
            Settings.parse("test", "{timeout-seconds: 20, start-timeout-seconds: 90, max-failures: 0}"));
    private static final Path FIND_GPUS = Path.of("deploy", "bin", "find-gpus").toAbsolutePath();

    @TempDir
    private Path folder;

    @Test
    void wholeGpusAreFoundAndDividedOnesAreNot() throws Exception {
        assertThat(run(find("0, Disabled", "1, Enabled", "2, [N/A]")))
                .isEqualTo("0: {\"name\": \"gpu\", \"addresses\": [\"0\", \"2\"]}\n");
        assertThat(run(find("0, Enabled"))).isEqualTo("1: ");
    }

    @Test
    void theAddressThatAWorkerFindsReachesTheSeat() throws Exception {
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        SparkConf conf = new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .setAppName("gpus")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.executor.memory", "512m")
                .set(
                        "spark.executor.extraClassPath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .set("spark.worker.resource.gpu.amount", "1")
                .set(
                        "spark.worker.resource.gpu.discoveryScript",
                        find("3, Disabled").toString())
                .set("spark.executor.resource.gpu.amount", "1")
                .set("spark.task.resource.gpu.amount", "1");
        try (JavaSparkContext spark = new JavaSparkContext(Gang.configure(conf, CONFIG))) {
            Gang gang = new Gang(spark, CONFIG);
            assertThat(gang.requestedSlots()).isEqualTo(2);
            List<String> gpus = gang.run(
                    2,
                    1,
                    (rank, json) -> {},
                    context -> context.rank() + ": " + context.gpu().orElse("none"));
            assertThat(gpus).containsExactly("0: 3", "1: 3");
            assertThat(spark.parallelize(List.of("a task of no gang"), 1)
                            .map(task -> TaskGpu.ofThisTask())
                            .first())
                    .isEqualTo(3);
        }
    }

    @Test
    void outsideOfATaskThereIsNoGpuAndAnAddressIsANumber() {
        assertThat(TaskGpu.ofThisTask()).isEqualTo(-1);
        assertThat(TaskGpu.number("12")).isEqualTo(12);
        assertThatThrownBy(() -> TaskGpu.number("MIG-1"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("GPU address 'MIG-1' is not a number");
    }

    /** The script as a machine with these GPUs has it. */
    private Path find(String... lines) throws IOException {
        Path bin = Files.createTempDirectory(folder, "machine");
        script(bin.resolve("nvidia-smi"), "printf '%s\\n' '" + String.join("' '", lines) + "'");
        return script(bin.resolve("find-gpus"), "PATH='" + bin + "':$PATH exec '" + FIND_GPUS + "'");
    }

    private static Path script(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    /** Exit code and output. */
    private static String run(Path script) throws Exception {
        Process process = new ProcessBuilder(script.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + ": " + output;
    }
}
