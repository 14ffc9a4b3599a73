package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.conf.RunConfig;

/**
 * One row of {@code bench model}, measured in a process of its own.
 *
 * @param name of the model
 * @param context tokens of the sequence
 * @param overrides of the quickstart's configuration
 */
record ModelCell(String name, int context, List<String> overrides) {
    static final String TOKENS_PER_SECOND = "tokensPerSecond";

    private static final String MARK = "figures: ";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    ModelCell {
        overrides = List.copyOf(overrides);
    }

    RunConfig config() {
        return config(overrides);
    }

    private static RunConfig config(List<String> overrides) {
        return RunConfig.read("quickstart", overrides);
    }

    /**
     * Starts the process, and waits for it.
     *
     * @return its figures
     * @throws IOException with what it said last, if it ends without any
     */
    ObjectNode measure(double seconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx600m",
                "-cp",
                System.getProperty("java.class.path"),
                ModelCell.class.getName(),
                Double.toString(seconds)));
        command.addAll(overrides);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        int at = said.indexOf(MARK);
        if (exit != 0 || at < 0) {
            String last = said.lines().filter(line -> !line.startsWith("\tat ")).reduce("", (before, line) -> line);
            throw new IOException(
                    "ended with " + exit + (exit == 137 ? " (killed, perhaps for memory)" : "") + ": " + last);
        }
        return (ObjectNode) MAPPER.readTree(said.substring(at + MARK.length()));
    }

    /** The process: seconds to measure, then overrides. */
    public static void main(String[] arguments) throws IOException {
        List<String> all = List.of(arguments);
        StepBenchmark figures = StepBenchmark.run(config(all.subList(1, all.size())), Double.parseDouble(all.get(0)));
        ObjectNode row = MAPPER.valueToTree(figures);
        row.put(TOKENS_PER_SECOND, figures.tokensPerSecond());
        System.out.println(MARK + MAPPER.writeValueAsString(row));
    }
}
