package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.hopespark.conf.RunConfig;
import org.hopespark.model.Architecture;
import org.hopespark.model.Cost;
import org.hopespark.model.TorchScriptArchive;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench archive}: what is measured where there is a GPU and Python, but no Java. */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        description =
                "Writes an untrained model as model.pt.gz and config.json for docs/benchmarks/train_exported.py, which"
                        + " measures a training step with PyTorch alone. Large matrices are left for it to draw, so that a model"
                        + " of any size fits into a few MB.")
public final class BenchArchiveCommand implements Callable<Integer> {
    @Option(
            names = {"--config", "--model"},
            required = true,
            paramLabel = "FILE|NAME",
            description = "As of 'pretrain'.")
    private String config = "";

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Folder to write to.")
    private Path output = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a setting, for example model.precision=bfloat16. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        RunConfig run = RunConfig.read(config, overrides);
        Architecture architecture = Architecture.of(run);
        Files.createDirectories(output);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode about = mapper.createObjectNode()
                .put("name", config)
                .put("vocab_size", run.model().vocabularySize())
                .put("max_position_embeddings", run.model().contextTokens())
                .put("training-flops-per-token", Cost.of(run).trainingFlopsPerToken(run.training()));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(output.resolve("model.pt.gz")))) {
            about.set(
                    "deviations",
                    mapper.valueToTree(TorchScriptArchive.exportUntrained(architecture, run.seed(), out)));
        }
        Files.writeString(
                output.resolve("config.json"),
                mapper.writerWithDefaultPrettyPrinter().writeValueAsString(about));
        spec.commandLine().getOut().printf("%,d parameters: %s%n", architecture.size(), output);
        return 0;
    }
}
