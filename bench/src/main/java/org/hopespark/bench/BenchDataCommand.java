package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.hopespark.bench.DataBenchmarks.Result;
import org.hopespark.conf.UserException;
import org.hopespark.data.source.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench data}: what one core prepares of data, beside the goals. */
@Command(
        name = "data",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures on one core, the fastest of some rounds each: readers, filters, the search for duplicates in"
                    + " Spark's own tasks, tokenizers, and shards.",
            "Readers, filters and duplicates get the text in pages of 4,000 characters; MB are of UTF-8 text, but where"
                    + " shards are verified, of their files. The ids of tokenizers are compared, and others than"
                    + " Hugging Face's library has are an error."
        })
public final class BenchDataCommand implements Callable<Integer> {
    private static final int PAGE_CHARACTERS = 4_000;
    private static final long TOKENIZER_CHARACTERS = 4_000_000;
    private static final String GPT2 = "tokenize gpt2";

    @Option(
            names = "--input",
            paramLabel = "PATH",
            description = "English text, in any format that prepare reads. Default: the sources of Spark.")
    private String input = "";

    @Option(
            names = "--code",
            paramLabel = "PATH",
            description = "Source code to tokenize, too. Default: the sources of Spark.")
    private String code = "";

    @Option(names = "--multilingual", paramLabel = "PATH", description = "Text in many languages to tokenize, too.")
    private String multilingual = "";

    @Option(
            names = "--megacharacters",
            paramLabel = "N",
            description = "Million characters to take of the input, from its beginning. Default: ${DEFAULT-VALUE}.",
            defaultValue = "16")
    private double megacharacters;

    @Option(
            names = "--parts",
            paramLabel = "NAME",
            split = ",",
            description = "What to measure. Default: ${DEFAULT-VALUE}.",
            defaultValue = "readers,filters,duplicates,tokenizers,shards")
    private Set<String> parts = Set.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<Figure> figures = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Set<String> known = Set.of("readers", "filters", "duplicates", "tokenizers", "shards");
        if (!known.containsAll(parts)) {
            throw new UserException("--parts wants some of " + new TreeSet<>(known) + ", got " + parts);
        }
        Path scratch = Files.createTempDirectory("hope-bench");
        List<Document> documents =
                Sample.first(Sample.read(input, (long) (megacharacters * 1e6)), (long) (megacharacters * 1e6));
        List<Document> pages = Sample.pages(documents, PAGE_CHARACTERS);
        PrintWriter out = spec.commandLine().getOut();
        out.println(Figure.header());
        if (parts.contains("readers")) {
            add(ReaderFigures.of(pages, scratch));
        }
        if (parts.contains("filters")) {
            add(FilterFigures.of(pages, scratch));
        }
        if (parts.contains("duplicates")) {
            add(DuplicateFigures.of(pages, scratch));
        }
        if (parts.contains("tokenizers")) {
            tokenizers(documents, scratch);
        }
        if (parts.contains("shards")) {
            add(DataBenchmarks.shards(documents, "gpt2", scratch).stream()
                    .map(BenchDataCommand::withGoal)
                    .toList());
        }
        writeJson();
        return 0;
    }

    private void tokenizers(List<Document> documents, Path scratch) throws IOException {
        tokenizers(documents, "English", scratch);
        tokenizers(Sample.read(code, TOKENIZER_CHARACTERS), "code", scratch);
        if (!multilingual.isEmpty()) {
            tokenizers(Sample.read(multilingual, TOKENIZER_CHARACTERS), "multilingual", scratch);
        }
    }

    private void tokenizers(List<Document> documents, String what, Path scratch) {
        List<Result> results = DataBenchmarks.tokenizers(Sample.first(documents, TOKENIZER_CHARACTERS), scratch);
        add(results.stream()
                .map(BenchDataCommand::withGoal)
                .map(figure -> new Figure(
                        figure.name() + ", " + what,
                        figure.value(),
                        figure.unit(),
                        figure.name().equals(GPT2) && !what.equals("English") ? 0 : figure.goal()))
                .toList());
    }

    private static Figure withGoal(Result result) {
        double goal = switch (result.name()) {
            case GPT2 -> 30;
            case DataBenchmarks.OF_HUGGING_FACE -> 15;
            case "write shard gpt2" -> 25;
            case "read batches gpt2" -> 120;
            case "verify gpt2" -> 300;
            default -> 0;
        };
        return new Figure(result.name(), result.value(), result.unit(), goal);
    }

    /** Shown at once: minutes of figures are not to be lost by the last one. */
    private void add(List<Figure> more) {
        PrintWriter out = spec.commandLine().getOut();
        more.forEach(figure -> out.println(figure.line()));
        out.flush();
        figures.addAll(more);
    }

    private void writeJson() throws IOException {
        if (json.isEmpty()) {
            return;
        }
        ObjectMapper mapper = new ObjectMapper();
        ArrayNode rows = mapper.createArrayNode();
        for (Figure figure : figures) {
            ObjectNode row = rows.addObject()
                    .put("name", figure.name())
                    .put("value", figure.value())
                    .put("unit", figure.unit());
            if (figure.goal() > 0) {
                row.put("goal", figure.goal());
            }
        }
        Files.writeString(Path.of(json), mapper.writerWithDefaultPrettyPrinter().writeValueAsString(rows));
    }
}
