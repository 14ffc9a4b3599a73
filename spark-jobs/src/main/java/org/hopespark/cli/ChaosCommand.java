package org.hopespark.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.hopespark.cluster.Checkpoint;
import org.hopespark.cluster.CheckpointStore;
import org.hopespark.conf.PrepareConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.chaos.Fault;
import org.hopespark.jobs.chaos.Injector;
import org.hopespark.jobs.prepare.PrepareJob;
import org.hopespark.jobs.pretrain.PretrainJob;
import org.hopespark.jobs.run.RunFolder;
import org.hopespark.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code chaos}: exit code 1 when the disturbed run does not end with the bits of the undisturbed one. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = "Trains a small model twice, once in peace and once under random faults, and compares the bits.",
        footer = {
            "",
            "The executors must be processes of this machine (the embedded cluster is).",
            "Faults: kill, kill-in-save (while a checkpoint is being written), terminate (SIGTERM), terminate-in-save,",
            "hang (SIGSTOP for longer than the others wait), corrupt (a flipped byte in the newest checkpoint, then",
            "kill), power-loss (all executors killed in a save, whose files are then empty), second-driver (the same",
            "command again while the run trains)."
        })
public final class ChaosCommand implements Callable<Integer> {
    @Option(names = "--kills", paramLabel = "N", description = "Number of faults. Default: ${DEFAULT-VALUE}.")
    private int kills = 10;

    @Option(names = "--seed", paramLabel = "S", description = "Decides what strikes whom. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "KIND",
            description = "Kinds of faults to choose from. Default: all.")
    private List<String> faults = List.of();

    @Option(
            names = "--steps-between",
            paramLabel = "N",
            description = "Steps of progress from one fault to the next, on average. Default: ${DEFAULT-VALUE}.")
    private long stepsBetween = 12;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description = "A new folder for both runs. Default: ${DEFAULT-VALUE}.")
    private String output = "runs/chaos";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting of the run.")
    private List<String> overrides = List.of();

    @Override
    public Integer call() throws IOException {
        if (kills < 1 || stepsBetween < 1) {
            throw new UserException("--kills and --steps-between must be >= 1, got " + kills + " and " + stepsBetween);
        }
        List<Fault.Kind> kinds = kinds();
        Path folder = Path.of(output).toAbsolutePath();
        if (Files.exists(folder)) {
            throw new UserException("--output " + folder + " exists: name a new folder, or remove it");
        }
        long steps = 2L * (kills + 1) * stepsBetween;
        RunConfig config =
                RunConfig.read("chaos", List.of("training.steps=" + steps)).with(overrides);
        SparkSession spark = SparkSessions.forGang("hope check chaos " + output, config.cluster());
        String data = prepare(spark, folder, config);

        Path undisturbed = folder.resolve("undisturbed");
        System.out.printf("in peace: %d steps%n", config.training().steps());
        new PretrainJob(spark, config, data, undisturbed.toString(), quiet()).run();

        Path disturbed = folder.resolve("disturbed");
        System.out.printf(
                "under %d faults, seed %d:%n%n%5s  %-17s %4s %6s %10s %14s %10s%n",
                kills, seed, "fault", "kind", "rank", "step", "detected", "trains again", "steps lost");
        PretrainJob job = new PretrainJob(spark, config, data, disturbed.toString(), quiet());
        List<Fault> survived;
        long hangMillis = 1000L * config.cluster().timeoutSeconds() + 2000;
        try (Injector injector = new Injector(
                disturbed.resolve("checkpoints"),
                kills,
                stepsBetween,
                hangMillis,
                seed,
                kinds,
                ChaosCommand::print,
                () -> isRefused(new PretrainJob(spark, config, data, disturbed.toString(), quiet())))) {
            job.follow(injector);
            job.run();
            survived = injector.faults();
        }
        summarise(survived);
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        boolean equal = bits(undisturbed, hadoop).equals(bits(disturbed, hadoop));
        System.out.printf(
                "%n%d of %d faults struck; the weights, moments and windows after step %d are %s%n",
                survived.size(),
                kills,
                config.training().steps(),
                equal ? "equal to those of the undisturbed run, bit for bit" : "NOT those of the undisturbed run");
        return equal && survived.size() == kills ? 0 : 1;
    }

    /** Whether a second driver is told that the run has one. */
    private static boolean isRefused(PretrainJob second) {
        try {
            second.run();
            return false;
        } catch (UserException e) {
            return String.valueOf(e.getMessage()).contains("is being written by another job");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Fault.Kind> kinds() {
        Map<String, Fault.Kind> byWord = Arrays.stream(Fault.Kind.values())
                .collect(Collectors.toMap(Fault.Kind::word, kind -> kind, (a, b) -> a, TreeMap::new));
        List<String> unknown =
                faults.stream().filter(word -> !byWord.containsKey(word)).toList();
        if (!unknown.isEmpty()) {
            throw new UserException("--faults: " + unknown + " are none of " + byWord.keySet());
        }
        return faults.isEmpty()
                ? List.of(Fault.Kind.values())
                : byWord.entrySet().stream()
                        .filter(entry -> faults.contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .toList();
    }

    /** Some text that follows from a fixed seed: what is learned from it is of no interest. */
    private static String prepare(SparkSession spark, Path folder, RunConfig config) throws IOException {
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        Random random = new Random(5);
        for (int file = 0; file < 8; file++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                text.append("level ").append(random.nextInt(100)).append(" is due, ");
            }
            Files.writeString(corpus.resolve(file + ".txt"), text);
        }
        String data = folder.resolve("data").toString();
        Map<String, Object> settings = Map.of(
                "inputs",
                List.of(Map.of("path", corpus.toString(), "format", "text")),
                "output",
                data,
                "tokenizer",
                "bytes",
                "sequence-tokens",
                config.model().contextTokens(),
                "align-tokens",
                config.model().alignTokens(),
                "lanes",
                4);
        PrepareJob.run(spark, PrepareConfig.of(new Settings("chaos corpus", settings)), quiet());
        return data;
    }

    private static PrintStream quiet() {
        return new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8);
    }

    private static void print(Fault fault) {
        System.out.printf(
                Locale.ROOT,
                "%5d  %-17s %4d %6d %8.1f s %12.1f s %10d%n",
                fault.number(),
                fault.kind().word(),
                fault.rank(),
                fault.step(),
                fault.detectSeconds().orElse(Double.NaN),
                fault.resumeSeconds().orElse(Double.NaN),
                fault.stepsLost());
    }

    private static void summarise(List<Fault> faults) {
        System.out.printf(
                "%n%-17s %6s %22s %22s %12s%n",
                "kind", "count", "detected, median/max", "again, median/max", "steps lost");
        for (Fault.Kind kind : Fault.Kind.values()) {
            List<Fault> some =
                    faults.stream().filter(fault -> fault.kind() == kind).toList();
            if (!some.isEmpty()) {
                double[] detect = some.stream()
                        .mapToDouble(fault -> fault.detectSeconds().orElse(Double.NaN))
                        .sorted()
                        .toArray();
                double[] resume = some.stream()
                        .mapToDouble(fault -> fault.resumeSeconds().orElse(Double.NaN))
                        .sorted()
                        .toArray();
                System.out.printf(
                        Locale.ROOT,
                        "%-17s %6d %12.1f / %5.1f s %12.1f / %5.1f s %12d%n",
                        kind.word(),
                        some.size(),
                        detect[some.size() / 2],
                        detect[some.size() - 1],
                        resume[some.size() / 2],
                        resume[some.size() - 1],
                        some.stream().mapToLong(Fault::stepsLost).sum());
            }
        }
    }

    /** SHA-256 of every file of the last checkpoint. */
    private static Map<String, String> bits(Path run, Configuration hadoop) {
        Checkpoint last = new CheckpointStore(RunFolder.checkpoints(run.toString()), hadoop)
                .newestValid()
                .orElseThrow();
        Map<String, String> bits = new TreeMap<>();
        bits.put("step", Long.toString(last.step()));
        last.parts().forEach(part -> bits.put(part.section() + " of rank " + part.rank(), part.sha256()));
        return bits;
    }
}
