package org.hopespark.jobs.evaluate;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hadoop.fs.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.jobs.evaluate.CellTask.Outcome;
import org.hopespark.jobs.evaluate.CellTask.ShippedFile;
import org.hopespark.model.eval.HeldOut;
import org.hopespark.model.eval.TaskFile;
import org.hopespark.model.eval.Tasks;

/**
 * Runs a sweep. Each cell is a Spark job of one task, so that cells run side by side, a lost executor costs one try of
 * one cell, and a result is in the journal as soon as it is known.
 */
public final class EvaluateJob {
    private static final Logger LOG = LogManager.getLogger(EvaluateJob.class);

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

    /** A cell before it is run; {@code place} is where it stands in the results. */
    private record Planned(int place, String key, Cell cell) {}

    /** A cell after it was run. */
    private record Done(Planned planned, Outcome outcome) {}

    /** Runs what is not finished yet, writes all results, and returns the failures, one line each. */
    public List<String> run(Sweep sweep) throws IOException {
        List<String> checkpoints = Checkpoints.find(sweep.checkpoints(), text);
        Map<String, TaskFile> taskFiles = taskFiles(sweep);
        List<Planned> plan = plan(sweep, checkpoints, taskFiles);
        Journal journal = new Journal(new Path(sweep.output(), "cells"), text);
        SortedMap<Integer, FinishedCell> finished = new TreeMap<>();
        for (Planned planned : plan) {
            journal.find(planned.key()).ifPresent(known -> finished.put(planned.place(), known.as(planned.cell())));
        }
        say(
                "%d checkpoints x %d tasks = %d cells, %d of them finished earlier",
                checkpoints.size(), sweep.tasks().size(), plan.size(), finished.size());
        List<Planned> open =
                plan.stream().filter(p -> !finished.containsKey(p.place())).toList();
        List<String> failures = run(open, taskFiles, journal, finished);
        if (!finished.isEmpty()) {
            new ResultFiles(new Path(sweep.output()), text)
                    .write(List.copyOf(finished.values()), Checkpoints.labels(checkpoints), spark);
            say(
                    "results: %s (also %s, %s)",
                    new Path(sweep.output(), ResultFiles.MARKDOWN), ResultFiles.JSON, ResultFiles.TABLE);
        }
        if (!failures.isEmpty()) {
            say("%d of %d cells failed; run the same command again to try only these:", failures.size(), plan.size());
            failures.forEach(failure -> say("  %s", failure));
        }
        return failures;
    }

    private Map<String, TaskFile> taskFiles(Sweep sweep) {
        Map<String, TaskFile> files = new HashMap<>();
        for (String name : sweep.tasks()) {
            if (!name.equals(HeldOut.TASK)) {
                files.put(name, TaskFile.find(Tasks.named(name), java.nio.file.Path.of(sweep.taskData())));
            }
        }
        return files;
    }

    /** All cells, checkpoint by checkpoint, with the hash of everything that decides their results. */
    private List<Planned> plan(Sweep sweep, List<String> checkpoints, Map<String, TaskFile> taskFiles)
            throws IOException {
        Map<String, String> hashes = new HashMap<>();
        for (String task : sweep.tasks()) {
            TaskFile file = taskFiles.get(task);
            hashes.put(task, file == null ? Checkpoints.identity(sweep.data(), text) : file.sha256());
        }
        List<Planned> plan = new ArrayList<>();
        // executors have other working folders
        String data = text.qualified(sweep.data());
        for (String checkpoint : checkpoints) {
            String identity = Checkpoints.identity(checkpoint, text);
            for (String task : sweep.tasks()) {
                int version = task.equals(HeldOut.TASK)
                        ? HeldOut.VERSION
                        : Tasks.named(task).version();
                String key = Fingerprint.of(
                        "checkpoint " + identity,
                        "task " + task + " version " + version,
                        "limit " + sweep.settings().limit(),
                        "prefix " + sweep.settings().prefix(),
                        "overrides " + sweep.settings().overrides(),
                        "data " + hashes.get(task),
                        "runner " + runner.fingerprint());
                plan.add(new Planned(plan.size(), key, new Cell(checkpoint, task, "", data, sweep.settings())));
            }
        }
        return plan;
    }

    private List<String> run(
            List<Planned> open,
            Map<String, TaskFile> taskFiles,
            Journal journal,
            SortedMap<Integer, FinishedCell> finished)
            throws IOException {
        Map<String, ShippedFile> shipped = ship(open, taskFiles);
        List<String> failures = new ArrayList<>();
        ExecutorService waiting = Executors.newFixedThreadPool(Math.max(1, open.size()));
        try {
            CompletionService<Done> running = new ExecutorCompletionService<>(waiting);
            for (Planned planned : open) {
                ShippedFile file =
                        Objects.requireNonNull(shipped.get(planned.cell().task()));
                running.submit(() -> new Done(planned, runOnSpark(new CellTask(planned.cell(), runner, file))));
            }
            long started = System.nanoTime();
            for (int done = 1; done <= open.size(); done++) {
                Done cell = next(running);
                Planned planned = cell.planned();
                String told;
                if (cell.outcome().failure().isEmpty()) {
                    FinishedCell result = new FinishedCell(
                            planned.key(),
                            planned.cell(),
                            cell.outcome().seconds(),
                            cell.outcome().results());
                    journal.add(result);
                    finished.put(planned.place(), result);
                    told = result.summary();
                } else {
                    failures.add(planned.cell() + ": " + cell.outcome().failure());
                    told = "failed";
                }
                double left = (System.nanoTime() - started) * 1e-9 / done * (open.size() - done);
                say("[%d/%d] %s: %s; about %.0f s left", done, open.size(), planned.cell(), told, left);
            }
        } finally {
            waiting.shutdownNow();
        }
        return failures;
    }

    private Map<String, ShippedFile> ship(List<Planned> open, Map<String, TaskFile> taskFiles) throws IOException {
        Map<String, ShippedFile> shipped = new HashMap<>();
        for (Planned planned : open) {
            String task = planned.cell().task();
            TaskFile file = taskFiles.get(task);
            if (!shipped.containsKey(task)) {
                String name = file == null ? "" : file.path().toFile().getName();
                byte[] content = file == null ? new byte[0] : Files.readAllBytes(file.path());
                shipped.put(task, new ShippedFile(name, context().broadcast(content)));
            }
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
