package org.hopespark.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.Settings;
import org.hopespark.data.io.Storage;
import org.hopespark.jobs.corpus.CorpusJob;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.jobs.schedule.ScheduledRun;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code corpus build}: collected documents to those that are worth training on. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Filters a corpus and removes its duplicates, step by step.",
            "",
            "Every step has a folder below output, with the documents it keeps (kept/), those it removes with the reason"
                    + " (removed/), both as Parquet, and its counts (step.json). If it is interrupted, run the same"
                    + " command again: finished parts are kept. 'data prepare --input OUTPUT/LAST-STEP/kept' packs the result.",
            ""
        },
        footer = {
            "",
            "Settings (in the file, or with --set): inputs, earlier, output, max-bad, steps. Steps: filter (with stages),"
                    + " exact-duplicates, near-duplicates, mixture (with weights). Of each input: path, name, format,"
                    + " text-column, text-template, id-column, split, entries, as the options of 'data prepare' say.",
            "",
            "For nightly crawls give each run its own output and list the previous ones under 'earlier': their duplicates"
                    + " are removed, too, and 'data prepare --append' adds the night to a data set.",
            "",
            "Example of a file:",
            "  inputs: [{path: 'crawl/*.warc.gz'}, {path: books}]",
            "  output: corpus",
            "  steps:",
            "    - filter: {stages: [normalise, gopher-quality, gopher-repetition]}",
            "    - exact-duplicates",
            "    - near-duplicates: {bands: 14, rows: 8}"
        })
public final class CorpusCommand implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "YAML file of settings.")
    private String config = "";

    @Option(
            names = "--max-bad",
            paramLabel = "N",
            defaultValue = "-1",
            description = "Stop if more rows than these cannot be read. Default: leave them out, however many; a step's"
                    + " removed/ says where they are and why.")
    private long maxBad = -1;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting over those of the file; may be repeated.")
    private List<String> overrides = List.of();

    @Option(
            names = "--scheduled",
            description =
                    "Exit with 10 if there was nothing to do: no file has come, or all was done before, though later"
                            + " runs are among the earlier ones by now. Exit with 11 if rows were left out.")
    private boolean scheduled;

    @Override
    public Integer call() {
        Settings settings =
                Settings.read(UserFiles.config(config)).with(maxBad < 0 ? List.of() : List.of("max-bad=" + maxBad));
        CorpusConfig resolved = CorpusConfig.of(settings.with(overrides));
        System.out.println(Settings.print(resolved));
        if (scheduled && Outcome.isQuiet(resolved.inputs(), new Storage(SparkSessions.hadoop()), System.out)) {
            return Outcome.NOTHING_TO_DO.exitCode();
        }
        SparkSession session = SparkSessions.ordinary("hope corpus build " + resolved.output());
        CorpusJob job = new CorpusJob(session, resolved, System.out);
        CorpusJob.Earlier earlier = scheduled ? CorpusJob.Earlier.HAD_ITS_TIME : CorpusJob.Earlier.MATTERS;
        Outcome outcome = ScheduledRun.of(
                session, "corpus", resolved.output(), () -> job.run(earlier).outcome());
        System.out.println("kept: " + job.folderOf(resolved.steps().size() - 1) + "/kept");
        return scheduled ? outcome.exitCode() : outcome.plainExitCode();
    }
}
