package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.SettingsReference;
import org.hopespark.conf.UserException;
import org.hopespark.data.DataSet;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.pretrain.FittedSettings;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code config}: a configuration with every setting and what it means. */
@Command(
        name = "config",
        aliases = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a configuration in full, every setting with what it means; '--output my.yaml' writes a file to"
                    + " begin with.",
            "Names: a preset (hope-20m), a YAML file of a run, the name of one in the jar, or prepare or corpus."
        })
public final class ConfigCommand implements Callable<Integer> {
    private static final String PREPARE = "prepare";
    private static final String CORPUS = "corpus";

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE|NAME",
            defaultValue = "hope-20m",
            description = "What to print. Default: ${DEFAULT-VALUE}.")
    private String name = "";

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "A data set, from which vocabulary and context are taken as 'pretrain' does.")
    private String data = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--output", paramLabel = "FILE", description = "A new file to write, instead of printing.")
    private String output = "";

    @Option(names = "--reference", description = "Prints a table of all settings there are, in Markdown.")
    private boolean reference;

    @Option(names = "--commands", description = "Prints a page of all commands there are, in Markdown.")
    private boolean commands;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        String text = text();
        PrintWriter out = spec.commandLine().getOut();
        if (output.isEmpty()) {
            out.print(text);
            out.flush();
            return 0;
        }
        try {
            Files.writeString(Path.of(output), text, StandardOpenOption.CREATE_NEW);
        } catch (FileAlreadyExistsException e) {
            throw new UserException("--output " + output + " exists: name a new file, or remove it", e);
        }
        out.println("wrote " + output);
        return 0;
    }

    private String text() {
        if (commands) {
            return CliReference.page(spec.root().commandLine());
        }
        return reference ? SettingsReference.page() : SettingsReference.commented(config());
    }

    private Record config() {
        if (name.equals(PREPARE)) {
            return PrepareConfig.of(Settings.read(PREPARE).with(overrides));
        }
        if (name.equals(CORPUS)) {
            return CorpusConfig.of(Settings.read(CORPUS).with(overrides));
        }
        if (data.isEmpty()) {
            return RunConfig.read(UserFiles.config(name), overrides);
        }
        DataSet dataSet = DataSet.open(data, new Storage(SparkSessions.hadoop()));
        return new FittedSettings(UserFiles.config(name), overrides, dataSet).unbounded();
    }
}
