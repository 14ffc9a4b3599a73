package org.hopespark.model;

import ai.djl.util.Utils;
import java.io.File;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hopespark.conf.UserException;
import org.jspecify.annotations.Nullable;

/**
 * What would keep libtorch from being loaded and that the user can put right, said before DJL fails on the way or takes
 * something else.
 *
 * @param environment of the process, in which DJL finds its settings
 * @param cache folder that libtorch is unpacked to
 */
record LibtorchCheck(Map<String, String> environment, Path cache) {
    /** What the libraries for the CPU take, unpacked. */
    private static final long BYTES = 455_000_000L;

    private static final String FLAVORS = "cpu, cu128";

    static void requireUsable(String version) {
        new LibtorchCheck(System.getenv(), Utils.getEngineCacheDir("pytorch"))
                .problem(version)
                .ifPresent(problem -> {
                    throw new UserException(problem);
                });
    }

    Optional<String> problem(String version) {
        String flavor = environment.getOrDefault("PYTORCH_FLAVOR", "");
        boolean bundled = environment.getOrDefault("PYTORCH_LIBRARY_PATH", "").isEmpty();
        if (!flavor.isEmpty() && bridge(flavor) == null) {
            return Optional.of("PYTORCH_FLAVOR is '" + flavor + "', but there are bridges to libtorch for " + FLAVORS
                    + " only: set it to one of them, as PYTORCH_LIBRARY_PATH is, or take it away");
        }
        if (bundled && flavor.startsWith("cu")) {
            return Optional.of("PYTORCH_FLAVOR is " + flavor + ", but libtorch for CUDA is not in the job jar: fetch it"
                    + " with cluster/deploy/bin/gpu-natives and name its folder torch in PYTORCH_LIBRARY_PATH, or take"
                    + " PYTORCH_FLAVOR away");
        }
        return bundled && !isUnpacked(version) ? noSpace() : Optional.empty();
    }

    /**
     * What libtorch's first failure on a GPU means for the user.
     *
     * @param failure what CUDA says
     */
    static Optional<String> gpuProblem(String failure) {
        if (failure.contains("no kernel image")) {
            return Optional.of(
                    "libtorch has no code for this GPU: that of cluster/deploy/bin/gpu-natives is for compute"
                            + " capability 5.0 to 9.0, Maxwell to Hopper; for a Blackwell name torch/lib of PyTorch's wheel"
                            + " 2.7.1 for CUDA 12.8 in PYTORCH_LIBRARY_PATH");
        }
        return failure.contains("driver version is insufficient")
                ? Optional.of("the NVIDIA driver of this node is too old for CUDA 12: update it to 525 or newer")
                : Optional.empty();
    }

    private static @Nullable URL bridge(String flavor) {
        return Utils.class.getResource("/jnilib/linux-x86_64/" + flavor + "/libdjl_torch.so");
    }

    private boolean isUnpacked(String version) {
        String[] found = cache.toFile().list((folder, name) -> name.startsWith(version));
        return found != null && found.length > 0;
    }

    private Optional<String> noSpace() {
        File folder = cache.toAbsolutePath().toFile();
        while (folder != null && !folder.exists()) {
            folder = folder.getParentFile();
        }
        long free = folder == null ? 0 : folder.getUsableSpace();
        return free >= BYTES
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "libtorch takes %,d bytes when it is unpacked to %s, where %,d are free: make room, or name"
                                + " another folder in DJL_CACHE_DIR (for executors: spark.executorEnv.DJL_CACHE_DIR)",
                        BYTES,
                        cache,
                        free));
    }
}
