package org.hopespark.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.jobs.schedule.ScheduledRun;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code prepare}: corpus to data set. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Turns a corpus into packed token ids that any number of workers trains on.",
            "",
            "Reads text files (a document each, or cut by --split), web pages, rows with a column of texts (JSON lines,"
                    + " JSON arrays, CSV, TSV, Parquet, Arrow streams), zip or jar archives, and crawls (WARC, ARC, WET),"
                    + " compressed with gzip, zstd, bzip2 or xz, from any file system that Hadoop knows. In folders"
                    + " licences are skipped, and beside rows README.md. The result is the same on any number of cores."
                    + " If it is interrupted, run the same command again: finished lanes are kept.",
            ""
        },
        footer = {
            "",
            "Settings (in the file, or with --set): inputs, stages, output, tokenizer, sequence-tokens, align-tokens,"
                    + " lanes, seed, validation-fraction, max-bad. Of each input: path, name, format, text-column,"
                    + " text-template, id-column, split, entries. Where validation-fraction chooses no document to hold"
                    + " out, it is the one with the lowest key.",
            "",
            "Example:",
            "  data prepare --input 'corpus/*.jsonl.zst' --output data --tokenizer gpt2 --set sequence-tokens=1024",
            "  data prepare --input TinyStories.txt --split '<|endoftext|>' --output data",
            "  data prepare --input alpaca --text-template '{instruction}\\n{input}\\n{output}' --output data"
        })
public final class PrepareCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "",
            description = "YAML file of settings; without it, the defaults.")
    private String config = "";

    @Mixin
    private InputOptions inputs = new InputOptions();

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            defaultValue = "",
            description = "Folder of the data set; new, or one that this command with these settings began.")
    private String output = "";

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME",
            defaultValue = "",
            description = "bytes, gpt2, cl100k, sentencepiece:PATH/tokenizer.model, or huggingface:PATH/tokenizer.json;"
                    + " #TOKEN behind the path of the last names the added token that marks documents.")
    private String tokenizer = "";

    @Option(
            names = "--max-bad",
            paramLabel = "N",
            defaultValue = "-1",
            description =
                    "Stop if more rows than these cannot be read. Default: leave them out, however many; the folder's"
                            + " _bad/rows.jsonl says where they are and why.")
    private long maxBad = -1;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting over those of the file; may be repeated.")
    private List<String> overrides = List.of();

    @Option(
            names = "--scheduled",
            description = "Exit with 10 if there was nothing to do, which is also when no file has come, and 11 if rows"
                    + " were left out.")
    private boolean scheduled;

    @Option(
            names = "--append",
            description = "Add what is new or has changed in the inputs as a snapshot; what was read before is not read"
                    + " again. The states stay readable as FOLDER@1, FOLDER@2. A file that is there no longer stays in"
                    + " the data set.")
    private boolean append;

    @Option(
            names = "--rehash",
            description = "With --append: read all inputs to see whether they have changed, not only those with another"
                    + " length or time of writing.")
    private boolean rehash;

    private PrepareJob.Inputs coming() {
        if (rehash && !append) {
            throw new UserException("--rehash goes with --append: without it all inputs are read anyway");
        }
        return rehash
                ? PrepareJob.Inputs.OVER_TIME_READ_AGAIN
                : append ? PrepareJob.Inputs.OVER_TIME : PrepareJob.Inputs.ALL_AT_ONCE;
    }

    @Override
    public Integer call() {
        PrepareJob.Inputs coming = coming();
        PrepareConfig resolved = resolve();
        System.out.println(Settings.print(resolved));
        // what can be refused is refused before there is a cluster
        Storage storage = new Storage(SparkSessions.hadoop());
        if (scheduled && Outcome.isQuiet(resolved.inputs(), storage, System.out)) {
            return Outcome.NOTHING_TO_DO.exitCode();
        }
        List<InputFile> files = PrepareJob.inputs(resolved, storage, System.out);
        SparkSession session = SparkSessions.ordinary("hope data prepare " + resolved.output());
        Outcome outcome = ScheduledRun.of(
                session,
                "prepare",
                resolved.output(),
                () -> PrepareJob.prepare(session, resolved, files, coming, System.out)
                        .outcome());
        return scheduled ? outcome.exitCode() : outcome.plainExitCode();
    }

    PrepareConfig resolve() {
        Settings file =
                config.isEmpty() ? new Settings("command line", Map.of()) : Settings.read(UserFiles.config(config));
        Map<String, Object> tree = new LinkedHashMap<>(file.tree());
        List<Map<String, Object>> given = inputs.settings();
        if (!given.isEmpty()) {
            tree.put("inputs", given);
        }
        if (!output.isEmpty()) {
            tree.put("output", output);
        }
        if (!tokenizer.isEmpty()) {
            tree.put("tokenizer", tokenizer);
        }
        if (maxBad >= 0) {
            tree.put("max-bad", maxBad);
        }
        return PrepareConfig.of(new Settings(file.source(), tree).with(overrides));
    }
}
