package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.shard.Manifest;
import org.hopespark.jobs.evaluate.EvaluateJob;
import org.hopespark.jobs.evaluate.HopeCellRunner;
import org.hopespark.jobs.evaluate.Sweep;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.pretrain.PretrainJob;
import org.hopespark.jobs.report.RunReport;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.jobs.spark.SparkSources;
import org.hopespark.model.Sampler;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.HeldOut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code quickstart}: prepares a corpus, trains Hope on it, evaluates every checkpoint and reports. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = "Prepares Apache Spark's source code, trains a small Hope on it, evaluates and reports.")
public final class QuickstartCommand implements Callable<Integer> {
    private static final String PROMPT = "/**\n * Returns ";

    @Option(
            names = "--corpus",
            paramLabel = "FOLDER",
            description = "Folder of source jars. Default: the sources of Spark, which the build has fetched.")
    private String corpus = "";

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description = "Where everything goes. Default: ${DEFAULT-VALUE}.",
            defaultValue = "runs/quickstart")
    private String output = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting of the training run.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--validation-rows",
            paramLabel = "N",
            description = "Held-out rows to evaluate on, 0 for all. Default: ${DEFAULT-VALUE}.",
            defaultValue = "64")
    private int validationRows;

    @Override
    public Integer call() throws IOException {
        RunConfig config = RunConfig.read("quickstart", overrides);
        SparkSession spark = SparkSessions.forGang("hope quickstart " + output, config.cluster());
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        String data = output + "/data";
        String run = output + "/run";

        Manifest manifest = PrepareJob.run(spark, corpus(config, data), System.out);
        new PretrainJob(spark, config, data, run, System.out).run();

        EvaluationSettings settings = EvaluationSettings.DEFAULT.withLimit(validationRows);
        List<String> failures = new EvaluateJob(
                        spark, new HopeCellRunner(), new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .run(new Sweep(run, List.of(HeldOut.TASK), List.of(), data, run + "/evaluation", settings));
        report(hadoop, config, manifest, data, run);
        if (failures.isEmpty()) {
            return 0;
        }
        System.err.println("hope quickstart: the evaluation failed: " + String.join("; ", failures));
        return 1;
    }

    /**
     * Without its Java sources: four fifths of them are two generated files, which some slots would read all the time.
     */
    private PrepareConfig corpus(RunConfig config, String data) {
        String folder = corpus.isEmpty() ? SparkSources.folder("--corpus") : corpus;
        Map<String, Object> settings = Map.of(
                "inputs",
                List.of(Map.of("path", folder + "/*-sources.jar", "format", "archive", "entries", "**/*.scala")),
                "output",
                data,
                "tokenizer",
                "bytes",
                "sequence-tokens",
                config.model().contextTokens(),
                "align-tokens",
                config.model().alignTokens(),
                "lanes",
                8,
                "seed",
                config.seed());
        return PrepareConfig.of(new Settings("quickstart corpus", settings));
    }

    private void report(Configuration hadoop, RunConfig config, Manifest manifest, String data, String run)
            throws IOException {
        Checkpoint last = new CheckpointStore(RunFolder.checkpoints(run), hadoop)
                .newestValid()
                .orElseThrow();
        try (TrainedModel model = new TrainedModel(last.location(), data, hadoop)) {
            HeldOut.Sums sums = model.heldOut(validationRows).sums();
            String sample = model.continueText(PROMPT, 240, new Sampler(0.7, 0.95, config.seed()));
            RunFolder.addEvaluation(run, hadoop, last.step(), sums, PROMPT, sample);
            System.out.printf("%nsample after %d steps:%n%s%s%n", last.step(), PROMPT, sample);
            System.out.printf(
                    Locale.ROOT,
                    "%nvalidation: %.3f bits per byte after %d steps; a unigram model of the same corpus has %s%n",
                    sums.bitsPerByte(),
                    last.step(),
                    manifest.unigramBits().isPresent()
                            ? String.format(
                                    Locale.ROOT, "%.3f", manifest.unigramBits().getAsDouble())
                            : "none");
        }
        Path report = RunReport.write(new Path(run), new TextFiles(hadoop));
        System.out.println("report: " + report);
    }
}
