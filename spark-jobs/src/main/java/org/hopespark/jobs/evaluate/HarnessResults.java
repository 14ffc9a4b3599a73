package org.hopespark.jobs.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.Measurement;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskResult;
import org.hopespark.text.Secrets;

/**
 * Results of one checkpoint as lm-evaluation-harness 0.4.13 writes those of one run, for its table maker and for all
 * that reads its files. A part of a task stands where the harness has the filter.
 */
final class HarnessResults {
    /** The folder of all files in that shape. */
    static final String FOLDER = "lm-eval";

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSSSSS", Locale.ROOT);
    private static final ObjectMapper JSON = new ObjectMapper();

    private HarnessResults() {}

    /** A time in names of files, in UTC. */
    static String date(Instant time) {
        return DATE.format(LocalDateTime.ofInstant(time, ZoneOffset.UTC));
    }

    /** The name of a checkpoint's folder: what file systems give a meaning is two low lines there. */
    static String folder(String model) {
        return Secrets.hidden(model).replaceAll("[\"<>:/|\\\\?*\\[\\]]+", "__");
    }

    /** The name of a cell's samples below {@link #FOLDER}. */
    static String samples(String model, String task, String date) {
        return folder(model) + "/samples_" + task + "_" + date + ".jsonl";
    }

    /** The name of a checkpoint's results below {@link #FOLDER}: as of its newest cell. */
    static String results(String model, List<FinishedCell> cells) {
        return folder(model) + "/results_" + newest(cells) + ".json";
    }

    /** Cells by the checkpoint, or other model, that they are about. */
    static Map<String, List<FinishedCell>> byModel(List<FinishedCell> cells) {
        Map<String, List<FinishedCell>> byModel = new LinkedHashMap<>();
        cells.forEach(cell -> byModel.computeIfAbsent(cell.cell().model(), model -> new ArrayList<>())
                .add(cell));
        return byModel;
    }

    /** The object of one checkpoint. */
    static ObjectNode of(String model, List<FinishedCell> cells) {
        ObjectNode run = JSON.createObjectNode();
        cells.forEach(cell -> add(cell, run));
        EvaluationSettings settings = cells.get(0).cell().settings();
        TaskResult any = cells.get(0).results().get(0);
        ObjectNode config = run.putObject("config");
        // null is how the harness says that there is none
        config.set("limit", settings.limit() == 0 ? NullNode.getInstance() : IntNode.valueOf(settings.limit()));
        config.put("model", "hope")
                .put("model_args", "path=" + model)
                .put("model_dtype", any.dtype())
                .put("batch_size", settings.batchSize())
                .put("bootstrap_iters", Measurement.RESAMPLES)
                .put("prefix", any.prefix().name())
                .put("max_length", any.maxTokens())
                .put("tokenizer", any.encoder())
                .put("data", cells.get(0).cell().data())
                .put("overrides", String.join(" ", settings.overrides()));
        double seconds = cells.stream().mapToDouble(FinishedCell::seconds).sum();
        return run.put("date", seconds(newest(cells)))
                .put("max_length", any.maxTokens())
                .put("model_source", "hope")
                .put("model_name", model)
                .put("model_name_sanitized", folder(model))
                .put("total_evaluation_time_seconds", Double.toString(seconds));
    }

    private static void add(FinishedCell finished, ObjectNode run) {
        String task = finished.cell().task();
        Optional<Task> known = TaskSuites.find(task);
        List<TaskResult> rows = finished.results();
        long n = rows.get(0).n();
        ObjectNode results = child(run, "results").putObject(task);
        results.put("name", task).put("alias", task).put("sample_len", n);
        rows.forEach(row -> addFigure(row, results));
        // suites are no groups there: nothing is averaged over their tasks
        child(run, "group_subtasks");
        ObjectNode directions = child(run, "higher_is_better").putObject(task);
        ObjectNode config = child(run, "configs").putObject(task).put("task", task);
        known.ifPresent(t -> config.put("output_type", t.outputType().label()));
        ArrayNode metrics = config.put("num_fewshot", 0).putArray("metric_list");
        rows.stream().map(TaskResult::metric).distinct().forEach(metric -> {
            JsonNode higher = Measurement.higherIsBetter(metric)
                    .<JsonNode>map(BooleanNode::valueOf)
                    .orElse(NullNode.getInstance());
            directions.set(metric, higher);
            metrics.addObject().put("metric", metric).set("higher_is_better", higher);
        });
        config.putObject("metadata").put("version", rows.get(0).version());
        child(run, "versions").put(task, rows.get(0).version());
        child(run, "n-shot").put(task, 0);
        child(run, "n-samples")
                .putObject(task)
                .put("original", Math.max(n, known.map(Task::documents).orElse(0)))
                .put("effective", n);
        child(run, "task_hashes").put(task, finished.hashes().data());
    }

    private static void addFigure(TaskResult row, ObjectNode results) {
        String filter = row.part().isEmpty() ? "none" : row.part();
        results.put(row.metric() + "," + filter, row.value());
        String error = row.metric() + "_stderr," + filter;
        if (Double.isFinite(row.standardError())) {
            results.put(error, row.standardError());
        } else {
            results.put(error, "N/A");
        }
    }

    private static ObjectNode child(ObjectNode node, String name) {
        return node.get(name) instanceof ObjectNode object ? object : node.putObject(name);
    }

    private static String newest(List<FinishedCell> cells) {
        return cells.stream()
                .map(FinishedCell::date)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static double seconds(String date) {
        Instant time = LocalDateTime.parse(date, DATE).toInstant(ZoneOffset.UTC);
        return time.getEpochSecond() + time.getNano() * 1e-9;
    }
}
