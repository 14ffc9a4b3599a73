package org.hopespark.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scripts of {@code cluster/deploy} that lay our settings over those of a cluster. */
final class OwnSettingsTest {
    private static final Path DEPLOY = Path.of("deploy").toAbsolutePath();

    @TempDir
    private Path conf;

    @BeforeEach
    void aClusterHasSettingsOfItsOwn() throws Exception {
        Files.writeString(conf.resolve("spark-defaults.conf"), """
                # of the cluster
                spark.eventLog.enabled                true
                spark.plugins                         com.example.Meter
                spark.dynamicAllocation.enabled       true
                spark.executor.cores                  4
                spark.executor.extraJavaOptions       -Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128
                spark.driver.extraClassPath=/usr/lib/emr/*
                spark.metrics.namespace: theirs
                """);
    }

    @Test
    void listsHaveItemsOfBothAndOursAloneSayHowWorkersRun() throws Exception {
        List<String> lines = run("bin/own-settings", "spark.driver.extraClassPath=/opt/hope/hope.jar", "spark.x=1 2");
        assertThat(lines)
                .contains(
                        "--conf=spark.plugins=com.example.Meter," + HopePlugin.class.getName(),
                        "--conf=spark.dynamicAllocation.enabled=false",
                        "--conf=spark.executor.cores=8",
                        "--conf=spark.task.cpus=8",
                        "--conf=spark.executorEnv.OMP_NUM_THREADS=8",
                        "--conf=spark.executor.extraJavaOptions=-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128"
                                + " -Dai.djl.pytorch.num_threads=8",
                        "--conf=spark.executorEnv.PYTORCH_LIBRARY_PATH=/opt/gpu/torch",
                        "--conf=spark.executorEnv.LD_LIBRARY_PATH=/opt/gpu/cuda",
                        "--conf=spark.driver.extraClassPath=/usr/lib/emr/*:/opt/hope/hope.jar",
                        "--conf=spark.x=1 2");
        assertThat(String.join("\n", lines)).doesNotContain("metrics.namespace", "eventLog");
    }

    /** Spark 3.5 cannot read two files of settings. */
    @Test
    void everyRecipeKeepsTheDefaultsOfTheCluster() throws Exception {
        for (String recipe : List.of("standalone/submit", "yarn/submit", "kubernetes/submit")) {
            List<String> lines = run(recipe, "pretrain", "--run=x");
            assertThat(lines)
                    .as(recipe)
                    .contains("--conf=spark.plugins=com.example.Meter," + HopePlugin.class.getName(), "pretrain")
                    .noneMatch(line -> line.startsWith("--properties-file"))
                    .anyMatch(line -> line.matches("--conf=spark.driver.extraJavaOptions=-Dlog4j2.*log4j2.properties"));
        }
        assertThat(run("yarn/submit", "pretrain"))
                .contains("--conf=spark.executor.extraJavaOptions=-Dhttps.proxyHost=proxy -Dhttps.proxyPort=3128"
                        + " -Dai.djl.pytorch.num_threads=8 -Dlog4j2.configurationFile=log4j2.properties");
    }

    @Test
    void configurationsOfThisMachineGoToADriverInAContainer() throws Exception {
        String config = Files.writeString(conf.resolve("my.yaml"), "").toString();
        assertThat(run("bin/shipped-files", "pretrain", "--config", config, "--set=a=b", "other.yaml"))
                .containsExactly(config);
        assertThat(run("yarn/submit", "pretrain", "--config=" + config))
                .anyMatch(
                        line -> line.startsWith(DEPLOY.resolve("bin/find-gpus") + ",") && line.endsWith("," + config));
        assertThat(run("kubernetes/submit", "pretrain", "--config=" + config))
                .containsSequence("--files", config, "--conf", "spark.kubernetes.file.upload.path=hdfs:///tmp");
    }

    @Test
    void applicationsAreNamedAfterCommandAndRun() throws Exception {
        assertThat(run("bin/application-name", "pretrain", "--config", "a", "--run=hdfs:///runs/first", "--set=x"))
                .containsExactly("hope pretrain hdfs:///runs/first");
        assertThat(run("bin/application-name", "data", "verify", "hdfs:///data"))
                .containsExactly("hope data verify hdfs:///data");
        assertThat(run("yarn/submit", "pretrain", "--run", "hdfs:///runs/first"))
                .containsSequence("--name", "hope pretrain hdfs:///runs/first");
        assertThat(run("kubernetes/submit", "pretrain", "--run", "file:///shared/runs/first"))
                .containsSequence("--name", "hope pretrain first");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0  | 0 | final status: SUCCEEDED",
                "2  | 1 | diagnostics: User application exited with status 2",
                "10 | 1 | diagnostics: User application exited with status 10",
                "1  | 1 | Application application_1_0001 finished with failed status",
                "11 | 0 | exit code: 11",
                "0  | 0 | exit code: 0",
                "1  | 0 | phase: Failed"
            })
    void theExitCodeIsThatOfTheDriver(int driver, int sparkSubmit, String log) throws Exception {
        Path submit = Files.writeString(
                conf.resolve("submit"),
                "#!/bin/sh\necho result\necho '\t " + log + "' >&2\nexit " + sparkSubmit + "\n");
        assertThat(submit.toFile().setExecutable(true)).isTrue();
        Process process = new ProcessBuilder(
                        DEPLOY.resolve("bin/submit-and-wait").toString(), submit.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.getInputStream()).hasContent("result");
        assertThat(process.waitFor()).isEqualTo(driver);
    }

    private List<String> run(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(DEPLOY.resolve(script).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        Path submit = Files.writeString(conf.resolve("submit"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertThat(submit.toFile().setExecutable(true)).isTrue();
        builder.environment()
                .putAll(Map.of(
                        "SPARK_CONF_DIR", conf.toString(),
                        "CORES", "8",
                        "GPU_NATIVES", "/opt/gpu",
                        "WORKERS", "2",
                        "IMAGE", "image",
                        "UPLOAD", "hdfs:///tmp",
                        "MASTER", "spark://127.0.0.1:1",
                        "SUBMIT", submit.toString()));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out.lines().toList();
    }
}
