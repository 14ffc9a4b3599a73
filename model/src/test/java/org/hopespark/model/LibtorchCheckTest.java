package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LibtorchCheckTest {
    @TempDir
    private Path disk;

    @Test
    void aFlavorThatNobodyHasIsNamedWithThoseThereAre() {
        assertThat(problem(Map.of("PYTORCH_FLAVOR", "cuda12", "PYTORCH_LIBRARY_PATH", "/opt/torch"), disk))
                .startsWith("PYTORCH_FLAVOR is 'cuda12', but there are bridges to libtorch for cpu, cu128 only");
    }

    @Test
    void cudaNeedsLibrariesOfTheUser() {
        assertThat(problem(Map.of("PYTORCH_FLAVOR", "cu128"), disk))
                .startsWith("PYTORCH_FLAVOR is cu128, but libtorch for CUDA is not in the job jar");
        assertThat(problem(Map.of("PYTORCH_FLAVOR", "cu128", "PYTORCH_LIBRARY_PATH", "/opt/torch"), disk))
                .isEmpty();
    }

    /** A folder of the kernel's has no space at all. */
    @Test
    void aFullDiskIsNamedWithTheSettingThatNamesAnother() throws Exception {
        assertThat(problem(Map.of(), Path.of("/proc/self/pytorch")))
                .contains("is unpacked to /proc/self/pytorch, where 0 are free", "spark.executorEnv.DJL_CACHE_DIR");
        Files.createDirectories(disk.resolve("2.7.1-20250812-cpu-linux-x86_64"));
        assertThat(problem(Map.of(), disk)).isEmpty();
    }

    @Test
    void whatCudaSaysOfAGpuIsExplained() {
        assertThat(LibtorchCheck.gpuProblem("CUDA error: no kernel image is available for execution on the device"))
                .get()
                .asString()
                .startsWith("libtorch has no code for this GPU")
                .contains("5.0 to 9.0", "PYTORCH_LIBRARY_PATH");
        assertThat(LibtorchCheck.gpuProblem("CUDA driver version is insufficient for CUDA runtime version"))
                .get()
                .asString()
                .contains("driver of this node is too old");
        assertThat(LibtorchCheck.gpuProblem("CUDA out of memory")).isEmpty();
    }

    private static String problem(Map<String, String> environment, Path cache) {
        return new LibtorchCheck(environment, cache).problem("2.7.1").orElse("");
    }
}
