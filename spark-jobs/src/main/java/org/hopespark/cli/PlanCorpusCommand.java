package org.hopespark.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.corpus.MeasuredPipeline;
import org.hopespark.jobs.plan.CorpusPlan;
import org.hopespark.jobs.plan.CorpusSample;
import org.hopespark.jobs.plan.Quantity;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code corpus plan}: what preparing a corpus will give and cost, from a sample of it. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs the steps of a corpus pipeline, and packing, on a sample of its files, on one core of this machine, and"
                    + " estimates what the whole will give and cost: tokens, disk, core-hours of each step, time.",
            "The sample is run twice, and the second time counts. Nothing is written but a temporary folder."
        })
public final class PlanCorpusCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "YAML file, as corpus reads it.")
    private String config = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting over those of the file; may be repeated.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "A file, a folder or a pattern to take the sample from, instead of the inputs in the file.")
    private String input = "";

    @Option(
            names = "--sample",
            paramLabel = "SIZE",
            description = "Files to run, at least one, as they are on disk. Default: ${DEFAULT-VALUE}.",
            defaultValue = "64MB")
    private String sampleSize = "";

    @Option(
            names = "--total",
            paramLabel = "SIZE",
            description = "The whole corpus, as it is on disk, such as 40TB. Default: all files of the inputs.")
    private Optional<String> total = Optional.empty();

    @Option(
            names = "--cores",
            paramLabel = "N",
            description = "Of the cluster. Default: ${DEFAULT-VALUE}.",
            defaultValue = "64")
    private int cores;

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME",
            description = "As prepare has them. Default: ${DEFAULT-VALUE}.",
            defaultValue = "gpt2")
    private String tokenizer = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (!input.isEmpty()) {
            overrides.add("inputs=[{path: '" + input + "'}]");
        }
        // the plan's own folder takes the place of the output
        CorpusConfig pipeline = CorpusConfig.of(Settings.read(UserFiles.config(config))
                .with(List.of("output=plan"))
                .with(overrides));
        List<InputFile> all = InputFile.list(pipeline.inputs(), new Storage(SparkSessions.hadoop()));
        CorpusSample sample = CorpusSample.of(all, quantity("--sample", sampleSize));
        double totalBytes = total.map(size -> quantity("--total", size)).orElse((double) sample.allBytes());
        if (cores < 1) {
            throw new UserException("--cores must be >= 1, got " + cores);
        }
        Path scratch = Files.createTempDirectory("hope-plan");
        measure(sample.config(pipeline, scratch.resolve("warm-up").toString()));
        MeasuredPipeline.Result measured =
                measure(sample.config(pipeline, scratch.resolve("measured").toString()));
        CorpusPlan plan = new CorpusPlan(config, sample, measured, totalBytes, cores, tokenizer);
        PrintWriter out = spec.commandLine().getOut();
        plan.text().forEach(out::println);
        out.flush();
        if (!json.isEmpty()) {
            UserFiles.writeJson(json, plan.json());
        }
        return 0;
    }

    private static double quantity(String option, String text) {
        try {
            return Quantity.bytes(option, text);
        } catch (IllegalArgumentException e) {
            throw new UserException(String.valueOf(e.getMessage()), e);
        }
    }

    private MeasuredPipeline.Result measure(CorpusConfig pipeline) {
        SparkSession session = SparkSession.builder()
                .appName("hope plan-corpus")
                .master("local[1]")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.ui.enabled", "false")
                .getOrCreate();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new MeasuredPipeline(session, pipeline, tokenizer, nowhere).run(() -> {});
    }
}
