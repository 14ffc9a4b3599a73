package org.hopespark.jobs.pretrain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointFailedException;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.jobs.pretrain.WorkerMessage.CheckpointPart;
import org.hopespark.model.FlatBuffer;
import org.hopespark.model.NamedTensor;
import org.hopespark.model.StateSection;
import org.jspecify.annotations.Nullable;

/**
 * One worker's part in checkpoints. Training waits for a copy in memory; the files are written while it continues. A
 * part that cannot be written costs that checkpoint, not the run.
 */
final class CheckpointWriter implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(CheckpointWriter.class);

    private final CheckpointStore store;
    private final String attempt;
    private final int rank;
    private final int ranks;
    private final Consumer<CheckpointPart> report;
    private final Map<String, FlatBuffer> copies = new HashMap<>();
    private final ExecutorService background = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "hope-checkpoint");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Future<?> writing;

    /**
     * A writer.
     *
     * @param attempt distinguishes this attempt from all others, the same on all its workers
     * @param report takes parts for the {@link CheckpointPublisher}
     */
    CheckpointWriter(CheckpointStore store, String attempt, int rank, int ranks, Consumer<CheckpointPart> report) {
        this.store = store;
        this.attempt = attempt;
        this.rank = rank;
        this.ranks = ranks;
        this.report = report;
    }

    /** Takes the state as it is now; waits for the checkpoint before, if that is still being written. */
    void save(long step, List<StateSection> live) {
        long begin = System.nanoTime();
        await();
        List<StateSection> copy = live.stream().map(this::copy).toList();
        double stall = (System.nanoTime() - begin) * 1e-9;
        writing = background.submit(() -> write(step, copy, stall));
    }

    private StateSection copy(StateSection section) {
        List<NamedTensor> tensors = new ArrayList<>();
        for (NamedTensor tensor : section.tensors()) {
            if (tensor.data().elements() > 0) {
                FlatBuffer data = copies.computeIfAbsent(
                        section.name() + "/" + tensor.name(),
                        name -> FlatBuffer.allocate(
                                tensor.data().type(), tensor.data().elements()));
                data.copy(tensor.data());
                tensors.add(new NamedTensor(tensor.name(), tensor.shape(), tensor.from(), data));
            }
        }
        return new StateSection(section.name(), section.rank(), section.ranks(), tensors);
    }

    private void write(long step, List<StateSection> sections, double stall) {
        long begin = System.nanoTime();
        List<Checkpoint.Part> parts = List.of();
        Optional<String> problem = Optional.empty();
        try {
            parts = store.write(step, attempt, sections);
        } catch (CheckpointFailedException e) {
            LOG.error("training continues without the checkpoint of step {}", step, e);
            problem = Optional.of(String.valueOf(e.getMessage()));
        }
        double seconds = (System.nanoTime() - begin) * 1e-9;
        report.accept(new CheckpointPart(rank, ranks, step, attempt, stall, parts, problem, seconds));
    }

    private void await() {
        try {
            if (writing != null) {
                writing.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a checkpoint was being written", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a checkpoint was not written", e.getCause());
        }
    }

    /** Waits until everything is written and reported. */
    void finish() {
        await();
    }

    @Override
    public void close() {
        background.shutdownNow();
    }
}
