package org.hopespark.jobs.prepare;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.data.corpus.InputCount;
import org.hopespark.data.filter.Stage;
import org.hopespark.data.filter.Stages;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.Growth;
import org.hopespark.data.shard.Manifest;
import org.hopespark.data.shard.Packing;
import org.hopespark.data.shard.PartReport;
import org.hopespark.data.shard.Recipe;
import org.hopespark.data.shard.SeenInputs;
import org.hopespark.data.shard.Snapshot;
import org.hopespark.data.shard.Snapshots;
import org.hopespark.data.source.CorruptInputException;
import org.hopespark.data.source.InputFile;
import org.hopespark.data.source.InputPart;
import org.hopespark.data.source.SourceFile;
import org.hopespark.data.source.TextColumns;
import org.hopespark.data.tokenizer.Tokenizer;
import org.hopespark.data.tokenizer.Tokenizers;
import org.hopespark.jobs.progress.StageProgress;
import org.hopespark.jobs.schedule.Outcome;
import org.hopespark.jobs.spark.BundledTasks;
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
     * @throws UserException if there is no such input, no such column in it, or no such tokenizer to read it with
     */
    public static List<InputFile> inputs(PrepareConfig config, Storage storage, PrintStream out) {
        Tokenizers.of(config.tokenizer(), storage).close();
        List<InputFile> files = InputFile.list(config.inputs(), storage, out::println);
        TextColumns.require(files, storage);
        return files;
    }

    public static Manifest run(SparkSession session, PrepareConfig config, PrintStream out) {
        Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
        return run(session, config, inputs(config, storage, out), out);
    }

    static Manifest run(SparkSession session, PrepareConfig config, List<InputFile> files, PrintStream out) {
        return prepare(session, config, files, Inputs.ALL_AT_ONCE, out).manifest();
    }

    /** How inputs come. */
    public enum Inputs {
        /** They are what they are: others are another data set. */
        ALL_AT_ONCE,
        /** More and more: what is new or has changed is added as a snapshot. */
        OVER_TIME,
        /** The same, and files are read again even if their length and time are as before. */
        OVER_TIME_READ_AGAIN
    }

    /** A data set, and whether this run has made any of it. */
    public record Result(Manifest manifest, Outcome outcome) {
        static Result of(Manifest manifest, boolean silent) {
            return new Result(
                    manifest,
                    silent ? Outcome.INPUT_WITHOUT_DOCUMENTS : manifest.bad() > 0 ? Outcome.PARTLY_BAD : Outcome.DONE);
        }
    }

    public static Result prepare(
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
        // a data set that has lost shards gets back the documents that they had
        Optional<Recipe> there = folder.recipe();
        Result made = lanes(
                there.orElse(recipe),
                files,
                folder,
                there.isEmpty() ? HeldOut.AT_LEAST_ONE : HeldOut.AS_THE_RECIPE_SAYS,
                this::requireDocuments);
        seen.save();
        return made;
    }

    private Result lanes(Recipe recipe, List<InputFile> files, DataSetFolder folder, HeldOut heldOut, Check check) {
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
        List<InputCount> counts = InputCount.of(files, reports);
        check.accept(counts, reports, folder);
        Recipe made = heldOut == HeldOut.AT_LEAST_ONE ? holdingOutOne(recipe, reports) : recipe;
        if (!made.equals(recipe)) {
            reports = moveHeldOut(recipe, made, files, folder);
        }
        Manifest manifest = folder.finish(made, reports);
        PrepareReport.print(manifest, (System.nanoTime() - begin) * 1e-9, out);
        List<String> silent = new ArrayList<>(InputCount.silentInputs(counts));
        silent.addAll(InputCount.silentFormats(counts));
        silent.forEach(line -> out.println("warning: " + line));
        return Result.of(manifest, !silent.isEmpty());
    }

    /** Refuses what was read, before it becomes a data set. */
    private interface Check {
        void accept(List<InputCount> counts, List<PartReport> reports, DataSetFolder folder);
    }

    /** Whether documents are held out that the fraction does not choose. */
    private enum HeldOut {
        /** The one with the lowest key, where the fraction chooses none. */
        AT_LEAST_ONE,
        /** None, as in a data set that is there. */
        AS_THE_RECIPE_SAYS
    }

    /** Of few documents none may have a key in the part that is held out: then it is the one with the lowest. */
    private Recipe holdingOutOne(Recipe recipe, List<PartReport> reports) {
        long lowest = reports.stream()
                .map(PartReport::lowestKey)
                .min(Long::compareUnsigned)
                .orElse(-1L);
        long highest = reports.stream()
                .map(PartReport::highestKey)
                .max(Long::compareUnsigned)
                .orElse(0L);
        boolean some = reports.stream().anyMatch(report -> report.heldOut() > 0);
        boolean several = Long.compareUnsigned(lowest, highest) < 0;
        return config.validationFraction() == 0 || some || !several ? recipe : recipe.holdingOut(lowest);
    }

    /** Takes the documents that are to be held out from the lane that they were in. */
    private List<PartReport> moveHeldOut(Recipe from, Recipe to, List<InputFile> files, DataSetFolder folder) {
        long key = Objects.requireNonNull(to.packing().heldOutKey());
        Set<Integer> lanes = Set.of(from.packing().laneOf(key), to.packing().laneOf(key));
        folder.reopen(from, lanes);
        return writeLanes(to, files, lanesWithout(to, lanes), folder);
    }

    private static int[] lanesWithout(Recipe recipe, Set<Integer> lanes) {
        return IntStream.range(0, recipe.packing().allLanes())
                .filter(lane -> !lanes.contains(lane))
                .toArray();
    }

    /**
     * Rebuilds some lanes of a finished data set.
     *
     * @throws UserException if what made them is no longer what it was
     */
    static void remake(SparkSession session, DataSetFolder folder, Set<Integer> lanes, PrintStream out) {
        String settings = folder.settings()
                .orElseThrow(() -> new UserException(folder.uri() + " does not know the settings that made it"
                        + " (an older version has); delete its damaged shards and run prepare again with the"
                        + " same settings"));
        if (Secrets.isHidden(settings)) {
            throw new UserException(folder.uri() + " was made of inputs with a password in their URI, which is not"
                    + " kept; delete its damaged shards and run prepare again with the same settings");
        }
        PrepareConfig config = PrepareConfig.of(Settings.parse(folder.uri() + ": settings", settings));
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
        Storage storage = folder.storage();
        Manifest manifest = folder.manifest();
        Set<String> names =
                manifest.recipe().sources().stream().map(SourceFile::name).collect(Collectors.toSet());
        List<InputFile> files = inputs(config, storage, out).stream()
                .filter(file -> names.contains(file.name()))
                .toList();
        PrepareJob job = new PrepareJob(spark, config, Stages.of(config.stages(), storage), out);
        Recipe recipe = job.recipe(files, SeenInputs.none(folder), storage);
        List<String> differences = recipe.differencesFrom(manifest.recipe());
        if (!differences.isEmpty()) {
            throw new UserException("what " + folder.uri() + " was made of is not what it was: "
                    + String.join("; ", differences) + "; put the inputs back as they were, then repair again");
        }
        lanes.forEach(lane -> folder.setAside(manifest.shards().get(lane)));
        job.writeLanes(manifest.recipe(), files, lanesWithout(recipe, lanes), folder);
    }

    /**
     * An input of which nothing can be read is a mistake, even among others; one whose documents no stage keeps is not.
     */
    private void requireDocuments(List<InputCount> counts, List<PartReport> reports, DataSetFolder folder) {
        List<String> silent = InputCount.silentInputs(counts);
        if (!silent.isEmpty()) {
            List<String> examples = examples(reports);
            throw new UserException(String.join("\n", silent)
                    + (examples.isEmpty()
                            ? ""
                            : "\nsee " + folder.badRows() + "; the first:\n  " + String.join("\n  ", examples))
                    + "\nput it right, or leave it out of inputs");
        }
        if (reports.stream().allMatch(report -> report.documents() == 0)) {
            throw new UserException("no documents are left: look at the stages, which have removed all "
                    + counts.stream()
                            .mapToLong(count -> count.read().documentsOut())
                            .sum());
        }
    }

    /** A snapshot with what is new in the inputs. */
    private Result add(Recipe recipe, List<InputFile> files, Snapshots snapshots, SeenInputs seen) {
        List<SourceFile> readable = recipe.sources().stream()
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
                growth.recipe().sources().stream().map(SourceFile::name).collect(Collectors.toSet());
        List<InputFile> wanted =
                files.stream().filter(file -> names.contains(file.name())).toList();
        Result made = segment.finished(growth.recipe())
                .map(finished -> Result.of(finished, false))
                // a night may bring nothing that can be used
                .orElseGet(() -> lanes(
                        growth.recipe(), wanted, segment, heldOut(snapshots, growth), (counts, reports, of) -> {}));
        Snapshot snapshot = snapshots.add(growth);
        out.printf(
                "snapshot %d, %s, of %d segments: %,d rows to train on, after %s%n",
                snapshot.number(),
                snapshot.identity(),
                snapshot.segments().size(),
                snapshot.manifest().training().rows(),
                snapshot.parent());
        return new Result(snapshot.manifest(), made.outcome());
    }

    /**
     * One is enough for all segments together. A data set of which an older version has held out nothing stays one that
     * holds out what the fraction says.
     */
    private static HeldOut heldOut(Snapshots snapshots, Growth growth) {
        Manifest before = snapshots.newest().manifest();
        boolean without =
                before.validation().documents() == 0 && before.training().documents() > 1;
        return without || snapshots.holdOut(growth.kept()) ? HeldOut.AS_THE_RECIPE_SAYS : HeldOut.AT_LEAST_ONE;
    }

    private static double megabytes(List<InputFile> files) {
        return files.stream().mapToLong(InputFile::bytes).sum() * 1e-6;
    }

    private Recipe recipe(List<InputFile> files, SeenInputs seen, Storage storage) {
        List<InputFile> unseen =
                files.stream().filter(file -> seen.source(file).isEmpty()).toList();
        List<SourceFile> read = unseen.isEmpty()
                ? List.of()
                : BundledTasks.of(spark, unseen, InputFile::bytes)
                        .map(file -> file.source(storage))
                        .collect();
        Map<String, SourceFile> known = new HashMap<>();
        files.forEach(file -> seen.source(file).ifPresent(source -> known.put(source.name(), source)));
        for (int i = 0; i < unseen.size(); i++) {
            known.put(read.get(i).name(), read.get(i));
            seen.add(unseen.get(i), read.get(i));
        }
        return recipe(files.stream().map(file -> known.get(file.name())).toList(), storage);
    }

    private Recipe recipe(List<SourceFile> sources, Storage storage) {
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
        List<PartReport> reports =
                reportsOf(() -> LaneShuffle.run(BundledTasks.of(spark, parts, InputPart::bytes), tasks));
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
            throw new UserException(
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
                if (cause instanceof UserException config) {
                    throw config;
                }
            }
            throw e;
        }
    }
}
