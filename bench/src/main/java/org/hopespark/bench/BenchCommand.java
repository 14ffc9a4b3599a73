package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hopespark.cli.Subcommand;
import org.hopespark.conf.RunConfig;
import org.hopespark.data.source.Document;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: tokenizing, shards, the training step and the all-reduce, on this machine. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchModelCommand.class,
            BenchClusterCommand.class,
            BenchTokenizersCommand.class,
            BenchDataCommand.class,
            BenchCorpusCommand.class,
            BenchEvaluateCommand.class,
            BenchArchiveCommand.class
        },
        description = "Measures tokenizing, shards, a training step and the all-reduce on this machine.")
public final class BenchCommand implements Subcommand {
    static final long SAMPLE_CHARACTERS = 16_000_000;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "Text to tokenize and pack, in any format that prepare reads, the first 16 MB of it."
                    + " Default: the sources of Spark.")
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
        RunConfig run = RunConfig.read(config, List.of());
        List<Document> sample = Sample.read(input, SAMPLE_CHARACTERS);
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
}
