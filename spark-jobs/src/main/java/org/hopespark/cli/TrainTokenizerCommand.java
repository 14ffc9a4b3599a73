package org.hopespark.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.TextColumns;
import org.hopespark.data.tokenizer.TrainedTokenizer;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.jobs.tokenizer.TrainTokenizerJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tokenizer train}: corpus to tokenizer. */
@Command(
        name = "train",
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
            "  tokenizer train --input 'corpus/*.jsonl.zst' --vocabulary-size 32000 --output tokenizer",
            "  data prepare --input 'corpus/*.jsonl.zst' --output data --tokenizer huggingface:tokenizer/tokenizer.json"
        })
public final class TrainTokenizerCommand implements Callable<Integer> {
    @Mixin
    private InputOptions inputs = new InputOptions();

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
        List<InputFile> files = InputFile.list(inputs.inputs(), storage, System.out::println);
        TextColumns.require(files, storage);
        String file = TrainedTokenizer.write(
                job.run(SparkSessions.ordinary("hope tokenizer train " + output), files, System.out), output, storage);
        System.out.println("wrote " + file + "; use it with --tokenizer huggingface:" + file);
        return 0;
    }
}
