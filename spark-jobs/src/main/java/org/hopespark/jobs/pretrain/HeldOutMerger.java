package org.hopespark.jobs.pretrain;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.conf.EvaluationConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.HeldOutPart;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunEvents;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.run.TextFiles;

/**
 * Adds up, on the driver, what the workers find on held-out rows; knows the best step and warns when the loss rises.
 */
public final class HeldOutMerger {
    private static final Logger LOG = LogManager.getLogger(HeldOutMerger.class);

    private final EvaluationConfig config;
    private final double bytesATarget;
    private final Parts<Long, HeldOutPart> open = new Parts<>();
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

    /** Takes what an earlier start of the run has found; counts if it is of the same rows. */
    synchronized void replay(RunEvent event) {
        if (event instanceof RunEvent.Validation validation && validation.rows().equals(Optional.of(config.rows()))) {
            keep(validation.step(), validation.loss());
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

    /** Takes a worker's part; gives events for the metrics when all have spoken. */
    synchronized List<RunEvent> reported(HeldOutPart part) {
        return open.add(part.step(), part)
                .map(parts -> merged(part.step(), parts))
                .orElse(List.of());
    }

    private List<RunEvent> merged(long step, List<HeldOutPart> parts) {
        double sum = 0;
        double targets = 0;
        double seconds = 0;
        for (HeldOutPart each : parts) {
            sum += each.lossSum();
            targets += each.targets();
            seconds = Math.max(seconds, each.seconds());
        }
        double loss = sum / targets;
        List<RunEvent> events = new ArrayList<>();
        events.add(new RunEvent.Validation(
                step,
                loss,
                loss / (bytesATarget * Math.log(2)),
                Optional.of(config.rows()),
                Optional.of((long) targets),
                Optional.of(seconds)));
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
            events.add(new RunEvent.Warning(step, cause));
        }
        return events;
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
        RunEvents.forEach(run, new TextFiles(hadoop), heldOut::replay);
        return heldOut.bestStep(step -> saved.stream().anyMatch(checkpoint -> checkpoint.step() == step));
    }
}
