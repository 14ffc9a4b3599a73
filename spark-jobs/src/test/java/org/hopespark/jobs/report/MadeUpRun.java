package org.hopespark.jobs.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The metrics of a run that never was: three levels, a worker lost at step 431, resumed after step 400. Two workers
 * send 8 bytes a parameter between them at a boundary, and 64 bytes of headers.
 */
final class MadeUpRun {
    static final long[] PERIODS = {1, 8, 64};
    static final long[] PARAMETERS = {11_534_336, 4_194_304, 4_194_304};
    static final int STEPS = 1000;
    static final int HEADERS = 64;

    private final ObjectMapper json = new ObjectMapper();
    private final Random random = new Random(7);
    private final List<String> lines = new ArrayList<>();

    private MadeUpRun() {}

    static String metrics() {
        MadeUpRun run = new MadeUpRun();
        run.start();
        run.steps(1, 1, 431);
        run.line("failure", Map.of("attempt", 1, "step", 431, "cause", "rank 1 silent for 30 s in sum of L2 <lost>"));
        run.steps(2, 401, STEPS);
        run.line("finished", Map.of("step", STEPS, "seconds", 948.4));
        return String.join("\n", run.lines) + "\n";
    }

    /** The loss of {@code step} in the attempt that counts. */
    static double smoothLoss(long step) {
        return 3.2 + 7.3 * Math.exp(-step / 180.0);
    }

    private void start() {
        List<Map<String, Object>> levels = new ArrayList<>();
        for (int i = 0; i < PERIODS.length; i++) {
            levels.add(Map.of("level", i + 1, "period-steps", PERIODS[i], "parameters", PARAMETERS[i]));
        }
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("name", "pretrain-20m on books & PEPs");
        run.put("parameters", 19_922_944);
        run.put("workers", 2);
        run.put("data-identity", "b0ae50e166add20959a5406d9b3c99fe1f23819ec0a10149047149434fb85d81");
        run.put("steps", STEPS);
        run.put("batch-tokens", 16_384);
        run.put("levels", levels);
        run.put("unigram-bits-per-byte", 2.9137);
        run.put("versions", Map.of("spark", "4.1.3"));
        run.put("started", "2026-11-23T09:30:00Z");
        line("run", run);
    }

    private static Map<String, Object> task(int step, String task, String metric, double value, Object chance) {
        return Map.of(
                "step",
                step,
                "task",
                task,
                "metric",
                metric,
                "value",
                value,
                "standard-error",
                "NaN",
                "chance",
                chance);
    }

    private void steps(int attempt, int from, int to) {
        for (int step = from; step <= to; step++) {
            double seconds = 0.9 + 0.05 * random.nextGaussian() + (step % 97 == 0 ? 0.4 : 0);
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("attempt", attempt);
            fields.put("step", step);
            fields.put("loss", smoothLoss(step) + (step == STEPS ? 0 : 0.06 * random.nextGaussian()));
            fields.put("tokens", 16_384);
            fields.put("seconds", seconds);
            fields.put("tokens-per-second", 16_384 / seconds);
            fields.put("learning-rate", 1e-3);
            fields.put("workers", 2);
            fields.put("levels", boundaries(step));
            if (step % 50 == 0) {
                fields.put("statistics", statistics(step));
            }
            line("step", fields);
            if (step % 100 == 0) {
                line(
                        "validation",
                        Map.of(
                                "step",
                                step,
                                "loss",
                                smoothLoss(step) + 0.05,
                                "bits-per-byte",
                                (smoothLoss(step) + 0.05) / 4.01 / Math.log(2)));
                line("task", task(step, "lambada_openai", "acc", step / 2000.0, 0));
                line("task", task(step, "wikitext", "word_perplexity", 1e5 / step, "NaN"));
                line(
                        "checkpoint",
                        Map.of(
                                "step",
                                step,
                                "seconds",
                                1.25,
                                "bytes",
                                239_075_328,
                                "path",
                                "runs/a/checkpoints/step-" + step));
            }
            if (step % 500 == 0) {
                line(
                        "sample",
                        Map.of(
                                "step",
                                step,
                                "prompt",
                                "It was a truth",
                                "text",
                                " universally <script>alert('x')</script> acknowledged,\nthat a man & his \"dog\" must be in want of a bone."));
            }
        }
    }

    private static Map<String, Object> statistics(int step) {
        Map<String, Object> block = Map.of(
                "alpha",
                0.98,
                "eta",
                0.01 + 1e-5 * step,
                "error-norm",
                0.6,
                "capped-share",
                0.1,
                "written-share",
                0.35,
                "state-norm",
                1.1,
                "state-drift",
                0.4);
        return Map.of("blocks", List.of(block, block), "drift", List.of(1e-3 * step, 5e-4 * step, 2e-4 * step));
    }

    private List<Map<String, Object>> boundaries(int step) {
        List<Map<String, Object>> due = new ArrayList<>();
        for (int i = 0; i < PERIODS.length; i++) {
            if (step % PERIODS[i] == 0) {
                long bytes = 8 * PARAMETERS[i] + HEADERS;
                due.add(Map.of(
                        "level",
                        i + 1,
                        "bytes-sent",
                        bytes,
                        "bytes-received",
                        bytes,
                        "milliseconds",
                        41.0 + i,
                        "gradient-norm",
                        0.5 + i));
            }
        }
        return due;
    }

    private void line(String type, Map<String, ?> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", type);
        line.putAll(fields);
        try {
            lines.add(json.writeValueAsString(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
