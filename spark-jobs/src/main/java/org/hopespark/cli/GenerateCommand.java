package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.UserException;
import org.hopespark.files.WholeFile;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.evaluate.WrittenText;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.model.Sampler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code generate}: text that a checkpoint writes. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Continues a text with the newest checkpoint of a run, on this machine. With --state FILE the"
                + " sequence continues where an earlier call left it, at the same cost per token however long it is.")
public final class GenerateCommand implements Callable<Integer> {
    @Option(
            names = "--checkpoint",
            required = true,
            paramLabel = "URI",
            description = "A run's folder, one checkpoint, or an exported model.")
    private String checkpoint = "";

    @Option(
            names = "--data",
            paramLabel = "URI",
            description = "Data set whose tokenizer the model reads. Default: that of its run.")
    private String data = "";

    @Option(names = "--prompt", paramLabel = "TEXT", description = "What to continue. Default: nothing.")
    private String prompt = "";

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "How many to write, fewer if the document ends. Default: ${DEFAULT-VALUE}.",
            defaultValue = "200")
    private int tokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the most likely token each time. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.8")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draws from the most likely tokens that have this much probability together."
                    + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.95")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of the draws. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1")
    private long seed;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description = "State of the sequence: read where it exists, written at the end.")
    private String state = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting over those of the run that changes no parameter, for example"
                    + " model.in-context.blocks=2. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (tokens < 0) {
            throw new UserException("--tokens must be >= 0, got " + tokens);
        }
        requireWritable();
        Sampler sampler = sampler();
        Configuration hadoop = SparkSessions.hadoop();
        PrintWriter err = spec.commandLine().getErr();
        try (TrainedModel model = TrainedModel.newest(checkpoint, data, overrides, hadoop, -1, err);
                WrittenText text = resume(model)) {
            String written = text.continueWith(model, prompt, tokens, sampler);
            spec.commandLine().getOut().println(prompt + written);
            if (!state.isEmpty()) {
                org.apache.hadoop.fs.Path file =
                        new org.apache.hadoop.fs.Path(Path.of(state).toUri());
                WholeFile.write(file.getFileSystem(hadoop), file, text.save(model));
            }
        }
        return 0;
    }

    /** Before the work, whose result would be lost. */
    private void requireWritable() {
        Path file = Path.of(state).toAbsolutePath();
        Path folder = file.getParent();
        if (!state.isEmpty() && (folder == null || !Files.isWritable(folder) || Files.isDirectory(file))) {
            throw new UserException("--state " + state + " cannot be written: name a file in a folder that exists and"
                    + " that you may write to");
        }
    }

    private Sampler sampler() {
        try {
            return new Sampler(temperature, topP, seed);
        } catch (IllegalArgumentException e) {
            throw new UserException("--" + e.getMessage(), e);
        }
    }

    private WrittenText resume(TrainedModel model) {
        if (state.isEmpty()) {
            return WrittenText.begin(model);
        }
        try {
            return WrittenText.read(Files.readAllBytes(Path.of(state)), model);
        } catch (NoSuchFileException e) {
            return WrittenText.begin(model);
        } catch (UserException e) {
            throw new UserException("--state " + state + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UserException("--state " + state + ": " + e.getMessage() + "; name another file", e);
        }
    }
}
