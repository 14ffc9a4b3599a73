package org.hopespark.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.export.ModelExport;
import org.hopespark.jobs.export.NewFolder;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code export}: a checkpoint as files that others read. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes the newest checkpoint of a run as model.safetensors (all parameters), config.json (sizes"
                + " as Hugging Face names them, the run's configuration under 'hope'), tokenizer.json or tokenizer.model,"
                + " and model.pt, which torch.jit.load reads from PyTorch 1.13 on, from 2.0 on where the mixer is"
                + " attention.")
public final class ExportCommand implements Callable<Integer> {
    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "URI",
            description = "A run's folder, one checkpoint, or an exported model.")
    private String checkpoint = "";

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Folder to make.")
    private String output = "";

    @Option(
            names = "--data",
            paramLabel = "URI",
            description = "Data set whose tokenizer the model reads. Default: that of its run.")
    private String data = "";

    @Option(
            names = "--check-ids",
            paramLabel = "ID",
            split = ",",
            description = "Also writes logits.json: the logits after each of these ids, one document, to compare with.")
    private List<Integer> checkIds = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting over those of the run that changes no parameter; config.json says it, too."
                    + " Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkSessions.hadoop();
        NewFolder folder = new NewFolder(output, hadoop);
        folder.requireFree();
        try (TrainedModel model = TrainedModel.newest(
                checkpoint, data, overrides, hadoop, -1, spec.commandLine().getErr())) {
            new ModelExport(
                            model.network(),
                            RunFolder.config(model.checkpoint()).with(overrides),
                            model.tokenizer(),
                            model.tokenizerFiles(),
                            model.checkpoint())
                    .write(folder, checkIds.stream().mapToInt(Integer::intValue).toArray());
            spec.commandLine()
                    .getOut()
                    .printf(
                            "exported %s: %,d parameters to %s%n",
                            model.checkpoint(), model.network().architecture().size(), folder);
        }
        return 0;
    }
}
