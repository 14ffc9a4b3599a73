package org.hopespark.jobs.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.check.Check.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCheckTest {
    @TempDir
    private Path folder;

    @Test
    void aMachineOnWhichTestsRunIsReady() {
        assertThat(new MachineCheck(folder, folder, new Configuration()).all())
                .extracting(Check::name)
                .containsExactly("java", "processor", "memory", "disk", "scratch", "libtorch", "network", "files");
        assertThat(new MachineCheck(folder, folder, new Configuration()).all()).noneMatch(Check::isFailed);
    }

    @Test
    void whatIsMissingIsNamedWithARemedy() {
        assertThat(MachineCheck.processor("Mac OS X", "aarch64"))
                .isEqualTo(Check.failed(
                        "processor",
                        "Mac OS X on aarch64: the libraries of PyTorch in this jar are for Linux on x86-64"));
        assertThat(MachineCheck.memory(2e9).text()).startsWith("2 GB in all, a driver and one executor need 4 GB");
        assertThat(MachineCheck.memory(6e9).status()).isEqualTo(Status.WARNING);
        assertThat(MachineCheck.memory(16e9).status()).isEqualTo(Status.OK);
        // the kernel's folders take no file
        assertThat(MachineCheck.disk("scratch", Path.of("/proc")))
                .matches(Check::isFailed)
                .extracting(Check::text)
                .asString()
                .contains("/proc cannot be written", "TMPDIR");
    }

    @Test
    void aFileSystemThatDoesNotAnswerIsNamed() {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.defaultFS", "hdfs://127.0.0.1:1");
        hadoop.setInt("ipc.client.connect.max.retries", 0);
        assertThat(new MachineCheck(folder, folder, hadoop).all())
                .filteredOn(Check::isFailed)
                .extracting(Check::text)
                .singleElement()
                .asString()
                .startsWith("paths without a scheme lie on hdfs://127.0.0.1:1")
                .contains("does not answer");
    }
}
