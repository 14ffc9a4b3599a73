package org.hopespark.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import picocli.CommandLine.Option;

/** What a command reads, and how. */
public final class InputOptions {
    @Option(
            names = "--input",
            paramLabel = "PATH",
            description =
                    "File, folder or pattern to read; may be repeated; replaces the inputs of the file of settings.")
    private List<String> inputs = List.of();

    @Option(
            names = "--format",
            paramLabel = "NAME",
            defaultValue = "",
            description =
                    "text, html, jsonl, json, csv, tsv, parquet, arrow, archive or warc, for files given with --input"
                            + " whose names do not show it. Default: what the ending says, such as .txt, .jsonl.zst or .csv.gz.")
    private String format = "";

    @Option(
            names = "--text-column",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Column of the texts, in files of rows given with --input (JSON, CSV, TSV, Parquet, Arrow);"
                    + " a.b is column b in column a. Default: text.")
    private String textColumn = "";

    @Option(
            names = "--text-template",
            paramLabel = "TEMPLATE",
            defaultValue = "",
            description =
                    "Joins several columns to the text, such as '{title}\\n{body}'; \\n is a line break, \\t a tab. A"
                            + " column without a value is an empty one.")
    private String textTemplate = "";

    @Option(
            names = "--split",
            paramLabel = "HOW",
            defaultValue = "",
            description =
                    "Cuts each text file given with --input into documents: lines, blank-lines, or what stands between"
                            + " two documents, such as '<|endoftext|>' or '\\n***\\n'. Default: a file is one document.")
    private String split = "";

    @Option(
            names = "--entries",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Which entries of archives given with --input are documents, such as"
                    + " '**/*.{java,scala}'. Default: all.")
    private String entries = "";

    /**
     * The inputs that the options name, as settings; none if there is no {@code --input}.
     *
     * @throws UserException if there are other options, which say how to read them
     */
    public List<Map<String, Object>> settings() {
        Map<String, Object> given = new LinkedHashMap<>();
        put(given, "format", format);
        put(given, "text-column", textColumn);
        put(given, "text-template", textTemplate);
        put(given, "split", split);
        put(given, "entries", entries);
        if (inputs.isEmpty() && !given.isEmpty()) {
            String name = given.keySet().iterator().next();
            throw new UserException(
                    "--" + name + " goes with --input; an input of a file of settings has its own " + name);
        }
        return inputs.stream()
                .map(path -> {
                    Map<String, Object> input = new LinkedHashMap<>(given);
                    input.put("path", path);
                    return input;
                })
                .toList();
    }

    /**
     * The same, for a command that has no file of settings.
     *
     * @throws UserException if there is none
     */
    public List<Input> inputs() {
        return PrepareConfig.of(new Settings("command line", Map.of("inputs", settings(), "output", "-")))
                .inputs();
    }

    private static void put(Map<String, Object> into, String name, String value) {
        if (!value.isEmpty()) {
            into.put(name, value);
        }
    }
}
