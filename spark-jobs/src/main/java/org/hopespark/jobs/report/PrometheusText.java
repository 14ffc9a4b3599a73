package org.hopespark.jobs.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hopespark.jobs.report.RunMetrics.Failure;
import org.hopespark.jobs.run.RunEvent.StepDone;
import org.hopespark.jobs.run.RunEvent.TaskScored;

/**
 * Figures of runs in the text format of Prometheus (version 0.0.4), in base units and with the labels {@code run},
 * {@code level}, {@code rank} where they belong.
 */
final class PrometheusText {
    private static final String GAUGE = "gauge";
    private static final String COUNTER = "counter";

    private final Map<String, Family> families = new LinkedHashMap<>();

    private record Family(String type, String help, List<String> samples) {}

    private PrometheusText() {}

    /** All that is known of some runs, by their names. */
    static String of(Map<String, RunMetrics> runs) {
        PrometheusText text = new PrometheusText();
        runs.forEach((name, metrics) -> text.add(metrics, Map.of("run", name)));
        return text.print();
    }

    private void add(RunMetrics metrics, Map<String, String> run) {
        gauge("hope_parameters", "Parameters of the model.", run, metrics.run().parameters());
        gauge(
                "hope_planned_steps",
                "Steps that the run shall do.",
                run,
                metrics.run().steps());
        gauge("hope_finished", "1 if the last step is done and saved.", run, metrics.isFinished() ? 1 : 0);
        counter("hope_tokens_total", "Target tokens that were trained on.", run, metrics.tokens());
        counter(
                "hope_warnings_total",
                "Warnings and changed settings.",
                run,
                metrics.warnings().size());
        Map<String, Long> ends =
                metrics.failures().stream().collect(Collectors.groupingBy(Failure::kind, Collectors.counting()));
        ends.forEach((kind, count) -> counter(
                "hope_attempts_ended_total",
                "Attempts that ended early, and checkpoints that were not saved.",
                with(run, "kind", kind),
                count));
        metrics.steps().stream().reduce((first, last) -> last).ifPresent(step -> step(step, run));
        metrics.run().levels().stream()
                .map(level -> LevelTraffic.of(level, metrics.steps()))
                .filter(level -> level.boundaries() > 0)
                .forEach(level -> level(level, run));
        metrics.validations().stream().reduce((first, last) -> last).ifPresent(held -> {
            gauge("hope_validation_loss_nats", "Mean loss of a held-out token.", run, held.loss());
            gauge("hope_validation_bits_per_byte", "The same for a byte of text.", run, held.bitsPerByte());
        });
        metrics.tasks().stream()
                .collect(Collectors.toMap(
                        score -> List.of(score.task(), score.metric()),
                        Function.identity(),
                        (first, last) -> last,
                        LinkedHashMap::new))
                .values()
                .forEach(score -> task(score, run));
        metrics.checkpoints().stream().reduce((first, last) -> last).ifPresent(saved -> {
            gauge("hope_checkpoint_step", "Step of the newest checkpoint.", run, saved.step());
            gauge("hope_checkpoint_size_bytes", "Its size.", run, saved.bytes());
        });
    }

    private void step(StepDone step, Map<String, String> run) {
        gauge("hope_step", "Steps that are done.", run, step.step());
        gauge("hope_workers", "Workers of the last step.", run, step.workers());
        gauge("hope_loss_nats", "Mean training loss of a target token in the last step.", run, step.loss());
        gauge("hope_learning_rate", "Learning rate of the last step.", run, step.learningRate());
        gauge("hope_tokens_per_second", "Tokens of all workers in the last step.", run, step.tokensPerSecond());
        gauge("hope_step_seconds", "Time of the last step, of the slowest worker.", run, step.seconds());
        Map<String, List<Double>> parts = new LinkedHashMap<>();
        parts.put("data", step.dataSeconds());
        parts.put("forward", step.forwardSeconds());
        parts.put("backward", step.backwardSeconds());
        parts.put("communication", step.communicationSeconds());
        parts.put("exposed", step.exposedSeconds());
        parts.forEach((part, seconds) -> {
            for (int rank = 0; rank < seconds.size(); rank++) {
                gauge(
                        "hope_worker_seconds",
                        "Time of a worker in the last step, by what it did; exposed: waiting for others alone.",
                        with(with(run, "rank", Integer.toString(rank)), "part", part),
                        seconds.get(rank));
            }
        });
    }

    private void level(LevelTraffic level, Map<String, String> run) {
        Map<String, String> labels =
                with(run, "level", Integer.toString(level.level().level()));
        gauge(
                "hope_level_period_steps",
                "Steps from one boundary to the next.",
                labels,
                level.level().periodSteps());
        counter("hope_level_boundaries_total", "Exchanges of the level.", labels, level.boundaries());
        counter("hope_level_sent_bytes_total", "Sent by all workers together.", labels, level.bytesSent());
        gauge(
                "hope_level_gradient_norm",
                "Norm of the gradient at the last boundary, before clipping.",
                labels,
                level.lastGradientNorm());
    }

    private void task(TaskScored score, Map<String, String> run) {
        gauge(
                "hope_task_score",
                "What a task has found at last, while training.",
                with(with(run, "task", score.task()), "metric", score.metric()),
                score.value());
    }

    private static Map<String, String> with(Map<String, String> labels, String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        more.put(name, value);
        return more;
    }

    private void gauge(String name, String help, Map<String, String> labels, Number value) {
        add(name, GAUGE, help, labels, value);
    }

    private void counter(String name, String help, Map<String, String> labels, Number value) {
        add(name, COUNTER, help, labels, value);
    }

    private void add(String name, String type, String help, Map<String, String> labels, Number value) {
        String all = labels.entrySet().stream()
                .map(label -> label.getKey() + "=\"" + escaped(label.getValue()) + '"')
                .collect(Collectors.joining(","));
        families.computeIfAbsent(name, family -> new Family(type, help, new ArrayList<>()))
                .samples()
                .add(name + "{" + all + "} " + number(value.doubleValue()));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String number(double value) {
        return Double.isInfinite(value) ? value > 0 ? "+Inf" : "-Inf" : Double.toString(value);
    }

    private String print() {
        StringBuilder text = new StringBuilder();
        families.forEach((name, family) -> {
            text.append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(family.help())
                    .append('\n');
            text.append("# TYPE ")
                    .append(name)
                    .append(' ')
                    .append(family.type())
                    .append('\n');
            family.samples().forEach(sample -> text.append(sample).append('\n'));
        });
        return text.toString();
    }
}
