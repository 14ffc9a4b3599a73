package org.hopespark.jobs.check;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.progress.Units;
import org.hopespark.model.Torch;

/**
 * What this machine must have for the commands that run on it, the embedded cluster's among them.
 *
 * @param here folder in which runs and data sets are made
 * @param scratch folder of temporary files
 */
public record MachineCheck(Path here, Path scratch, Configuration hadoop) {
    private static final double GB = 1e9;
    /** Of a driver and two executors with a small model each. */
    private static final double MEMORY = 8 * GB;

    private static final double LEAST_MEMORY = 4 * GB;
    /** Of the quickstart: libtorch, a corpus, shards, checkpoints. */
    private static final double DISK = 4 * GB;

    private static final double LEAST_DISK = GB;
    private static final Bounded FILES = new Bounded(Duration.ofSeconds(10));

    /** All checks, those that go well with their figures, too. */
    public List<Check> all() {
        return List.of(
                java(),
                processor(System.getProperty("os.name"), System.getProperty("os.arch")),
                memory((double) system().getTotalMemorySize()),
                disk("disk", here),
                disk("scratch", scratch),
                libtorch(),
                loopback(),
                files());
    }

    private static OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }

    private static Check java() {
        return Check.ok(
                "java",
                Runtime.version() + " of " + System.getProperty("java.vendor") + " in "
                        + System.getProperty("java.home"));
    }

    static Check processor(String system, String architecture) {
        String found = system + " on " + architecture;
        return system.equals("Linux") && architecture.equals("amd64")
                ? Check.ok(
                        "processor",
                        found + ", " + Runtime.getRuntime().availableProcessors()
                                + " cores; './hope --executors' names how many the embedded cluster takes")
                : Check.failed("processor", found + ": the libraries of PyTorch in this jar are for Linux on x86-64");
    }

    static Check memory(double bytes) {
        String found = Units.bytes(bytes) + " in all";
        if (bytes < LEAST_MEMORY) {
            return Check.failed(
                    "memory",
                    found + ", a driver and one executor need " + Units.bytes(LEAST_MEMORY) + ": use a larger machine");
        }
        return bytes < MEMORY
                ? Check.warning(
                        "memory",
                        found + ", two executors want " + Units.bytes(MEMORY) + ": use './hope --executors 1'")
                : Check.ok("memory", found);
    }

    static Check disk(String name, Path folder) {
        String remedy = name.equals("scratch")
                ? ": make room, or name another folder in TMPDIR"
                : ": make room, or work in another folder";
        File file = folder.toFile();
        try {
            Files.delete(Files.createTempFile(folder, ".hope", ""));
        } catch (IOException e) {
            return Check.failed(name, folder + " cannot be written (" + e + ")" + remedy);
        }
        String found = Units.bytes((double) file.getUsableSpace()) + " free in " + folder;
        if (file.getUsableSpace() < LEAST_DISK) {
            return Check.failed(name, found + remedy);
        }
        return file.getUsableSpace() < DISK
                ? Check.warning(name, found + ", quickstart wants " + Units.bytes(DISK) + remedy)
                : Check.ok(name, found);
    }

    private static Check libtorch() {
        long begin = System.nanoTime();
        try {
            int gpus = Torch.load();
            return Check.ok(
                    "libtorch",
                    String.format(
                            Locale.ROOT,
                            "loaded in %.1f s, %s",
                            (System.nanoTime() - begin) * 1e-9,
                            gpus == 0 ? "no GPU" : gpus + (gpus == 1 ? " GPU" : " GPUs")));
        } catch (UserException e) {
            return Check.failed("libtorch", String.valueOf(e.getMessage()));
        } catch (RuntimeException | LinkageError e) {
            return Check.failed(
                    "libtorch",
                    e + ": remove the folder in which DJL unpacks it (DJL_CACHE_DIR), look for missing libraries with"
                            + " 'ldd', and unset LD_LIBRARY_PATH");
        }
    }

    /** The embedded cluster's processes talk to each other at this address. */
    private static Check loopback() {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            return Check.ok("network", "127.0.0.1 takes connections, such as at port " + client.getPort());
        } catch (IOException e) {
            return Check.failed(
                    "network",
                    "127.0.0.1 takes no connections (" + e + "): allow processes of this machine to reach each other");
        }
    }

    private Check files() {
        String place = FileSystem.getDefaultUri(hadoop).toString();
        List<String> sources = new ArrayList<>();
        for (String name : List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR", "SPARK_CONF_DIR")) {
            String value = System.getenv(name);
            if (value != null && !value.isEmpty()) {
                sources.add(name + "=" + value);
            }
        }
        String from = sources.isEmpty() ? "" : ", by " + String.join(" ", sources);
        try {
            long free = FILES.call(() -> FileSystem.get(hadoop).getStatus().getRemaining());
            return Check.ok(
                    "files",
                    "paths without a scheme lie on " + place + from + ", " + Units.bytes((double) free) + " free");
        } catch (IOException | RuntimeException e) {
            return Check.failed(
                    "files",
                    "paths without a scheme lie on " + place + from + ", which does not answer (" + e.getMessage()
                            + "): start it, correct those settings, or write file:/...");
        }
    }
}
