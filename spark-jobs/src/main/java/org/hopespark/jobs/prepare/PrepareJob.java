package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.ConfigException;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.PrepareConfig.Input;
import org.hopespark.conf.Settings;
import org.hopespark.data.CorruptInputException;
import org.hopespark.data.DataSetFolder;
import org.hopespark.data.Growth;
import org.hopespark.data.InputFile;
import org.hopespark.data.InputPart;
import org.hopespark.data.Manifest;
import org.hopespark.data.Packing;
import org.hopespark.data.PartReport;
import org.hopespark.data.Recipe;
import org.hopespark.data.SeenInputs;
import org.hopespark.data.Snapshot;
import org.hopespark.data.Snapshots;
import org.hopespark.data.Stage;
import org.hopespark.data.Storage;
import org.hopespark.data.TextColumns;
import org.hopespark.data.Tokenizer;
import org.hopespark.data.Tokenizers;
import org.hopespark.data.filter.Stages;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.text.Secrets;

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

    private final JavaSparkContext spark;
    private final PrepareConfig config;
    private final List<Stage> stages;
    private final PrintStream out;

    private PrepareJob(JavaSparkContext spark, PrepareConfig config, List<Stage> stages, PrintStream out) {
        this.spark = spark;
        this.config = config;
        this.stages = List.copyOf(stages);
        this.out = out;
    }

    /**
     * What is to be read, in its order.
     *
     * @throws ConfigException if there is no such input, no such column in it, or no such tokenizer to read it with
     */
    static List<InputFile> inputs(PrepareConfig config, Storage storage) {
        Tokenizers.of(config.tokenizer(), storage).close();
        List<InputFile> files = InputFile.list(config.inputs(), storage);
        TextColumns.require(files, storage);
        return files;
    }

    public static Manifest run(SparkSession session, PrepareConfig config, PrintStream out) {
        Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
        return run(session, config, inputs(config, storage), out);
    }

    static Manifest run(SparkSession session, PrepareConfig config, List<InputFile> files, PrintStream out) {
        return prepare(session, config, files, Inputs.ALL_AT_ONCE, out).manifest();
    }

    /** How inputs come. */
    enum Inputs {
        /** They are what they are: others are another data set. */
        ALL_AT_ONCE,
        /** More and more: what is new or has changed is added as a snapshot. */
        OVER_TIME,
        /** The same, and files are read again even if their length and time are as before. */
        OVER_TIME_READ_AGAIN
    }

    /** A data set, and whether this run has made any of it. */
    record Result(Manifest manifest, Outcome outcome) {
        static Result made(Manifest manifest) {
            return new Result(manifest, outcome(manifest));
        }

        static Result made(Manifest added, Snapshot snapshot) {
            return new Result(snapshot.manifest(), outcome(added));
        }

        private static Outcome outcome(Manifest made) {
            return made.bad() > 0 ? Outcome.PARTLY_BAD : Outcome.DONE;
        }
    }

    static Result prepare(
            SparkSession session, PrepareConfig config, List<InputFile> files, Inputs inputs, PrintStream out) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = new Storage(spark.hadoopConfiguration());
        DataSetFolder folder = new DataSetFolder(config.output(), storage);
        try (StageProgress progress = new StageProgress(spark, out)) {
            out.printf(
                    "prepare: %d input files, %.1f MB, into %d lanes of %s%n",
                    files.size(), megabytes(files), config.lanes(), config.output());
            PrepareJob job = new PrepareJob(spark, config, Stages.of(config.stages(), storage), out);
            if (inputs == Inputs.ALL_AT_ONCE) {
                folder.requireSettings(job.recipe(List.of(), storage));
            }
            progress.name("hash inputs");
            SeenInputs seen = inputs == Inputs.OVER_TIME ? SeenInputs.of(folder) : SeenInputs.none(folder);
            Recipe recipe = job.recipe(files, seen, storage);
            Result result = inputs == Inputs.ALL_AT_ONCE
                            || new Snapshots(folder).numbers().isEmpty()
                    ? job.make(recipe, files, folder, seen)
                    : job.add(recipe, files, new Snapshots(folder), seen);
            folder.keepTokenizer(config.tokenizer());
            return result;
        }
    }

    /** The lanes of a recipe that are not there yet, and the manifest. */
    private Result make(Recipe recipe, List<InputFile> files, DataSetFolder folder, SeenInputs seen) {
        Optional<Manifest> finished = folder.finished(recipe);
        if (finished.isPresent()) {
            requireFewBad(finished.get().bad(), "; see " + folder.badRows());
            out.println("nothing to do: " + config.output() + " holds this data set, "
                    + finished.get().sha256());
            return new Result(finished.get(), Outcome.NOTHING_TO_DO);
        }
        Manifest made = lanes(recipe, files, folder, this::requireDocuments);
        seen.save();
        return Result.made(made);
    }

    private Manifest lanes(
            Recipe recipe,
            List<InputFile> files,
            DataSetFolder folder,
            BiConsumer<List<PartReport>, DataSetFolder> check) {
        long begin = System.nanoTime();
        folder.claim(recipe);
        folder.keepSettings(Settings.print(config.withPlaces(folder.storage()::qualified)));
        int[] finished = IntStream.range(0, recipe.packing().allLanes())
                .filter(lane -> folder.entry(recipe, lane).isPresent())
                .toArray();
        if (finished.length > 0) {
            out.printf(
                    "resuming: %d of %d lanes are finished%n",
                    finished.length, recipe.packing().allLanes());
        }
        List<PartReport> reports = writeLanes(recipe, files, finished, folder);
        check.accept(reports, folder);
        Manifest manifest = folder.finish(recipe, reports);
        PrepareReport.print(manifest, (System.nanoTime() - begin) * 1e-9, out);
        return manifest;
    }

    /**
     * Makes some lanes of a finished data set anew.
     *
     * @throws ConfigException if what made them is no longer what it was
     */
    static void remake(SparkSession session, DataSetFolder folder, Set<Integer> lanes, PrintStream out) {
        String settings = folder.settings()
                .orElseThrow(() -> new ConfigException(folder.uri() + " does not know the settings that made it"
                        + " (an older version has); delete its damaged shards and run prepare again with the"
                        + " same settings"));
        if (Secrets.isHidden(settings)) {
            throw new ConfigException(folder.uri() + " was made of inputs with a password in their URI, which is not"
                    + " kept; delete its damaged shards and run prepare again with the same settings");
        }
        PrepareConfig config = PrepareConfig.of(Settings.parse(folder.uri() + ": settings", settings));
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = folder.storage();
        Manifest manifest = folder.manifest();
        Set<String> names =
                manifest.recipe().sources().stream().map(Manifest.Source::name).collect(Collectors.toSet());
        List<InputFile> files = inputs(config, storage).stream()
                .filter(file -> names.contains(file.name()))
                .toList();
        PrepareJob job = new PrepareJob(spark, config, Stages.of(config.stages(), storage), out);
        Recipe recipe = job.recipe(files, SeenInputs.none(folder), storage);
        List<String> differences = recipe.differencesFrom(manifest.recipe());
        if (!differences.isEmpty()) {
            throw new ConfigException("what " + folder.uri() + " was made of is not what it was: "
                    + String.join("; ", differences) + "; put the inputs back as they were, then repair again");
        }
        int[] others = IntStream.range(0, recipe.packing().allLanes())
                .filter(lane -> !lanes.contains(lane))
                .toArray();
        lanes.forEach(lane -> folder.setAside(manifest.shards().get(lane)));
        job.writeLanes(recipe, files, others, folder);
    }

    private void requireDocuments(List<PartReport> reports, DataSetFolder folder) {
        if (reports.stream().allMatch(report -> report.documents() == 0)) {
            boolean bad = reports.stream().anyMatch(report -> report.bad() > 0);
            throw new ConfigException(
                    "no documents are left: look at the paths, for archives at entries, and at the stages"
                            + (bad ? "; what could not be read is in " + folder.badRows() : ""));
        }
        config.inputs().forEach(input -> requireSome(input, reports, folder));
    }

    /**
     * An input of which nothing can be read is a mistake, even among others; one whose documents no stage keeps is not.
     */
    private void requireSome(Input input, List<PartReport> reports, DataSetFolder folder) {
        Set<String> names = InputFile.listIfThere(List.of(input), folder.storage()).stream()
                .map(InputFile::name)
                .collect(Collectors.toSet());
        List<PartReport> own = reports.stream()
                .filter(report -> names.contains(report.source()))
                .toList();
        long bad = own.stream().mapToLong(PartReport::bad).sum();
        if (bad > 0 && own.stream().allMatch(report -> report.stages().get(0).documentsOut() == 0)) {
            throw new ConfigException("nothing of the input " + input.path() + " could be read, see " + folder.badRows()
                    + "; the first:\n  " + String.join("\n  ", examples(own))
                    + "\nput it right, or leave it out of inputs");
        }
    }

    /** A snapshot with what is new in the inputs. */
    private Result add(Recipe recipe, List<InputFile> files, Snapshots snapshots, SeenInputs seen) {
        List<Manifest.Source> readable = recipe.sources().stream()
                .filter(source -> !source.sha256().isEmpty())
                .toList();
        recipe.sources().stream()
                .filter(source -> source.sha256().isEmpty())
                .forEach(source -> out.println("left out until it can be read: " + source.name()));
        Growth growth = snapshots.growth(recipe.with(readable));
        seen.save();
        if (growth.isNothing()) {
            out.println("nothing to do: snapshot " + snapshots.newest().number() + " has all of these inputs");
            return new Result(snapshots.newest().manifest(), Outcome.NOTHING_TO_DO);
        }
        DataSetFolder segment = snapshots.nextSegment();
        segment.discardOther(growth.recipe());
        out.printf(
                "adding to snapshot %d: %d new input files, %d changed, %d to read%n",
                snapshots.newest().number(),
                growth.added().size(),
                growth.replaced().size(),
                growth.recipe().sources().size());
        Set<String> names =
                growth.recipe().sources().stream().map(Manifest.Source::name).collect(Collectors.toSet());
        List<InputFile> wanted =
                files.stream().filter(file -> names.contains(file.name())).toList();
        Manifest made = segment.finished(growth.recipe())
                // a night may bring nothing that can be used
                .orElseGet(() -> lanes(growth.recipe(), wanted, segment, (reports, of) -> {}));
        Snapshot snapshot = snapshots.add(growth);
        out.printf(
                "snapshot %d, %s, of %d segments: %,d rows to train on, after %s%n",
                snapshot.number(),
                snapshot.identity(),
                snapshot.segments().size(),
                snapshot.manifest().training().rows(),
                snapshot.parent());
        return Result.made(made, snapshot);
    }

    private static double megabytes(List<InputFile> files) {
        return files.stream().mapToLong(InputFile::bytes).sum() * 1e-6;
    }

    private Recipe recipe(List<InputFile> files, SeenInputs seen, Storage storage) {
        List<InputFile> unseen =
                files.stream().filter(file -> seen.source(file).isEmpty()).toList();
        List<Manifest.Source> read = unseen.isEmpty()
                ? List.of()
                : spark.parallelize(unseen, slices(unseen))
                        .map(file -> file.source(storage))
                        .collect();
        Map<String, Manifest.Source> known = new HashMap<>();
        files.forEach(file -> seen.source(file).ifPresent(source -> known.put(source.name(), source)));
        for (int i = 0; i < unseen.size(); i++) {
            known.put(read.get(i).name(), read.get(i));
            seen.add(unseen.get(i), read.get(i));
        }
        return recipe(files.stream().map(file -> known.get(file.name())).toList(), storage);
    }

    private Recipe recipe(List<Manifest.Source> sources, Storage storage) {
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

    private List<PartReport> writeLanes(Recipe recipe, List<InputFile> files, int[] finished, DataSetFolder folder) {
        int most = PARTS_PER_CORE * spark.defaultParallelism();
        List<InputPart> parts = InputFile.seen(files, recipe.sources()).stream()
                .flatMap(file -> file.parts(most).stream())
                .toList();
        String tokenizer = Tokenizers.qualified(config.tokenizer(), folder.storage());
        PrepareTasks tasks = new PrepareTasks(recipe.toJson(), tokenizer, stages, finished, config.mostBad(), folder);
        List<PartReport> reports = reportsOf(() -> LaneShuffle.run(spark, parts, slices(parts), tasks));
        long bad = reports.stream().mapToLong(PartReport::bad).sum();
        requireFewBad(bad, "; the first:\n  " + String.join("\n  ", examples(reports)));
        examples(reports).forEach(example -> out.println("left out: " + example));
        if (bad > 0) {
            out.printf("left out: %,d rows in all, see %s%n", bad, folder.badRows());
        }
        return reports;
    }

    /** Also of a data set that was finished before: running it again does not make bad rows good. */
    private void requireFewBad(long bad, String more) {
        if (bad > config.mostBad()) {
            throw new ConfigException(
                    "the inputs have " + bad + " bad rows, more than max-bad " + config.maxBad() + more);
        }
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
