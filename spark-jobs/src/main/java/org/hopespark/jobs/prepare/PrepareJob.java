package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.data.CorruptInputException;
import org.hopespark.data.DataSetFolder;
import org.hopespark.data.InputFile;
import org.hopespark.data.InputPart;
import org.hopespark.data.Manifest;
import org.hopespark.data.Packing;
import org.hopespark.data.PartReport;
import org.hopespark.data.Recipe;
import org.hopespark.data.Stage;
import org.hopespark.data.Storage;
import org.hopespark.data.Tokenizer;
import org.hopespark.data.Tokenizers;
import org.hopespark.data.filter.Stages;
import org.hopespark.jobs.schedule.Outcome;

/**
 * Turns a corpus into a data set: tasks read, filter and tokenize; a shuffle deals the documents to lanes and sorts
 * them; one task a lane packs and writes its shard; the manifest comes last.
 *
 * <p>A relaunch after a kill makes only the lanes that are missing. What comes out does not depend on the number of
 * tasks, on retries, or on how often the job was interrupted.
 */
public final class PrepareJob {
    /** Archives are read in up to this many parts a core, so that the cores finish together. */
    private static final int PARTS_PER_CORE = 2;

    private PrepareJob() {}

    /**
     * What is to be read, in its order.
     *
     * @throws ConfigException if there is no such input, or no such tokenizer to read it with
     */
    static List<InputFile> inputs(PrepareConfig config, Storage storage) {
        Tokenizers.of(config.tokenizer(), storage).close();
        return InputFile.list(config.inputs(), storage);
    }

    public static Manifest run(SparkSession session, PrepareConfig config, PrintStream out) {
        Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
        return run(session, config, inputs(config, storage), out);
    }

    static Manifest run(SparkSession session, PrepareConfig config, List<InputFile> files, PrintStream out) {
        return prepare(session, config, files, out).manifest();
    }

    /** A data set, and whether this run has made any of it. */
    record Result(Manifest manifest, Outcome outcome) {
        static Result made(Manifest manifest) {
            boolean bad =
                    manifest.stages().stream().anyMatch(stage -> stage.removed().containsKey("corrupt"));
            return new Result(manifest, bad ? Outcome.PARTLY_BAD : Outcome.DONE);
        }
    }

    static Result prepare(SparkSession session, PrepareConfig config, List<InputFile> files, PrintStream out) {
        long begin = System.nanoTime();
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        DataSetFolder folder = new DataSetFolder(config.output(), storage);
        try (StageProgress progress = new StageProgress(spark, out)) {
            out.printf(
                    "prepare: %d input files, %.1f MB, into %d lanes of %s%n",
                    files.size(), megabytes(files), config.lanes(), config.output());
            progress.name("hash inputs");
            List<Stage> stages = Stages.of(config.stages(), storage);
            Recipe recipe = recipe(spark, config, stages, files, storage);
            Optional<Manifest> finished = folder.finished(recipe);
            if (finished.isPresent()) {
                out.println("nothing to do: " + config.output() + " holds this data set, "
                        + finished.get().sha256());
                return new Result(finished.get(), Outcome.NOTHING_TO_DO);
            }
            folder.claim(recipe);
            Manifest manifest = folder.finish(recipe, writeLanes(spark, config, stages, recipe, files, folder, out));
            PrepareReport.print(manifest, (System.nanoTime() - begin) * 1e-9, out);
            return Result.made(manifest);
        }
    }

    private static double megabytes(List<InputFile> files) {
        return files.stream().mapToLong(InputFile::bytes).sum() * 1e-6;
    }

    private static Recipe recipe(
            JavaSparkContext spark, PrepareConfig config, List<Stage> stages, List<InputFile> files, Storage storage) {
        List<Manifest.Source> sources = spark.parallelize(files, slices(files))
                .map(file -> file.source(storage))
                .collect();
        Packing packing = Packing.of(
                config.sequenceTokens(),
                config.alignTokens(),
                config.lanes(),
                config.validationFraction(),
                config.seed());
        try (Tokenizer tokenizer = Tokenizers.of(config.tokenizer(), storage)) {
            return Recipe.of(tokenizer, packing, stages, sources);
        }
    }

    private static List<PartReport> writeLanes(
            JavaSparkContext spark,
            PrepareConfig config,
            List<Stage> stages,
            Recipe recipe,
            List<InputFile> files,
            DataSetFolder folder,
            PrintStream out) {
        int[] finished = IntStream.range(0, recipe.packing().allLanes())
                .filter(lane -> folder.entry(recipe, lane).isPresent())
                .toArray();
        if (finished.length > 0) {
            out.printf(
                    "resuming: %d of %d lanes are finished%n",
                    finished.length, recipe.packing().allLanes());
        }
        int most = PARTS_PER_CORE * spark.defaultParallelism();
        List<InputPart> parts =
                files.stream().flatMap(file -> file.parts(most).stream()).toList();
        String tokenizer = Tokenizers.qualified(config.tokenizer(), folder.storage());
        PrepareTasks tasks = new PrepareTasks(recipe.toJson(), tokenizer, stages, finished, config.maxBad(), folder);
        List<PartReport> reports = reportsOf(() -> LaneShuffle.run(spark, parts, slices(parts), tasks));
        long bad = reports.stream().mapToLong(PartReport::bad).sum();
        if (bad > config.maxBad()) {
            throw new ConfigException("the inputs have " + bad + " bad rows, more than max-bad " + config.maxBad()
                    + "; the first:\n  " + String.join("\n  ", examples(reports)));
        }
        examples(reports).forEach(example -> out.println("left out: " + example));
        if (reports.stream().allMatch(report -> report.documents() == 0)) {
            throw new ConfigException(
                    "no documents are left: look at the paths, for archives at entries, and at the stages");
        }
        return reports;
    }

    private static List<String> examples(List<PartReport> reports) {
        return reports.stream()
                .flatMap(report -> report.badExamples().stream())
                .sorted()
                .limit(10)
                .toList();
    }

    private static int slices(List<?> items) {
        return Math.max(1, Math.min(items.size(), 10_000));
    }

    private interface Work {
        List<PartReport> run();
    }

    /** What is wrong with an input is thrown as itself, not inside what Spark says about its task. */
    private static List<PartReport> reportsOf(Work work) {
        try {
            return work.run();
        } catch (Exception e) { // Spark throws checked exceptions that its methods do not declare
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof CorruptInputException corrupt) {
                    throw corrupt;
                }
                if (cause instanceof ConfigException config) {
                    throw config;
                }
            }
            throw e;
        }
    }
}
