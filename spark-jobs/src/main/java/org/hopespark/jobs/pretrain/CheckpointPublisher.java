package org.hopespark.jobs.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.CheckpointConfig;
import org.hopespark.jobs.pretrain.WorkerMessage.CheckpointPart;
import org.hopespark.jobs.run.RunEvent;
import org.hopespark.jobs.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a checkpoint on the driver once all workers have written their parts, and removes old ones. Workers save
 * while they train, so that one may be a checkpoint ahead of another. What cannot be published is reported, and the
 * ones before stay.
 */
final class CheckpointPublisher {
    private static final Logger LOG = LogManager.getLogger(CheckpointPublisher.class);

    /** What the workers of an attempt save together. */
    private record Save(String attempt, long step) {}

    private final CheckpointStore store;
    private final CheckpointConfig config;
    private final ToLongFunction<LongPredicate> best;
    private final Runnable fence;
    private final Map<String, byte[]> attachments;
    private final Map<String, String> about;
    private final Parts<Save, CheckpointPart> open = new Parts<>();
    private long publishedStep;

    /**
     * A publisher.
     *
     * @param best the step, of those that are saved, whose checkpoint stays besides; 0 for none
     * @param fence throws when the run is another driver's by now, before anything is published or removed
     * @param attachments files that every checkpoint carries, by name
     * @param about what the run wants to find again in its checkpoints
     */
    CheckpointPublisher(
            CheckpointStore store,
            CheckpointConfig config,
            ToLongFunction<LongPredicate> best,
            Runnable fence,
            Map<String, byte[]> attachments,
            Map<String, String> about) {
        this.store = store;
        this.config = config;
        this.best = best;
        this.fence = fence;
        this.attachments = Map.copyOf(attachments);
        this.about = Map.copyOf(about);
    }

    /** Step of the last checkpoint that was published, 0 before the first. */
    synchronized long publishedStep() {
        return publishedStep;
    }

    /** Takes a worker's part; gives events for the metrics when a checkpoint is complete or has failed. */
    synchronized List<RunEvent> reported(CheckpointPart part) {
        Save save = new Save(part.attemptToken(), part.step());
        return open.add(save, part).map(parts -> complete(save, parts)).orElse(List.of());
    }

    private List<RunEvent> complete(Save save, List<CheckpointPart> parts) {
        // a worker reports its saves in order: what this one has overtaken stays incomplete
        List<RunEvent> events = abandon(other -> other.attempt.equals(save.attempt) && other.step < save.step);
        List<String> problems = parts.stream()
                .flatMap(part -> part.problem().map(problem -> "rank " + part.rank() + ": " + problem).stream())
                .toList();
        try {
            if (!problems.isEmpty()) {
                throw new CheckpointFailedException(String.join("; ", problems));
            }
            events.add(publish(save, parts));
        } catch (CheckpointFailedException e) {
            events.add(failed(save, e.getMessage()));
            LOG.debug("the checkpoint of step {}", save.step, e);
        }
        return events;
    }

    /** No worker reports any more; gives an event for every checkpoint that has stayed incomplete. */
    synchronized List<RunEvent> attemptEnded() {
        return abandon(save -> true);
    }

    private List<RunEvent> abandon(Predicate<Save> which) {
        List<RunEvent> events = new ArrayList<>();
        open.removeIncomplete(which)
                .forEach(each -> events.add(failed(
                        each.thing(),
                        "checkpoint of step " + each.thing().step + " is incomplete: ranks " + each.missing()
                                + " have not written their parts")));
        return events;
    }

    private RunEvent.CheckpointFailed failed(Save save, @Nullable String cause) {
        LOG.error("the checkpoint of step {} failed: {}", save.step, cause);
        store.discard(save.step, save.attempt);
        return new RunEvent.CheckpointFailed(save.step, String.valueOf(cause));
    }

    private RunEvent.CheckpointSaved publish(Save save, List<CheckpointPart> parts) {
        long begin = System.nanoTime();
        List<Checkpoint.Part> files =
                parts.stream().flatMap(part -> part.parts().stream()).toList();
        try {
            fence.run();
        } catch (IllegalStateException e) {
            throw new CheckpointFailedException(String.valueOf(e.getMessage()), e);
        }
        Map<String, String> all = new TreeMap<>(about);
        all.put(RunFolder.WORKERS, Integer.toString(parts.size()));
        Checkpoint checkpoint = store.publish(save.step, save.attempt, files, attachments, all);
        publishedStep = save.step;
        if (config.keep() > 0) {
            prune();
        }
        return new RunEvent.CheckpointSaved(
                save.step,
                most(parts, CheckpointPart::stallSeconds),
                most(parts, CheckpointPart::seconds) + (System.nanoTime() - begin) * 1e-9,
                checkpoint.bytes(),
                checkpoint.location());
    }

    /** Old checkpoints only take room: that they cannot be removed now makes no new one fail. */
    private void prune() {
        try {
            Set<Long> saved = store.list().stream().map(Checkpoint::step).collect(Collectors.toSet());
            store.prune(config.keep(), config.permanentEverySteps(), best.applyAsLong(saved::contains));
        } catch (CheckpointFailedException e) {
            LOG.warn("old checkpoints were not removed: {}", e.getMessage());
        }
    }

    private static double most(List<CheckpointPart> parts, ToDoubleFunction<CheckpointPart> figure) {
        return parts.stream().mapToDouble(figure).max().orElse(0);
    }
}
