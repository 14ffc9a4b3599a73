package org.hopespark.jobs.corpus;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.CorpusConfig;
import org.hopespark.conf.CorpusStep;
import org.hopespark.conf.ExactDuplicatesConfig;
import org.hopespark.conf.FilterConfig;
import org.hopespark.conf.MixtureConfig;
import org.hopespark.conf.NearDuplicatesConfig;
import org.hopespark.conf.UserException;
import org.hopespark.data.corpus.InputCount;
import org.hopespark.data.corpus.MinHash;
import org.hopespark.data.corpus.Mixture;
import org.hopespark.data.corpus.PartEntry;
import org.hopespark.data.corpus.Selection;
import org.hopespark.data.corpus.StepFolder;
import org.hopespark.data.corpus.StepRecord;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.filter.StageCount;
import org.hopespark.data.filter.Stages;
import org.hopespark.data.io.Storage;
import org.hopespark.data.source.Bundles;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.source.SourceFile;
import org.hopespark.data.source.TextColumns;
import org.hopespark.jobs.progress.StageProgress;
import org.hopespark.jobs.report.CorpusReport;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.jobs.spark.BundledTasks;

/**
 * Runs the steps of a corpus pipeline, each from what the one before has kept. Parts are numbered in the order of the
 * inputs and never by what a cluster has of cores, so every file of every step is the same on any number of them. What
 * an interrupted run has finished is not done again.
 */
public final class CorpusJob {
    /** Archives are read in so many parts at most. */
    private static final int PARTS_OF_AN_ARCHIVE = 64;

    /** Removed documents that the report shows for each reason. */
    private static final int EXAMPLES = 3;

    private final JavaSparkContext spark;
    private final CorpusConfig config;
    private final Storage storage;
    private final PrintStream out;

    /** A pipeline on a session. */
    public CorpusJob(SparkSession session, CorpusConfig config, PrintStream out) {
        spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        this.config = config;
        this.out = out;
        storage = new Storage(spark.hadoopConfiguration());
    }

    /** What came of a run: the records of all steps, in order, and whether this run has made any of them. */
    public record Result(List<StepRecord> steps, Outcome outcome) {
        public Result {
            steps = List.copyOf(steps);
        }
    }

    /** How what is finished is recognised. */
    public enum Earlier {
        /** Other results of earlier runs are other inputs. */
        MATTERS,
        /** It stays finished whatever earlier runs have kept by now: later nights come under the same pattern. */
        HAD_ITS_TIME
    }

    /** Runs what is not finished. */
    public Result run() {
        return run(Earlier.MATTERS);
    }

    /** The same, with a choice what is finished. */
    public Result run(Earlier earlierRuns) {
        List<InputFile> files = InputFile.list(config.inputs(), storage, out::println);
        TextColumns.require(files, storage);
        out.printf(
                Locale.ROOT,
                "corpus: %d input files, %.1f MB%n",
                files.size(),
                files.stream().mapToLong(InputFile::bytes).sum() * 1e-6);
        List<InputFile> earlier = earlier();
        List<StepRecord> records = new ArrayList<>();
        boolean worked = false;
        List<String> silent = List.of();
        try (StageProgress progress = new StageProgress(spark, out)) {
            progress.name("hash inputs");
            spark.setLocalProperty(StepCosts.STEP, "hash inputs");
            List<SourceFile> sources = hash(files);
            String inputs = SourceFile.sha256(sources);
            List<List<InputPart>> parts = parts(InputFile.seen(files, sources));
            Optional<String> finishedAfter = earlierRuns == Earlier.HAD_ITS_TIME
                    ? new StepFolder(folderOf(0), storage)
                            .finishedAfter(description(config.steps().get(0)), inputs, parts.size())
                    : Optional.empty();
            String before = finishedAfter.orElseGet(() -> StepFolder.before(
                    inputs, earlier.isEmpty() ? Optional.empty() : Optional.of(SourceFile.sha256(hash(earlier)))));
            for (int i = 0; i < config.steps().size(); i++) {
                CorpusStep step = config.steps().get(i);
                StepFolder folder = new StepFolder(folderOf(i), storage);
                Optional<StepRecord> finished = folder.claim(description(step), before, parts.size());
                worked |= finished.isEmpty();
                spark.setLocalProperty(StepCosts.STEP, nameOf(i));
                StepRecord record = finished.isPresent()
                        ? finished.get()
                        : run(step, before, parts, Bundles.single(pieces(earlier)), folder);
                out.print(finished.isPresent() ? step.name() + ": finished before\n" : "");
                print(step, record);
                requireFewBad(record);
                if (i == 0) {
                    silent = silent(parts, folder);
                }
                records.add(record);
                before = record.sha256();
                parts = IntStream.range(0, parts.size())
                        .mapToObj(index -> List.of(folder.kept(index)))
                        .toList();
            }
            // also of steps that were finished before: a job that is cut off may have written them and no report
            writeReport(records, parts.size());
        }
        silent.forEach(line -> out.println("warning: " + line));
        return new Result(records, outcome(records, worked, !silent.isEmpty()));
    }

    private static Outcome outcome(List<StepRecord> records, boolean worked, boolean silent) {
        if (!worked) {
            return Outcome.NOTHING_TO_DO;
        }
        return silent
                ? Outcome.INPUT_WITHOUT_DOCUMENTS
                : records.stream().anyMatch(record -> record.bad() > 0) ? Outcome.PARTLY_BAD : Outcome.DONE;
    }

    /** A line on every input, and every format in one, of which the first step has read nothing. */
    private static List<String> silent(List<List<InputPart>> parts, StepFolder first) {
        List<PartEntry> entries = IntStream.range(0, parts.size())
                .mapToObj(first::entry)
                .flatMap(Optional::stream)
                .toList();
        if (entries.size() < parts.size()) {
            return List.of(); // a finished step whose parts somebody has cleared away
        }
        List<InputCount> counts = InputCount.ofParts(parts, entries);
        List<String> silent = new ArrayList<>(InputCount.silentInputs(counts));
        silent.addAll(InputCount.silentFormats(counts));
        return silent;
    }

    /** What earlier runs have kept, but for what this one has, should the same pattern match it. */
    private List<InputFile> earlier() {
        String own = storage.qualified(config.output()) + "/";
        List<InputFile> earlier = InputFile.listIfThere(config.earlier(), storage).stream()
                .filter(file -> !storage.qualified(file.path()).startsWith(own))
                .toList();
        if (!config.earlier().isEmpty()) {
            out.printf(Locale.ROOT, "duplicates are looked for in %d files of earlier runs, too%n", earlier.size());
        }
        return earlier;
    }

    private List<SourceFile> hash(List<InputFile> files) {
        Storage everywhere = storage;
        return BundledTasks.of(spark, files, InputFile::bytes)
                .map(file -> file.source(everywhere))
                .collect();
    }

    private static List<InputPart> pieces(List<InputFile> files) {
        return files.stream()
                .flatMap(file -> file.parts(PARTS_OF_AN_ARCHIVE).stream())
                .toList();
    }

    /** An output that an older version has begun has a part a piece. */
    private List<List<InputPart>> parts(List<InputFile> files) {
        List<InputPart> pieces = pieces(files);
        boolean older = new StepFolder(folderOf(0), storage).claimedParts().orElse(-1) == pieces.size();
        return older ? Bundles.single(pieces) : Bundles.ofParts(pieces);
    }

    private void writeReport(List<StepRecord> records, int parts) {
        List<CorpusReport.Step> steps = new ArrayList<>();
        for (int i = 0; i < records.size(); i++) {
            List<StepFolder.Removed> removed = new StepFolder(folderOf(i), storage).removed(parts, EXAMPLES);
            steps.add(
                    new CorpusReport.Step((i + 1) + " " + config.steps().get(i).name(), records.get(i), removed));
        }
        String place = config.output() + "/report.html";
        storage.publish(place, CorpusReport.html("Corpus", steps).getBytes(StandardCharsets.UTF_8));
        out.println("report: " + place);
    }

    /** Of the step's folder. */
    String nameOf(int step) {
        return (step + 1) + "-" + config.steps().get(step).name();
    }

    /** Where a step keeps what it made. */
    public String folderOf(int step) {
        return config.output() + "/" + nameOf(step);
    }

    private StepRecord run(
            CorpusStep step,
            String before,
            List<List<InputPart>> parts,
            List<List<InputPart>> earlier,
            StepFolder folder) {
        long maxBad = config.maxBad() < 0 ? Long.MAX_VALUE : config.maxBad();
        List<Integer> missing = IntStream.range(0, parts.size())
                .filter(index -> folder.entry(index).isEmpty())
                .boxed()
                .toList();
        if (missing.size() < parts.size()) {
            out.printf(
                    "%s: resuming, %d of %d parts are done%n",
                    step.name(), parts.size() - missing.size(), parts.size());
        }
        withoutSparksWrapping(() -> {
            List<Stage> stages = step instanceof FilterConfig filter ? Stages.of(filter.stages(), storage) : List.of();
            boolean unique = step instanceof ExactDuplicatesConfig || step instanceof NearDuplicatesConfig;
            if (unique && !folder.knowsDuplicates(parts.size())) {
                DuplicateSearch.run(spark, step, earlier, parts, folder, maxBad, line -> out.println("  " + line));
            }
            spark.setCallSite(step.name() + ": write parts");
            Selection mixture = step instanceof MixtureConfig mix ? new Mixture(mix) : Selection.ALL;
            List<List<InputPart>> all = List.copyOf(parts);
            BundledTasks.of(spark, missing, index -> bytes(all.get(index)))
                    .foreach(index -> folder.write(
                            index,
                            all.get(index),
                            stages,
                            unique ? folder.duplicates(index, step.name()) : mixture,
                            maxBad,
                            Long.toString(TaskContext.get().taskAttemptId())));
        });
        return folder.finish(description(step), before, parts.size());
    }

    /** Also of a step that was finished before: running it again does not make bad rows good. */
    private void requireFewBad(StepRecord record) {
        if (config.maxBad() >= 0 && record.bad() > config.maxBad()) {
            throw new UserException("the inputs have " + record.bad() + " bad rows, more than max-bad "
                    + config.maxBad() + "; the first:\n  " + String.join("\n  ", record.badExamples()));
        }
    }

    /**
     * A stage's name says more than its settings where those name files, and near duplicates depend on what a word is,
     * too.
     */
    private String description(CorpusStep step) {
        if (step instanceof FilterConfig filter) {
            return step.name()
                    + Stages.of(filter.stages(), storage).stream()
                            .map(Stage::name)
                            .toList();
        }
        return step.describe() + (step instanceof NearDuplicatesConfig ? ", signatures " + MinHash.VERSION : "");
    }

    private void print(CorpusStep step, StepRecord record) {
        record.badExamples().forEach(example -> out.println("  left out: " + example));
        for (StageCount count : record.counts()) {
            out.printf(
                    Locale.ROOT,
                    "  %-60s %,10d of %,d documents%s%n",
                    abridged(count.name()),
                    count.documentsOut(),
                    count.documentsIn(),
                    count.removed().isEmpty() ? "" : ", removed: " + count.removed());
        }
        out.printf(
                Locale.ROOT,
                "%s: kept %,d documents, %.1f MB%n",
                step.name(),
                record.documents(),
                record.bytes() * 1e-6);
        if (step instanceof MixtureConfig) {
            record.sources()
                    .forEach(source -> out.printf(
                            Locale.ROOT,
                            "  %-40s %,12d documents, %,.1f MB, of %,d and %,.1f MB: %.3f times%n",
                            source.source(),
                            source.documentsOut(),
                            source.bytesOut() * 1e-6,
                            source.documentsIn(),
                            source.bytesIn() * 1e-6,
                            (double) source.bytesOut() / Math.max(1, source.bytesIn())));
        }
    }

    private static long bytes(List<InputPart> part) {
        return part.stream().mapToLong(InputPart::bytes).sum();
    }

    private static String abridged(String name) {
        return name.length() <= 60 ? name : name.substring(0, 57) + "...";
    }

    /** What is wrong with an input is thrown as itself, not inside what Spark says about its task. */
    private static void withoutSparksWrapping(Runnable work) {
        try {
            work.run();
        } catch (Exception e) { // Spark throws checked exceptions that its methods do not declare
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof CorruptInputException || cause instanceof UserException) {
                    throw (RuntimeException) cause;
                }
            }
            throw e;
        }
    }
}
