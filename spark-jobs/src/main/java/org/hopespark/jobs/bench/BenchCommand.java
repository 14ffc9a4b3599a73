package org.hopespark.jobs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.cluster.spark.TransportBenchmark;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.Document;
import org.hopespark.data.DocumentReader;
import org.hopespark.data.InputFile;
import org.hopespark.data.InputPart;
import org.hopespark.data.Storage;
import org.hopespark.jobs.SparkSessions;
import org.hopespark.jobs.prepare.DataBenchmarks;
import org.hopespark.model.ModelBenchmarks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: tokenizing, shards, the training step and the all-reduce, on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {BenchModelCommand.class, BenchClusterCommand.class, BenchTokenizersCommand.class},
        description = "Measures tokenizing, shards, a training step and the all-reduce on this machine.")
public final class BenchCommand implements Callable<Integer> {
    private static final long SAMPLE_CHARACTERS = 16_000_000;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "Text to tokenize and pack, in any format that prepare reads, the first 16 MB of it;"
                    + " the launcher gives the sources of Spark.")
    private String input = "";

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
        if (input.isEmpty()) {
            throw new ConfigException("bench needs --input PATH, text to tokenize and pack");
        }
        RunConfig run = RunConfig.read(config, List.of());
        List<Document> sample = read(input);
        SparkSessions.forGang("hope bench", run.cluster());
        List<Figure> figures = new ArrayList<>();
        Path scratch = Files.createTempDirectory("hope-bench");
        DataBenchmarks.run(sample, scratch).forEach(r -> figures.add(new Figure(r.name(), r.value(), r.unit())));
        TransportBenchmark.run(TransportBenchmark.SIZES_MIB)
                .forEach(r -> figures.add(new Figure(r.name(), r.value(), r.unit())));
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

    static List<Document> read(String input) throws IOException {
        Input files = new Input(input, "", Format.AUTO, "text", "id", "**/*.{scala,java}");
        Storage storage = new Storage(new Configuration());
        List<Document> documents = new ArrayList<>();
        long characters = 0;
        for (InputFile file : InputFile.list(List.of(files), storage)) {
            try (DocumentReader reader = DocumentReader.open(new InputPart(file, 0, 1), storage)) {
                for (Optional<Document> next = reader.next();
                        next.isPresent() && characters < SAMPLE_CHARACTERS;
                        next = reader.next()) {
                    documents.add(next.get());
                    characters += next.get().text().length();
                }
            }
        }
        return documents;
    }
}
