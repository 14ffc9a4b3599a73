package org.hopespark.jobs.chaos;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.hopespark.cluster.spark.AttemptEnd;
import org.hopespark.jobs.run.MetricsSink;
import org.hopespark.jobs.run.RunEvent;
import org.jspecify.annotations.Nullable;

/**
 * Follows a run's metrics and strikes its workers, which are processes of this machine: one fault for every so many
 * steps of progress, at a random moment of a random rank.
 */
public final class Injector implements MetricsSink, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(Injector.class);
    private static final long MOST_DELAY_MILLIS = 400;
    private static final long SAVE_POLL_MILLIS = 1;
    private static final long SAVE_WAIT_MILLIS = 5000;

    private final Path checkpoints;
    private final int faults;
    private final long stepsBetween;
    private final long hangMillis;
    private final Random random;
    private final List<Fault.Kind> kinds;
    private final Consumer<Fault> done;
    private final BooleanSupplier secondDriver;
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "hope-chaos");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<Integer, Long> processes = new TreeMap<>();
    private final List<Fault> struck = new ArrayList<>();
    private long attempt;
    private long nextStep;
    private long lastStep;
    private @Nullable Fault current;
    private long struckAt;

    /**
     * An injector.
     *
     * @param checkpoints folder of the run's checkpoints
     * @param stepsBetween steps of progress from one fault to the next, on average
     * @param hangMillis how long a stopped process stays stopped
     * @param done gets every fault when the workers have trained again
     * @param secondDriver gives the run's command again; whether that was refused
     */
    public Injector(
            Path checkpoints,
            int faults,
            long stepsBetween,
            long hangMillis,
            long seed,
            List<Fault.Kind> kinds,
            Consumer<Fault> done,
            BooleanSupplier secondDriver) {
        this.checkpoints = checkpoints;
        this.faults = faults;
        this.stepsBetween = stepsBetween;
        this.hangMillis = hangMillis;
        this.random = new Random(seed);
        this.kinds = List.copyOf(kinds);
        this.done = done;
        this.secondDriver = secondDriver;
        this.nextStep = 2 + random.nextLong(stepsBetween);
    }

    /** All that have struck, and been survived. */
    public synchronized List<Fault> faults() {
        return List.copyOf(struck);
    }

    @Override
    public synchronized void add(RunEvent event) {
        if (event instanceof RunEvent.WorkerJoined worker) {
            seated(worker);
        } else if (event instanceof RunEvent.AttemptEnded end
                && (end.kind() == AttemptEnd.Kind.FAILURE || end.kind() == AttemptEnd.Kind.PREEMPTION)) {
            ended();
        } else if (event instanceof RunEvent.StepDone step) {
            finished(step);
        }
    }

    private void seated(RunEvent.WorkerJoined worker) {
        if (worker.attempt() != attempt) {
            attempt = worker.attempt();
            processes.clear();
        }
        processes.put(worker.rank(), worker.process());
    }

    private synchronized void ended() {
        Fault fault = current;
        if (fault != null && fault.detectSeconds().isEmpty()) {
            current = new Fault(
                    fault.number(),
                    fault.kind(),
                    fault.rank(),
                    fault.step(),
                    OptionalDouble.of(sinceStruck()),
                    OptionalDouble.empty(),
                    0);
        }
    }

    private void finished(RunEvent.StepDone done) {
        long step = done.step();
        Fault fault = current;
        if (fault != null && fault.detectSeconds().isPresent()) {
            Fault survived = new Fault(
                    fault.number(),
                    fault.kind(),
                    fault.rank(),
                    fault.step(),
                    fault.detectSeconds(),
                    OptionalDouble.of(sinceStruck()),
                    Math.max(0, lastStep - step + 1));
            struck.add(survived);
            current = null;
            this.done.accept(survived);
        }
        lastStep = step;
        if (current == null && struck.size() < faults && step >= nextStep && processes.size() == done.workers()) {
            nextStep += 1 + random.nextLong(2 * stepsBetween - 1);
            strike(step);
        }
    }

    private double sinceStruck() {
        return (System.nanoTime() - struckAt) * 1e-9;
    }

    private void strike(long step) {
        Fault.Kind kind = kinds.get(random.nextInt(kinds.size()));
        List<Integer> ranks = List.copyOf(processes.keySet());
        int rank = ranks.get(random.nextInt(ranks.size()));
        long process = processes.getOrDefault(rank, 0L);
        current = new Fault(struck.size() + 1, kind, rank, step, OptionalDouble.empty(), OptionalDouble.empty(), 0);
        struckAt = System.nanoTime();
        List<Long> all = List.copyOf(processes.values());
        ScheduledFuture<?> unused = clock.schedule(
                () -> strike(kind, process, all), random.nextLong(MOST_DELAY_MILLIS), TimeUnit.MILLISECONDS);
    }

    /** In a thread of its own: the run must not wait for it. */
    private void strike(Fault.Kind kind, long process, List<Long> all) {
        try {
            switch (kind) {
                case KILL_IN_SAVE, TERMINATE_IN_SAVE, POWER_LOSS -> awaitSave();
                case CORRUPT -> corruptNewest();
                default -> {
                    // strikes now
                }
            }
            synchronized (this) {
                struckAt = System.nanoTime();
            }
            switch (kind) {
                case KILL, KILL_IN_SAVE, CORRUPT -> signal("KILL", process);
                case TERMINATE, TERMINATE_IN_SAVE -> signal("TERM", process);
                case HANG -> {
                    signal("STOP", process);
                    Thread.sleep(hangMillis);
                    signal("CONT", process);
                }
                case POWER_LOSS -> {
                    for (long each : all) {
                        signal("KILL", each);
                    }
                    emptyUnpublished();
                }
                case SECOND_DRIVER -> {
                    if (secondDriver.getAsBoolean()) {
                        ended();
                    } else {
                        LOG.error("a second driver was not refused");
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            LOG.error("the fault {} of process {} could not be done", kind, process, e);
        }
    }

    private static void signal(String name, long process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process))
                .redirectErrorStream(true)
                .start()
                .waitFor();
    }

    /** Until a worker has begun to write a checkpoint, or none does. */
    private void awaitSave() throws InterruptedException {
        for (long waited = 0;
                waited < SAVE_WAIT_MILLIS && entries("step-").stream().allMatch(Injector::isPublished);
                waited++) {
            Thread.sleep(SAVE_POLL_MILLIS);
        }
    }

    /** Leaves a checkpoint to resume from: the newest is damaged only when there is another one. */
    private void corruptNewest() throws IOException {
        List<Path> published =
                entries("step-").stream().filter(Injector::isPublished).toList();
        if (published.size() < 2) {
            return;
        }
        Path newest = published.get(published.size() - 1);
        try (Stream<Path> files = Files.walk(newest)) {
            Optional<Path> part = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .max(Comparator.naturalOrder());
            if (part.isPresent()) {
                try (RandomAccessFile file = new RandomAccessFile(part.get().toFile(), "rw")) {
                    file.seek(file.length() - 1);
                    int last = file.read();
                    file.seek(file.length() - 1);
                    file.write(last ^ 1);
                }
            }
        }
    }

    /**
     * What a disk may leave of files that were not forced to it; a run that has no checkpoint yet loses nothing more.
     */
    private void emptyUnpublished() throws IOException {
        List<Path> steps = entries("step-");
        if (steps.stream().noneMatch(Injector::isPublished)) {
            return;
        }
        for (Path step : steps) {
            if (!isPublished(step)) {
                try (Stream<Path> files = Files.walk(step)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        Files.write(file, new byte[0]);
                    }
                }
            }
        }
    }

    private static boolean isPublished(Path checkpoint) {
        return Files.exists(checkpoint.resolve("manifest.json"));
    }

    private List<Path> entries(String prefix) {
        if (!Files.isDirectory(checkpoints)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(checkpoints)) {
            return entries.filter(path -> path.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
