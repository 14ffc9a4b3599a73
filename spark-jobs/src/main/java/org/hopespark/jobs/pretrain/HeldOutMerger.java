package org.hopespark.jobs.pretrain;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.RunJson;
import org.hopespark.jobs.run.TextFiles;

/**
 * Adds up, on the driver, what the workers find on held-out rows; knows the best step and warns when the loss rises.
 */
public final class HeldOutMerger {
    static final String PART = "held-out-part";

    private static final Logger LOG = LogManager.getLogger(HeldOutMerger.class);

    private final EvaluationConfig config;
    private final double bytesATarget;
    private final Parts<String> open = new Parts<>();
    private final NavigableMap<Long, Double> losses = new TreeMap<>();

    /**
     * A merger.
     *
     * @param bytesATarget UTF-8 bytes of the held-out text over its target tokens
     */
    HeldOutMerger(EvaluationConfig config, double bytesATarget) {
        this.config = config;
        this.bytesATarget = bytesATarget;
    }

    /** Takes a line of the metrics that an earlier start of the run has written; counts if it is of the same rows. */
    synchronized void replay(String line) {
        try {
            JsonNode node = RunJson.MAPPER.readTree(line);
            if (node.path("type").asText().equals("validation")
                    && node.path("rows").asInt(-1) == config.rows()) {
                keep(node.path("step").asLong(), node.path("loss").asDouble(Double.NaN));
            }
        } catch (JacksonException e) {
            LOG.debug("a line that a killed run has left half written", e);
        }
    }

    private void keep(long step, double loss) {
        losses.remove(step);
        if (Double.isFinite(loss)) {
            losses.put(step, loss);
        }
    }

    /** An attempt begins; forgets what the one before left half reported. */
    synchronized void begin() {
        open.clear();
    }

    /** Takes a worker's message; gives lines for the metrics when all have spoken. */
    synchronized List<ObjectNode> reported(JsonNode part) {
        long step = part.path("step").asLong();
        return open.add(Long.toString(step), part)
                .map(parts -> merged(step, parts))
                .orElse(List.of());
    }

    private List<ObjectNode> merged(long step, List<JsonNode> parts) {
        double sum = 0;
        double targets = 0;
        double seconds = 0;
        for (JsonNode each : parts) {
            sum += each.path("loss-sum").asDouble();
            targets += each.path("targets").asDouble();
            seconds = Math.max(seconds, each.path("seconds").asDouble());
        }
        double loss = sum / targets;
        List<ObjectNode> lines = new ArrayList<>();
        lines.add(RunJson.MAPPER
                .createObjectNode()
                .put("type", "validation")
                .put("step", step)
                .put("loss", loss)
                .put("bits-per-byte", loss / (bytesATarget * Math.log(2)))
                .put("rows", config.rows())
                .put("targets", (long) targets)
                .put("seconds", seconds));
        // after a rollback later steps come again: they have not been yet
        Map<Long, Double> earlier = losses.headMap(step);
        double best =
                earlier.values().stream().mapToDouble(Double::doubleValue).min().orElse(loss);
        long bestStep = bestOf(earlier);
        keep(step, loss);
        if (!(loss <= best + config.warnAbove())) {
            String cause = String.format(
                    Locale.ROOT,
                    "the held-out loss is %.4f at step %d, and was %.4f at step %d: the run may diverge or overfit",
                    loss,
                    step,
                    best,
                    bestStep);
            LOG.warn(cause);
            lines.add(WorkerMessages.warning(step, cause));
        }
        return lines;
    }

    /** The step with the lowest loss, the first of equals; 0 before the first evaluation. */
    synchronized long bestStep() {
        return bestOf(losses);
    }

    /** The same among steps of which there are checkpoints. */
    synchronized long bestStep(LongPredicate isSaved) {
        Map<Long, Double> saved = new TreeMap<>(losses);
        saved.keySet().removeIf(step -> !isSaved.test(step));
        return bestOf(saved);
    }

    private static long bestOf(Map<Long, Double> losses) {
        return losses.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(0L);
    }

    /** The step, of those of the checkpoints, with the lowest held-out loss; 0 where the run has measured none. */
    public static long bestStep(String run, Configuration hadoop, List<Checkpoint> saved) throws IOException {
        HeldOutMerger heldOut = new HeldOutMerger(RunFolder.config(saved.get(0)).evaluation(), 1);
        TextFiles files = new TextFiles(hadoop);
        Path metrics = new Path(RunFolder.metrics(run));
        if (files.hasLines(metrics)) {
            files.forEachLine(metrics, heldOut::replay);
        }
        return heldOut.bestStep(step -> saved.stream().anyMatch(checkpoint -> checkpoint.step() == step));
    }
}
