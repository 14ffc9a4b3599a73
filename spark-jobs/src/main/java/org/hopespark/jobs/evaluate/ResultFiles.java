package org.hopespark.jobs.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.hopespark.conf.RunConfig;
import org.hopespark.jobs.report.EvaluationReport;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.text.Secrets;

/** A sweep's results as a table for machines (Parquet), in lm-evaluation-harness' shape (JSON) and for people. */
final class ResultFiles {
    static final String TABLE = "results.parquet";
    static final String JSON = "results.json";
    static final String PAGE = "evaluation.html";
    static final String MARKDOWN = "results.md";

    private static final StructType SCHEMA = new StructType()
            .add("checkpoint", DataTypes.StringType, false)
            .add("task", DataTypes.StringType, false)
            .add("version", DataTypes.IntegerType, false)
            .add("metric", DataTypes.StringType, false)
            .add("part", DataTypes.StringType, false)
            .add("value", DataTypes.DoubleType, false)
            .add("standard_error", DataTypes.DoubleType, true)
            .add("n", DataTypes.LongType, false)
            .add("chance", DataTypes.DoubleType, true)
            .add("max_tokens", DataTypes.IntegerType, false)
            .add("prefix", DataTypes.StringType, false)
            .add("dtype", DataTypes.StringType, false)
            .add("encoder", DataTypes.StringType, false)
            .add("limit", DataTypes.IntegerType, false)
            .add("seconds", DataTypes.DoubleType, false)
            .add("key", DataTypes.StringType, false)
            .add("checkpoint_hash", DataTypes.StringType, false)
            .add("data_hash", DataTypes.StringType, false)
            .add("code_hash", DataTypes.StringType, false);

    private static final ObjectMapper JSON_MAPPER = new ObjectMapper();
    private static final Pattern STEP = Pattern.compile("step-0*(\\d+)$");

    private final Path folder;
    private final TextFiles text;

    ResultFiles(Path folder, TextFiles text) {
        this.folder = folder;
        this.text = text;
    }

    void write(List<FinishedCell> cells, List<EvaluatedModel> subjects, List<String> failures, SparkSession spark)
            throws IOException {
        spark.createDataFrame(rows(cells), SCHEMA)
                .coalesce(1)
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(new Path(folder, TABLE).toString());
        text.syncFolder(new Path(folder, TABLE));
        writePages(cells, subjects, failures);
        for (Map.Entry<String, List<FinishedCell>> model :
                HarnessResults.byModel(cells).entrySet()) {
            write(
                    new Path(
                            new Path(folder, HarnessResults.FOLDER),
                            HarnessResults.results(model.getKey(), model.getValue())),
                    pretty(HarnessResults.of(model.getKey(), model.getValue())));
        }
    }

    /** All but the table for machines. */
    void writePages(List<FinishedCell> cells, List<EvaluatedModel> subjects, List<String> failures) throws IOException {
        Map<String, String> labels = new HashMap<>();
        Map<String, RunConfig> models = new HashMap<>();
        for (EvaluatedModel subject : subjects) {
            labels.put(subject.location(), subject.label());
            subject.config().ifPresent(config -> models.put(subject.label(), config));
        }
        write(new Path(folder, JSON), json(cells));
        write(new Path(folder, MARKDOWN), markdown(cells, labels));
        write(new Path(folder, PAGE), EvaluationReport.html(reported(cells, labels), models, failures));
    }

    /** Checkpoints may be named by URIs with a password. */
    private void write(Path file, String content) throws IOException {
        text.write(file, Secrets.hidden(content));
    }

    private static List<Row> rows(List<FinishedCell> cells) {
        List<Row> rows = new ArrayList<>();
        for (FinishedCell finished : cells) {
            for (TaskResult r : finished.results()) {
                rows.add(RowFactory.create(
                        Secrets.hidden(finished.cell().checkpoint()),
                        r.task(),
                        r.version(),
                        r.metric(),
                        r.part(),
                        r.value(),
                        r.hasStandardError() ? r.standardError() : null,
                        r.n(),
                        r.hasChance() ? r.chance() : null,
                        r.maxTokens(),
                        r.prefix().name(),
                        r.dtype(),
                        r.encoder(),
                        finished.cell().settings().limit(),
                        finished.seconds(),
                        finished.hashes().key(),
                        finished.hashes().checkpoint(),
                        finished.hashes().data(),
                        finished.hashes().code()));
            }
        }
        return rows;
    }

    private static List<EvaluationReport.Row> reported(List<FinishedCell> cells, Map<String, String> labels) {
        List<EvaluationReport.Row> rows = new ArrayList<>();
        for (FinishedCell finished : cells) {
            String checkpoint = finished.cell().checkpoint();
            String label = labels.getOrDefault(checkpoint, checkpoint);
            Matcher step = STEP.matcher(label);
            boolean hasStep = step.find();
            String run = hasStep ? label.substring(0, step.start()) : label;
            for (TaskResult result : finished.results()) {
                rows.add(new EvaluationReport.Row(
                        run.isEmpty() ? "run" : run.replaceAll("/(checkpoints/)?$", ""),
                        label,
                        hasStep ? Long.parseLong(step.group(1)) : 0,
                        result));
            }
        }
        return rows;
    }

    /** One object a checkpoint, each as lm-evaluation-harness writes one run. */
    static String json(List<FinishedCell> cells) throws IOException {
        ObjectNode all = JSON_MAPPER.createObjectNode();
        HarnessResults.byModel(cells).forEach((model, own) -> all.set(model, HarnessResults.of(model, own)));
        return pretty(all);
    }

    private static String pretty(ObjectNode object) throws IOException {
        return JSON_MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(object) + "\n";
    }

    static String markdown(List<FinishedCell> cells, Map<String, String> labels) {
        StringBuilder table = new StringBuilder("""
                | checkpoint | task | version | metric | value | standard error | n | chance | max tokens | prefix | dtype | tokenizer |
                |---|---|---:|---|---:|---:|---:|---:|---:|---|---|---|
                """);
        for (FinishedCell finished : cells) {
            for (TaskResult r : finished.results()) {
                table.append(String.format(
                        Locale.ROOT,
                        "| %s | %s | %d | %s | %.4f | %s | %d | %s | %d | %s | %s | %s |%n",
                        labels.getOrDefault(
                                finished.cell().checkpoint(), finished.cell().checkpoint()),
                        r.task(),
                        r.version(),
                        r.part().isEmpty() ? r.metric() : r.metric() + " " + r.part(),
                        r.value(),
                        r.hasStandardError() ? String.format(Locale.ROOT, "± %.4f", r.standardError()) : "",
                        r.n(),
                        r.hasChance() ? String.format(Locale.ROOT, "%.4f", r.chance()) : "",
                        r.maxTokens(),
                        r.prefix().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        r.dtype(),
                        r.encoder()));
            }
        }
        return table.toString();
    }
}
