package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.jobs.export.LlamaImport;
import org.hopespark.jobs.export.NewFolder;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code import}: a pre-trained network of others as a folder that {@code export} would have written. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = "Turns a network of the Llama family in Hugging Face's layout (config.json, model.safetensors or"
                + " several files with an index, tokenizer.json or tokenizer.model) into a folder that evaluate,"
                + " generate and export read, and that a run starts from: its config.yaml has the settings.")
public final class ImportCommand implements Callable<Integer> {
    private static final long PROGRESS_NANOS = 10_000_000_000L;

    @Option(names = "--from", required = true, paramLabel = "FOLDER", description = "Folder of the network.")
    private String from = "";

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Folder to make.")
    private String output = "";

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME",
            description = "Its tokenizer, named as in a data set's configuration, such as"
                    + " huggingface:PATH/tokenizer.json#TOKEN. Default: the file in the folder.")
    private String tokenizer = "";

    @Option(
            names = "--context-tokens",
            paramLabel = "N",
            description = "Context of the network here. Default: max_position_embeddings.")
    private int contextTokens;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkSessions.hadoop();
        NewFolder folder = new NewFolder(output, hadoop);
        folder.requireFree();
        LlamaImport network = new LlamaImport(from, tokenizer, contextTokens, hadoop);
        PrintWriter out = spec.commandLine().getOut();
        long size = network.architecture().size();
        out.printf("importing %,d parameters, %,d MB%n", size, size * Float.BYTES / 1_000_000);
        out.flush();
        AtomicLong printed = new AtomicLong(System.nanoTime());
        network.write(folder, written -> {
            if (System.nanoTime() - printed.get() > PROGRESS_NANOS) {
                printed.set(System.nanoTime());
                out.printf("%d %% written%n", 100 * written / size);
                out.flush();
            }
        });
        if (network.rowsLeftOut() > 0) {
            out.printf(
                    "left out %,d rows of embedding and head that belong to no id of the tokenizer%n",
                    network.rowsLeftOut());
        }
        out.printf("imported to %s%n", folder);
        out.printf(
                "to start a run from it: hope pretrain --config %s/%s --data DATA --run RUN%n",
                folder, LlamaImport.RUN_CONFIG);
        return 0;
    }
}
