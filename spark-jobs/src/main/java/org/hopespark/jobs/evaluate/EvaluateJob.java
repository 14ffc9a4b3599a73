package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.evaluate.CellTask.Outcome;
import org.hopespark.jobs.evaluate.CellTask.ShippedFile;
import org.hopespark.jobs.run.TextFiles;
import org.hopespark.model.eval.EvaluationSettings;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.Task;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.TaskFiles;

/**
 * Runs a sweep. Each cell is a Spark job of one task, so that cells run side by side, a lost executor costs one try of
 * one cell, and a result is in the journal as soon as it is known.
 */
public final class EvaluateJob {
    private static final int MOST_OTHERS = 8;
    private static final Logger LOG = LogManager.getLogger(EvaluateJob.class);

    /** A long sweep can be looked at while it runs, and one that is cut off has left what it has found. */
    private static final long NANOS_BETWEEN_PAGES = 60_000_000_000L;

    private final SparkSession spark;
    private final CellRunner runner;
    private final PrintWriter out;
    private final TextFiles text;

    public EvaluateJob(SparkSession spark, CellRunner runner, PrintWriter out) {
        this.spark = spark;
        this.runner = runner;
        this.out = out;
        this.text = new TextFiles(spark.sparkContext().hadoopConfiguration());
    }

    /**
     * A task that is asked for.
     *
     * @param name of the task
     * @param version of its rules
     * @param dataHash of what it reads
     * @param files what it reads
     */
    public record RequestedTask(String name, int version, String dataHash, List<TaskFile> files) {
        public RequestedTask {
            files = List.copyOf(files);
        }

        /** The task with its files, which lie in {@code folders} or below. */
        static RequestedTask of(Task task, List<java.nio.file.Path> folders) {
            return of(task.name(), task.version(), TaskFiles.find(task, folders));
        }

        /** The same of files that are found. */
        public static RequestedTask of(String name, int version, TaskFiles found) {
            List<TaskFile> files = List.copyOf(new TreeMap<>(found.byRole()).values());
            String hash = files.stream().map(TaskFile::sha256).collect(Collectors.joining(" "));
            return new RequestedTask(name, version, hash, files);
        }
    }

    /** A cell after it was run. */
    private record Done(PlannedCell planned, Outcome outcome) {
        String failure() {
            return planned.cell() + ": " + outcome.failure();
        }
    }

    /** Puts checkpoints to tasks. */
    public List<String> run(Sweep sweep) throws IOException {
        List<EvaluatedModel> checkpoints =
                EvaluatedModel.checkpoints(Checkpoints.find(sweep.checkpoints(), text), text);
        List<java.nio.file.Path> folders =
                sweep.taskData().stream().map(java.nio.file.Path::of).toList();
        List<RequestedTask> tasks = new ArrayList<>();
        for (String name : sweep.tasks()) {
            tasks.add(
                    name.equals(HeldOut.TASK)
                            ? new RequestedTask(
                                    name, HeldOut.VERSION, Checkpoints.identity(sweep.data(), text), List.of())
                            : RequestedTask.of(TaskSuites.named(name), folders));
        }
        // executors have other working folders
        return run(checkpoints, tasks, text.qualified(sweep.data()), sweep.settings(), sweep.output());
    }

    /**
     * Runs what is not finished yet, writes all results, and returns the failures, one line each.
     *
     * @param data URI of the data set for {@code validation}, empty for none
     * @param output URI of the folder for results
     */
    public List<String> run(
            List<EvaluatedModel> subjects,
            List<RequestedTask> tasks,
            String data,
            EvaluationSettings settings,
            String output)
            throws IOException {
        List<String> failures = new ArrayList<>();
        String date = HarnessResults.date(Instant.now());
        List<PlannedCell> plan =
                plan(subjects, tasks, data, settings, text.qualified(new Path(output).toString()), date, failures);
        Journal journal = new Journal(new Path(output, "cells"), text);
        SortedMap<Integer, FinishedCell> finished = new TreeMap<>();
        for (PlannedCell planned : plan) {
            journal.find(planned.hashes().key())
                    .filter(known -> known.hasWhatIsAskedOf(planned.cell()))
                    .ifPresent(known -> finished.put(planned.place(), known.as(planned.cell())));
        }
        int cells = subjects.size() * tasks.size();
        say(
                "%d %s x %d tasks = %d cells, %d of them finished earlier",
                subjects.size(), runner.subjects(), tasks.size(), cells, finished.size());
        List<PlannedCell> open =
                plan.stream().filter(p -> !finished.containsKey(p.place())).toList();
        Map<String, List<ShippedFile>> shipped = ship(open, tasks);
        Running running = new Running(
                shipped, journal, finished, failures, new ResultFiles(new Path(output), text), subjects, date);
        List<Done> failed = run(open, slots(), running);
        List<PlannedCell> again = failed.stream()
                .filter(f -> f.outcome().isWorthAnotherTry())
                .map(Done::planned)
                .toList();
        failed.stream().filter(f -> !f.outcome().isWorthAnotherTry()).forEach(f -> failures.add(f.failure()));
        if (!again.isEmpty()) {
            say("%d cells failed and are retried once, one by one", again.size());
            run(again, 1, running).forEach(f -> failures.add(f.failure()));
        }
        if (!finished.isEmpty()) {
            running.files().write(List.copyOf(finished.values()), subjects, failures, spark);
            say(
                    "results: %s (also %s, %s, %s, %s)",
                    new Path(output, ResultFiles.PAGE),
                    ResultFiles.MARKDOWN,
                    ResultFiles.JSON,
                    ResultFiles.TABLE,
                    HarnessResults.FOLDER);
        }
        List<String> others = journal.others(
                plan.stream().map(planned -> planned.hashes().key()).collect(Collectors.toSet()));
        if (!others.isEmpty()) {
            say(
                    "not in these results, although finished in %s: %s%s; name all checkpoints and tasks in one command to"
                            + " see them together, nothing is run again",
                    output,
                    String.join(", ", others.subList(0, Math.min(MOST_OTHERS, others.size()))),
                    others.size() > MOST_OTHERS ? " and " + (others.size() - MOST_OTHERS) + " more" : "");
        }
        if (!failures.isEmpty()) {
            say("%d of %d cells failed; run the same command again to try only these:", failures.size(), cells);
            failures.forEach(failure -> say("  %s", failure));
        }
        return failures;
    }

    /**
     * All cells, subject by subject, with the hashes of everything that decides their results. A checkpoint that cannot
     * be read fails all of its cells.
     */
    private List<PlannedCell> plan(
            List<EvaluatedModel> subjects,
            List<RequestedTask> tasks,
            String data,
            EvaluationSettings settings,
            String output,
            String date,
            List<String> failures) {
        List<PlannedCell> plan = new ArrayList<>();
        for (EvaluatedModel subject : subjects) {
            for (RequestedTask task : tasks) {
                Cell bare = new Cell(
                        subject.location(), subject.label(), task.name(), "", data, settings, output + "/requests", "");
                Cell cell =
                        settings.logSamples() && TaskSuites.find(task.name()).isPresent()
                                ? bare.withSamples(output + "/" + HarnessResults.FOLDER + "/"
                                        + HarnessResults.samples(bare.model(), task.name(), date))
                                : bare;
                if (subject.identity().isEmpty()) {
                    failures.add(cell + ": the checkpoint has gone, or cannot be read");
                } else {
                    Hashes hashes = Hashes.of(
                            subject.identity(),
                            task.dataHash(),
                            runner.fingerprint(),
                            "task " + task.name() + " version " + task.version(),
                            "limit " + settings.limit(),
                            "prefix " + settings.prefix(),
                            "overrides " + settings.overrides());
                    plan.add(new PlannedCell(plan.size(), hashes, cell));
                }
            }
        }
        return plan;
    }

    /**
     * What a sweep needs and finds while it runs.
     *
     * @param shipped files of each task
     * @param journal receives every cell that has finished
     * @param finished cells by their place in the results
     * @param failures that are final
     * @param files of results
     * @param subjects all of them
     * @param date when it began
     */
    private record Running(
            Map<String, List<ShippedFile>> shipped,
            Journal journal,
            SortedMap<Integer, FinishedCell> finished,
            List<String> failures,
            ResultFiles files,
            List<EvaluatedModel> subjects,
            String date) {
        List<ShippedFile> files(String task) {
            return Objects.requireNonNull(shipped.get(task), task);
        }

        long bytes(String task) {
            return files(task).stream()
                    .mapToLong(file -> file.content().value().length)
                    .sum();
        }

        /** What there is so far, for people; a sweep does not fail for it. */
        void tell(List<Done> open) {
            List<String> all = new ArrayList<>(failures);
            open.forEach(done -> all.add(done.failure()));
            try {
                files.writePages(List.copyOf(finished.values()), subjects, all);
            } catch (IOException e) {
                LOG.warn("results so far could not be written; the sweep continues", e);
            }
        }
    }

    private List<Done> run(List<PlannedCell> open, int atOnce, Running sweep) throws IOException {
        List<Done> failures = new ArrayList<>();
        CellQueue queue = new CellQueue(open, sweep::bytes);
        ExecutorService waiting = Executors.newFixedThreadPool(atOnce);
        try {
            CompletionService<Done> running = new ExecutorCompletionService<>(waiting);
            for (int i = 0; i < open.size(); i++) {
                running.submit(() -> {
                    PlannedCell planned = queue.take();
                    List<ShippedFile> files = sweep.files(planned.cell().task());
                    Outcome outcome = runOnSpark(new CellTask(planned.cell(), runner, files));
                    queue.ended(planned, outcome.seconds());
                    return new Done(planned, outcome);
                });
            }
            long started = System.nanoTime();
            long written = started;
            for (int done = 1; done <= open.size(); done++) {
                Done cell = next(running);
                PlannedCell planned = cell.planned();
                String told;
                if (cell.outcome().failure().isEmpty()) {
                    FinishedCell result = new FinishedCell(
                            planned.hashes(),
                            planned.cell(),
                            sweep.date(),
                            cell.outcome().seconds(),
                            cell.outcome().results());
                    sweep.journal().add(result);
                    sweep.finished().put(planned.place(), result);
                    told = result.summary();
                } else {
                    failures.add(cell);
                    told = "failed";
                }
                double left = queue.left((System.nanoTime() - started) * 1e-9);
                say("[%d/%d] %s: %s; about %.0f s left", done, open.size(), planned.cell(), told, left);
                if (System.nanoTime() - written > NANOS_BETWEEN_PAGES
                        && !sweep.finished().isEmpty()) {
                    sweep.tell(failures);
                    written = System.nanoTime();
                }
            }
        } finally {
            waiting.shutdownNow();
        }
        return failures;
    }

    /** How many cells run side by side; a few more wait, so that no executor does. */
    private int slots() {
        return context().defaultParallelism() + 2;
    }

    private Map<String, List<ShippedFile>> ship(List<PlannedCell> open, List<RequestedTask> tasks) throws IOException {
        Set<String> needed = open.stream().map(p -> p.cell().task()).collect(Collectors.toSet());
        Map<java.nio.file.Path, ShippedFile> known = new HashMap<>();
        Map<String, List<ShippedFile>> shipped = new HashMap<>();
        for (RequestedTask task : tasks) {
            List<ShippedFile> files = new ArrayList<>();
            for (TaskFile file : needed.contains(task.name()) ? task.files() : List.<TaskFile>of()) {
                ShippedFile ready = known.get(file.path());
                if (ready == null) {
                    ready = new ShippedFile(
                            file.path().toFile().getName(), context().broadcast(Files.readAllBytes(file.path())));
                    known.put(file.path(), ready);
                }
                files.add(ready);
            }
            shipped.put(task.name(), files);
        }
        return shipped;
    }

    private Outcome runOnSpark(CellTask task) {
        try {
            context().setJobDescription(task.cell().toString());
            return context().parallelize(List.of(task), 1).map(CellTask::run).first();
        } catch (Exception e) {
            LOG.error("{} failed", task.cell(), e);
            return Outcome.failed(rootCause(e).toString());
        }
    }

    private JavaSparkContext context() {
        return JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    private static Done next(CompletionService<Done> running) throws IOException {
        try {
            return running.take().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the sweep was interrupted; finished cells are kept");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Throwable rootCause(Throwable error) {
        Throwable cause = error.getCause();
        return cause == null ? error : rootCause(cause);
    }

    private void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }
}
