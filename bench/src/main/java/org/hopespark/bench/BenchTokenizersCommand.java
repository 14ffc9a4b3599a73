package org.hopespark.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench tokenizers}: the tokenizers of this program beside those of others. */
@Command(
        name = "tokenizers",
        mixinStandardHelpOptions = true,
        description = "Measures the tokenizers on one thread beside jtokkit and Hugging Face's library, and compares"
                + " their ids.")
final class BenchTokenizersCommand implements Callable<Integer> {
    @Option(
            names = "--input",
            paramLabel = "PATH",
            description =
                    "Text to tokenize, in any format that prepare reads, the first 16 MB of it. Default: the sources of Spark.")
    private String input = "";

    @Override
    public Integer call() throws IOException {
        DataBenchmarks.tokenizers(
                        Sample.read(input, BenchCommand.SAMPLE_CHARACTERS), Files.createTempDirectory("hope-bench"))
                .forEach(row -> System.out.printf("%-72s %12.3f %s%n", row.name(), row.value(), row.unit()));
        return 0;
    }
}
