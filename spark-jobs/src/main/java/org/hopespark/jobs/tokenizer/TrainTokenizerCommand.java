package org.hopespark.jobs.tokenizer;

import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.conf.PrepareConfig.Format;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.data.InputFile;
import org.hopespark.data.Storage;
import org.hopespark.data.TextColumns;
import org.hopespark.data.TrainedTokenizer;
import org.hopespark.jobs.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code train-tokenizer}: corpus to tokenizer. */
@Command(
        name = "train-tokenizer",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Trains a byte-level byte-pair encoding on a corpus.",
            "",
            "The executors cut the texts into words as GPT-2 does and count them; the driver then merges the most"
                    + " frequent pair of tokens until there are enough. Of equally frequent pairs the one with the"
                    + " least ids is first, so the same texts give the same tokenizer on any number of cores. The"
                    + " driver keeps every distinct word in memory, some hundred bytes each: --driver-memory in front"
                    + " of the command, or --least-count, if there are many millions.",
            "",
            "The result is FOLDER/tokenizer.json, which Hugging Face's libraries load, too; id 0 is <|endoftext|>.",
            ""
        },
        footer = {
            "",
            "Example:",
            "  train-tokenizer --input 'corpus/*.jsonl.zst' --vocabulary-size 32000 --output tokenizer",
            "  prepare --input 'corpus/*.jsonl.zst' --output data --tokenizer huggingface:tokenizer/tokenizer.json"
        })
public final class TrainTokenizerCommand implements Callable<Integer> {
    @Option(
            names = "--input",
            paramLabel = "PATH",
            required = true,
            description = "File, folder or pattern to read, as in prepare; may be repeated.")
    private List<String> inputs = List.of();

    @Option(
            names = "--entries",
            paramLabel = "PATTERN",
            defaultValue = "**",
            description = "Which entries of archives are documents. Default: all.")
    private String entries = "**";

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            defaultValue = "text",
            description = "Column of the texts in JSON lines and Parquet files. Default: ${DEFAULT-VALUE}.")
    private String textColumn = "text";

    @Option(
            names = "--vocabulary-size",
            paramLabel = "N",
            required = true,
            description = "Tokens of the vocabulary, the 256 bytes and <|endoftext|> among them.")
    private int vocabularySize;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            required = true,
            description = "Where tokenizer.json goes; it must not hold one yet.")
    private String output = "";

    @Option(
            names = "--least-count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Leaves out words that occur less often, which changes the result. Default:"
                    + " ${DEFAULT-VALUE}, none.")
    private long leastCount = 1;

    @Override
    public Integer call() {
        TrainTokenizerJob job = new TrainTokenizerJob(vocabularySize, leastCount);
        // what can be refused is refused before there is a cluster
        Storage storage = new Storage(SparkSessions.hadoop());
        TrainedTokenizer.requireNew(output, storage);
        List<InputFile> files = InputFile.list(
                inputs.stream()
                        .map(path -> new Input(path, "", Format.AUTO, textColumn, "id", entries))
                        .toList(),
                storage);
        TextColumns.require(files, storage);
        String file = TrainedTokenizer.write(
                job.run(SparkSessions.ordinary("train-tokenizer"), files, System.out), output, storage);
        System.out.println("wrote " + file + "; use it with --tokenizer huggingface:" + file);
        return 0;
    }
}
