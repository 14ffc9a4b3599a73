package org.hopespark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** The most memory that processes have had, as Linux reports it. */
public final class PeakMemory {
    private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

    private PeakMemory() {}

    /** Bytes of every executor that this process has started and that still runs; none where Linux is not. */
    public static List<Long> ofExecutors() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(EXECUTOR))
                .map(process -> of(Long.toString(process.pid())))
                .flatMap(peak -> peak.stream().boxed())
                .toList();
    }

    /** Bytes of this process. */
    public static OptionalLong ofThisProcess() {
        return of("self");
    }

    private static OptionalLong of(String process) {
        try {
            return Files.readAllLines(Path.of("/proc", process, "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
