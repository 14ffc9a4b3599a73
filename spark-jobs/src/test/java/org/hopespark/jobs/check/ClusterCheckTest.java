package org.hopespark.jobs.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cli.CheckClusterCommand;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.jobs.prepare.PrepareJob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code check cluster} on executors in processes of their own. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ClusterCheckTest {
    @TempDir
    private Path folder;

    @AfterEach
    void stop() {
        SparkSession.active().stop();
    }

    @Test
    void aSoundClusterPassesAndIsLeftAsItWas() throws IOException {
        Path run = folder.resolve("run");
        Result result = check(conf(Map.of()), run, "cluster.workers=2");
        assertThat(result.exitCode()).as(result.text()).isZero();
        assertThat(result.text()).contains("ok       slots       2 workers, room for 2", "a run can start");
        assertThat(result.json().path("passes").asBoolean()).isTrue();
        assertThat(result.json().path("checks"))
                .allSatisfy(check -> assertThat(check.path("status").asText()).isEqualTo("ok"));
        assertThat(run).doesNotExist();
    }

    @Test
    void allThatIsBrokenIsReportedAtOnce() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        SparkConf broken =
                conf(Map.of("spark.dynamicAllocation.enabled", "true", "spark.executorEnv.PYTORCH_FLAVOR", "cuda"));
        Result result = check(broken, file.resolve("run"), "cluster.workers=5");
        assertThat(result.exitCode()).as(result.text()).isEqualTo(1);
        assertThat(result.text())
                .contains("failed   slots       5 workers are asked for, but the executors that Spark is asked for have"
                        + " room for 2")
                .contains("failed   allocation  spark.dynamicAllocation.enabled must be false")
                .contains("failed   run folder  the run folder file:" + file + "/run cannot be written")
                .contains("failed   libtorch    rank 0 (executor ", "PYTORCH_FLAVOR is 'cuda', but there are bridges")
                .contains("ok       data ", "ok       network ");
    }

    private record Result(int exitCode, String text, JsonNode json) {}

    private Result check(SparkConf conf, Path run, String setting) throws IOException {
        StringWriter text = new StringWriter();
        Path json = folder.resolve("checks.json");
        int exitCode = new CommandLine(new CheckClusterCommand(conf))
                .setOut(new PrintWriter(text))
                .execute(
                        "--config=quickstart",
                        "--data=" + prepare(),
                        "--run=" + run,
                        "--json=" + json,
                        "--set",
                        setting);
        return new Result(exitCode, text.toString(), new ObjectMapper().readTree(json.toFile()));
    }

    private static SparkConf conf(Map<String, String> settings) {
        SparkConf conf = new SparkConf()
                .setMaster("local-cluster[2,1,1024]")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.executor.memory", "700m")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.executorEnv.OMP_NUM_THREADS", "1");
        settings.forEach(conf::set);
        return conf;
    }

    /** Byte sequences, made without the cluster that is checked. */
    private String prepare() throws IOException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Files.writeString(corpus.resolve("a.txt"), "the level is due, ".repeat(2000));
        String data = folder.resolve("data").toString();
        SparkConf local =
                new SparkConf().setMaster("local[1]").setAppName("test").set("spark.ui.enabled", "false");
        try (SparkSession spark = SparkSession.builder().config(local).getOrCreate()) {
            PrepareJob.run(
                    spark,
                    PrepareConfig.of(Settings.parse(
                            "test",
                            "inputs: [{path: '" + corpus + "', format: text}]\noutput: '" + data
                                    + "'\ntokenizer: bytes\nsequence-tokens: 128\nalign-tokens: 16\nlanes: 4\n")),
                    System.out);
        }
        return data;
    }
}
