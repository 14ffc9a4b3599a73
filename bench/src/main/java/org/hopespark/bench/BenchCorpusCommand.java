package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.hopespark.bench.SyntheticCorpus.Written;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.source.Document;
import org.hopespark.jobs.corpus.MeasuredPipeline;
import org.hopespark.jobs.corpus.MeasuredPipeline.Result;
import org.hopespark.jobs.corpus.MeasuredPipeline.Step;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench corpus}: the whole pipeline on much text, with one executor and with more. */
@Command(
        name = "corpus",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a corpus of any size out of the paragraphs of real text, and measures the steps from files to shards"
                    + " on it: filters, exact and near duplicates, packing.",
            "A known share of the documents are near duplicates; the table says how many were found. Executors have"
                    + " one core each, and memory as ./hope gives it to them."
        })
public final class BenchCorpusCommand implements Callable<Integer> {
    private static final long SAMPLE_CHARACTERS = 16_000_000;
    private static final int CONTAINER_MIB = 3072;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "Text to take paragraphs from, the first 16 MB of it. Default: the sources of Spark.")
    private String input = "";

    @Option(
            names = "--gigabytes",
            paramLabel = "N",
            description = "Text to make, 10^9 bytes. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.2")
    private double gigabytes;

    @Option(
            names = "--scaling",
            paramLabel = "N",
            split = ",",
            description = "Numbers of executors to run with. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1,2")
    private List<Integer> executors = List.of();

    @Option(
            names = "--duplicates",
            paramLabel = "SHARE",
            description = "Documents that are near duplicates. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.1")
    private double duplicates;

    @Option(names = "--seed", paramLabel = "N", description = "Of the corpus. Default: 1.", defaultValue = "1")
    private long seed;

    @Option(
            names = "--steps",
            paramLabel = "YAML",
            description = "The pipeline, as in the settings of corpus. Default: ${DEFAULT-VALUE}.",
            defaultValue = "[filter: {stages: [normalise, gopher-quality, gopher-repetition, pii]}, exact-duplicates,"
                    + " near-duplicates]")
    private String steps = "";

    @Option(
            names = "--work",
            paramLabel = "FOLDER",
            description = "Where corpus and results lie, twice to thrice as large as the corpus. Default: a temporary"
                    + " folder, which goes with the command.")
    private String work = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ArrayNode rows = new ObjectMapper().createArrayNode();

    @Override
    public Integer call() throws IOException {
        if (executors.stream().anyMatch(n -> n < 1)) {
            throw new UserException("--scaling wants numbers of executors from 1 on, got " + executors);
        }
        Path folder = work.isEmpty()
                ? Files.createTempDirectory("hope-bench")
                : Files.createDirectories(Path.of(work)).toAbsolutePath();
        Written corpus = corpus(folder.resolve("corpus"));
        List<Double> seconds = new ArrayList<>();
        for (int n : executors) {
            seconds.add(run(n, corpus, folder));
        }
        for (int i = 1; i < seconds.size(); i++) {
            print(
                    "from %d to %d executors: %.2f times the speed",
                    executors.get(0), executors.get(i), seconds.get(0) / seconds.get(i));
        }
        if (!json.isEmpty()) {
            Files.writeString(
                    Path.of(json),
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(rows));
        }
        return 0;
    }

    private Written corpus(Path folder) throws IOException {
        List<Document> sample = Sample.first(Sample.read(input, SAMPLE_CHARACTERS), SAMPLE_CHARACTERS);
        long begin = System.nanoTime();
        Written corpus = new SyntheticCorpus(sample, seed, duplicates).write((long) (gigabytes * 1e9), folder);
        print(
                "corpus: %,d documents, %,.1f MB, in %d files; %,d near duplicates planted; made in %.0f s",
                corpus.documents(),
                corpus.bytes() * 1e-6,
                corpus.files(),
                corpus.planted(),
                (System.nanoTime() - begin) * 1e-9);
        return corpus;
    }

    private double run(int n, Written corpus, Path folder) {
        CorpusConfig config = CorpusConfig.of(Settings.parse(
                "bench corpus",
                "{inputs: [{path: '" + folder.resolve("corpus") + "'}], output: '" + folder.resolve("with-" + n)
                        + "', steps: " + steps + "}"));
        List<Long> peaks = new ArrayList<>();
        Result result = new MeasuredPipeline(
                        session(n), config, "gpt2", new PrintStream(OutputStream.nullOutputStream()))
                .run(() -> peaks.addAll(PeakMemory.ofExecutors()));
        print("");
        print(
                "| %d executors | documents kept | MB kept | seconds | MB/s | task seconds | shuffled, MB | disk, MB |",
                n);
        print("|---|---|---|---|---|---|---|---|");
        double all = 0;
        long bytesIn = corpus.bytes();
        for (Step step : result.steps()) {
            row(n, step, bytesIn);
            all += step.seconds();
            bytesIn = step.bytesOut();
        }
        print("| all | | | %.1f | %.2f | | | |", all, corpus.bytes() * 1e-6 / all);
        print("%,d tokens, %.3f bytes on disk each", result.tokens(), (double) result.shardBytes() / result.tokens());
        print(
                "most memory: executors %s; driver %.2f GiB",
                peaks.stream().map(BenchCorpusCommand::gibibytes).toList(),
                PeakMemory.ofThisProcess().orElse(0) / 0x1p30);
        print(
                "duplicates removed: %,d; planted: %,d, some of which the filter has taken",
                duplicatesOf(result), corpus.planted());
        spec.commandLine().getOut().flush();
        rows.addObject().put("executors", n).put("seconds", all).put("bytes", corpus.bytes());
        ArrayNode memory = ((ObjectNode) rows.get(rows.size() - 1)).putArray("peak-bytes");
        peaks.forEach(memory::add);
        return all;
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f GiB", bytes / 0x1p30);
    }

    private static long duplicatesOf(Result result) {
        return result.steps().stream()
                .filter(step -> step.name().contains("duplicates"))
                .mapToLong(step -> step.documentsIn() - step.documentsOut())
                .sum();
    }

    private void row(int n, Step step, long bytesIn) {
        print(
                "| %s | %,d of %,d | %,.1f | %.1f | %.2f | %.1f | %,.1f | %,.1f |",
                step.name(),
                step.documentsOut(),
                step.documentsIn(),
                step.bytesOut() * 1e-6,
                step.seconds(),
                bytesIn * 1e-6 / step.seconds(),
                step.taskSeconds(),
                step.shuffleBytes() * 1e-6,
                step.diskBytes() * 1e-6);
        rows.addObject()
                .put("executors", n)
                .put("step", step.name())
                .put("documents", step.documentsOut())
                .put("bytes-in", bytesIn)
                .put("bytes-out", step.bytesOut())
                .put("seconds", step.seconds())
                .put("task-seconds", step.taskSeconds())
                .put("shuffle-bytes", step.shuffleBytes())
                .put("disk-bytes", step.diskBytes());
    }

    private static SparkSession session(int executors) {
        return SparkSession.builder()
                .appName("hope bench corpus")
                .master("local-cluster[" + executors + ",1," + CONTAINER_MIB + "]")
                .getOrCreate();
    }

    private void print(String format, Object... values) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
    }
}
