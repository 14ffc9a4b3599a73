package org.hopespark.jobs.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full disks and killed processes on the way from a corpus to a data set: the next run ends as if nothing had been. */
class CorpusFaultTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeCorpus() throws IOException {
        Pipeline.write(folder);
    }

    @Test
    @Tag("slow")
    void aFullDiskIsToldWithItsFolderAndDamagesNothing() throws IOException {
        fillUpAt(List.of("2-exact-duplicates/removed/", "data/_work/lane-00001"));
    }

    @Test
    @Tag("slow")
    void aDiskThatIsFullAtAnyStepDamagesNothing() throws IOException {
        fillUpAt(List.of(
                "/\\._lock",
                "1-filter/.claim",
                "1-filter/kept/.part-00001",
                "1-filter/parts/",
                "1-filter/.step.json",
                "2-exact-duplicates/duplicates/",
                "2-exact-duplicates/kept/.*ordered",
                "3-near-duplicates/removed/",
                "3-near-duplicates/.step.json",
                "4-mixture/kept/",
                "steps/.report",
                "data/_work/.recipe",
                "data/_work/lane-00000.*unordered",
                "data/_work/.lane",
                "data/.manifest.json.sha256",
                "data/.manifest.json.[-0-9a-f]+.temporary",
                "/_runs/"));
    }

    private void fillUpAt(List<String> places) throws IOException {
        SparkSession spark = Pipeline.session(folder, "local[2]");
        try {
            String whole = Pipeline.run(spark, folder, "whole");
            for (String place : places) {
                String output = "full-" + places.indexOf(place);
                FailingDisk.fillUp(folder.resolve("faults"), output + "/.*" + place);
                assertThat(catchThrowable(() -> Pipeline.run(spark, folder, output)))
                        .as(place)
                        .isInstanceOf(UserException.class)
                        .hasMessageContaining(
                                "No space left on device: make room on the disk of failing:" + folder.resolve(output))
                        .hasMessageContaining("then give the same command again");
                FailingDisk.makeRoom(folder.resolve("faults"));
                assertThat(Pipeline.run(spark, folder, output)).as(place).isEqualTo(whole);
            }
        } finally {
            spark.stop();
        }
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"local[2]", "local-cluster[2,1,1024]"})
    void aProcessThatIsKilledAtAnyStepChangesNothing(String master) throws Exception {
        // in local mode the driver dies, in a cluster the executor that writes the file
        boolean driver = master.equals("local[2]");
        assertThat(run("whole", "local[3]")).isZero();
        List<String> places = List.of(
                "1-filter/kept/.part-00001",
                "2-exact-duplicates/duplicates/",
                "2-exact-duplicates/removed/.part-00002",
                "3-near-duplicates/kept/.part-00001",
                "4-mixture/parts/.part-00000",
                "data/_work/lane-00001");
        for (String place : places) {
            String output = "killed-" + places.indexOf(place);
            FailingDisk.dieAt(folder.resolve("faults"), output + "/.*" + place);
            assertThat(run(output, master)).as(place).isEqualTo(driver ? 137 : 0);
            assertThat(folder.resolve("faults/die")).doesNotExist();
            assertThat(run(output, "local[2]")).as(place).isZero();
            assertThat(hash(output)).as(place).isEqualTo(hash("whole"));
        }
    }

    private String hash(String output) throws IOException {
        return Files.readString(folder.resolve(output + "/data/manifest.json.sha256"));
    }

    private int run(String output, String master) throws Exception {
        List<String> line = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-XX:+Ignore"))
                .forEach(line::add);
        line.addAll(List.of(
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Pipeline.class.getName(),
                folder.toString(),
                output,
                master));
        Process process = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        try {
            assertThat(process.waitFor(5, TimeUnit.MINUTES))
                    .as("%s ends", output)
                    .isTrue();
            return process.exitValue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
