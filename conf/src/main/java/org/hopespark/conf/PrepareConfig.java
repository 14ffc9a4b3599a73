package org.hopespark.conf;

import java.io.Serializable;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What {@code prepare} reads and how it packs it.
 *
 * @param inputs the corpus
 * @param stages what happens to each document between reading and tokenizing, in order
 * @param output folder of the data set
 * @param tokenizer {@code bytes}, {@code gpt2}, {@code cl100k}, {@code sentencepiece:PATH}, or
 *     {@code huggingface:PATH}, optionally with {@code #TOKEN}, the added token that marks documents
 * @param sequenceTokens S, tokens of a training sequence
 * @param alignTokens documents start at multiples of it; divides {@code sequenceTokens}
 * @param lanes files into which documents are dealt
 * @param seed of the order of documents
 * @param validationFraction part of the documents that is held out
 * @param maxBad rows that may be unreadable; they are skipped and reported; -1 for any number
 */
public record PrepareConfig(
        List<Input> inputs,
        List<StageConfig> stages,
        String output,
        String tokenizer,
        int sequenceTokens,
        int alignTokens,
        int lanes,
        long seed,
        double validationFraction,
        long maxBad) {
    static final PrepareConfig DEFAULT = new PrepareConfig(List.of(), List.of(), "", "gpt2", 512, 64, 16, 1, 0.005, -1);

    /** How the documents of a file are told apart; {@code auto} goes by the file's name. */
    public enum Format {
        AUTO,
        TEXT,
        HTML,
        JSONL,
        PARQUET,
        ARCHIVE,
        WARC,
        CSV,
        TSV,
        JSON,
        ARROW
    }

    /**
     * Files of one kind.
     *
     * @param path a file, a folder (taken with all below it) or a pattern, on any file system that Hadoop knows
     * @param name what documents call it, instead of the last part of {@code path}; part of a document's identity
     * @param format how to read it
     * @param textColumn column that holds the text, where documents are rows; {@code a.b} is column b in column a
     * @param idColumn column that identifies the document; where it is absent, the number of the row does
     * @param entries pattern of the entries of an {@code archive} that are documents
     * @param split how a {@code text} is cut into documents: {@code lines}, {@code blank-lines}, or what stands between
     *     two documents; empty if a file is one
     * @param textTemplate joins several columns, each named in braces, to the text, instead of {@code textColumn};
     *     empty if there is one
     */
    public record Input(
            String path,
            String name,
            Format format,
            String textColumn,
            String idColumn,
            String entries,
            String split,
            String textTemplate)
            implements Serializable {
        /** Value of {@code split}: each line is a document. */
        public static final String LINES = "lines";

        /** Value of {@code split}: documents have blank lines between them. */
        public static final String BLANK_LINES = "blank-lines";

        static final Input DEFAULT = new Input("", "", Format.AUTO, "text", "id", "**", "", "");

        /** Files whose documents are whole texts, entries, or one column of rows. */
        public Input(String path, String name, Format format, String textColumn, String idColumn, String entries) {
            this(path, name, format, textColumn, idColumn, entries, "", "");
        }

        public Input {
            Checks checks = new Checks();
            checks.that(!textColumn.isBlank(), "text-column must not be empty");
            checks.that(!idColumn.isBlank(), "id-column must not be empty");
            checks.that(!entries.isBlank(), "entries must not be empty; ** takes all");
            if (!textTemplate.isEmpty()) {
                TextTemplate.of(textTemplate);
                checks.that(textColumn.equals("text"), "text-template and text-column exclude each other, got both");
            }
            checks.done();
        }

        /** How a row becomes a text. */
        public TextTemplate text() {
            return textTemplate.isEmpty() ? TextTemplate.ofColumn(textColumn) : TextTemplate.of(textTemplate);
        }

        /** What stands between two documents of a text that is cut neither by lines nor by blank ones. */
        public String separator() {
            return TextTemplate.unescaped(split);
        }

        /** What is at a path, read as its name says. */
        public static Input at(String path) {
            return DEFAULT.at(path, "", Format.AUTO);
        }

        /** The same elsewhere, called differently and in another format. */
        public Input at(String place, String called, Format as) {
            return new Input(place, called, as, textColumn, idColumn, entries, split, textTemplate);
        }
    }

    public PrepareConfig {
        Checks checks = new Checks();
        inputs = List.copyOf(inputs);
        stages = List.copyOf(stages);
        checks.that(sequenceTokens >= 2, "sequence-tokens must be >= 2, got " + sequenceTokens);
        checks.that(
                alignTokens >= 1 && sequenceTokens % alignTokens == 0,
                "align-tokens must divide sequence-tokens " + sequenceTokens + ", got " + alignTokens);
        checks.that(lanes >= 1, "lanes must be >= 1, got " + lanes);
        checks.that(
                validationFraction >= 0 && validationFraction < 1,
                "validation-fraction must lie in 0..1, 1 excluded, got " + validationFraction);
        checks.that(maxBad >= -1, "max-bad must be >= 0, or -1 for any number, got " + maxBad);
        checks.done();
    }

    /** Unreadable rows that may be left out. */
    public long mostBad() {
        return maxBad < 0 ? Long.MAX_VALUE : maxBad;
    }

    /** The same with its inputs and its output elsewhere, or called differently. */
    public PrepareConfig withPlaces(UnaryOperator<String> place) {
        return new PrepareConfig(
                inputs.stream()
                        .map(input -> input.at(place.apply(input.path), input.name, input.format))
                        .toList(),
                stages,
                place.apply(output),
                tokenizer,
                sequenceTokens,
                alignTokens,
                lanes,
                seed,
                validationFraction,
                maxBad);
    }

    /** Reads settings of which {@code inputs} and {@code output} are required. */
    public static PrepareConfig of(Settings settings) {
        PrepareConfig config = settings.bind(PrepareConfig.class);
        if (config.inputs.isEmpty() || config.inputs.stream().anyMatch(input -> input.path.isBlank())) {
            throw new UserException(settings.source() + ": every one of inputs needs a path, and there must be one"
                    + " (inputs: [{path: ...}] in the file, or --input PATH)");
        }
        if (config.output.isBlank()) {
            throw new UserException(settings.source() + ": output must name a folder (or --output FOLDER)");
        }
        return config;
    }
}
