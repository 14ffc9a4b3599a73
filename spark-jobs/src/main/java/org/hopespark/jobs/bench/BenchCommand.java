package org.hopespark.jobs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.cluster.spark.TransportBenchmark;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.SparkSessions;
import org.hopespark.jobs.prepare.DataBenchmarks;
import org.hopespark.model.ModelBenchmarks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: tokenizing, shards, the training step and the all-reduce, on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures tokenizing, shards, a training step and the all-reduce on this machine.")
public final class BenchCommand implements Callable<Integer> {
    @Option(
            names = "--text",
            required = true,
            paramLabel = "FILE",
            description = "A text file, at least some megabytes, to tokenize and pack.")
    private String text = "";

    @Option(
            names = "--config",
            paramLabel = "FILE|NAME",
            description = "What the training step is of. Default: ${DEFAULT-VALUE}.",
            defaultValue = "quickstart")
    private String config = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    private record Figure(String name, double value, String unit) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        RunConfig run = RunConfig.read(config, List.of());
        String sample = read();
        SparkSessions.forGang("hope bench", run.cluster());
        List<Figure> figures = new ArrayList<>();
        Path scratch = Files.createTempDirectory("hope-bench");
        DataBenchmarks.run(sample, scratch.toString())
                .forEach(r -> figures.add(new Figure(r.name(), r.value(), r.unit())));
        TransportBenchmark.run().forEach(r -> figures.add(new Figure(r.name(), r.value(), r.unit())));
        ModelBenchmarks.run(run).forEach(r -> figures.add(new Figure(r.name(), r.value(), r.unit())));
        for (Figure figure : figures) {
            System.out.printf("%-72s %12.3f %s%n", figure.name(), figure.value(), figure.unit());
        }
        if (!json.isEmpty()) {
            ObjectMapper mapper = new ObjectMapper();
            ArrayNode rows = mapper.createArrayNode();
            figures.forEach(f -> rows.addObject()
                    .put("name", f.name())
                    .put("value", f.value())
                    .put("unit", f.unit()));
            Files.writeString(
                    Path.of(json), mapper.writerWithDefaultPrettyPrinter().writeValueAsString(rows));
        }
        return 0;
    }

    private String read() throws IOException {
        try {
            return Files.readString(Path.of(text));
        } catch (NoSuchFileException e) {
            throw new ConfigException("--text: no such file: " + text, e);
        }
    }
}
