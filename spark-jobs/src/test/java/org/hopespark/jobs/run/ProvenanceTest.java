package org.hopespark.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProvenanceTest {
    @TempDir
    private Path folder;

    @Test
    void aResultKnowsItsBuildAndItsMachine() {
        assertThat(Provenance.versions())
                .containsKeys("hope-on-spark", "djl", "libtorch", "java", "spark", "os")
                .doesNotContainValue("");
    }

    @Test
    void processorsAreNamedAsLinuxNamesThem() throws IOException {
        Path info = Files.writeString(
                folder.resolve("cpuinfo"), "processor\t: 0\nmodel name\t: A CPU @ 2:1\nmodel name\t: another\n");
        assertThat(Provenance.cpu(info)).hasValue("A CPU @ 2:1");
        for (String bus : new String[] {"0000:18:00.0", "0000:2a:00.0"}) {
            Files.writeString(
                    Files.createDirectories(folder.resolve("gpus").resolve(bus)).resolve("information"),
                    "Model: \t\t NVIDIA H200\nIRQ:   \t\t 9\n");
        }
        assertThat(Provenance.gpus(folder.resolve("gpus"))).containsExactly("NVIDIA H200", "NVIDIA H200");
    }

    @Test
    void whatTheSystemDoesNotTellIsLeftOut() {
        assertThat(Provenance.cpu(folder.resolve("none"))).isEmpty();
        assertThat(Provenance.gpus(folder.resolve("none"))).isEmpty();
    }
}
