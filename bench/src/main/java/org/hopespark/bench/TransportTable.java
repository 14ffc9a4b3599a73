package org.hopespark.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.launcher.JavaModuleOptions;
import org.hopespark.bench.TransportBenchmark.Rate;

/** The rows of {@code bench cluster} about transports, measured in a process of their own. */
final class TransportTable {
    private static final String MARK = "rates: ";
    private static final int LARGE_MIB = 64;

    private TransportTable() {}

    /** The process: lengths in MiB. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<Integer> sizes = Arrays.stream(arguments).map(Integer::valueOf).toList();
        System.out.println(MARK + StepWorker.MAPPER.writeValueAsString(TransportBenchmark.rates(sizes)));
    }

    /**
     * Starts the process, and waits for it.
     *
     * @throws IOException with what it said last, if it ends without any rates
     */
    static List<Rate> measure(List<Integer> sizesMib) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // two vectors, and what the sockets of each thread keep
                "-XX:MaxDirectMemorySize=8g",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        command.add(TransportTable.class.getName());
        sizesMib.forEach(size -> command.add(size.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int at = said.indexOf(MARK);
        if (process.waitFor() != 0 || at < 0) {
            throw new IOException("the transports' process ended with " + process.exitValue() + ": " + said);
        }
        return List.of(StepWorker.MAPPER.readValue(said.substring(at + MARK.length()), Rate[].class));
    }

    static List<String> lines(List<Rate> rates) {
        List<String> lines = new ArrayList<>(
                List.of("| transport | MiB | GB/s | of bare sockets | goal |", "|---|---|---|---|---|"));
        rates.forEach(rate -> lines.add(String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.2f | %s |",
                rate.transport(),
                rate.mib(),
                rate.gigabytesPerSecond(),
                rate.ofSockets(),
                goal(rate))));
        return lines;
    }

    private static String goal(Rate rate) {
        if (rate.mib() < LARGE_MIB || rate.transport().equals("bare sockets")) {
            return "";
        }
        double goal = rate.transport().contains("AES") ? 0.5 : 0.9;
        return goal + ": " + (rate.ofSockets() >= goal ? "reached" : "not reached");
    }
}
