package org.hopespark.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.plan.Machines;
import org.hopespark.jobs.plan.Plan;
import org.hopespark.jobs.plan.PlanJson;
import org.hopespark.jobs.plan.PlanText;
import org.hopespark.jobs.plan.Quantity;
import org.hopespark.jobs.progress.Units;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code plan}: what a run will need and how long it will take, by formula. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description =
                "Computes what a run needs on given machines: memory, bytes between workers, time; starts nothing."
                        + " Ends with 1 if not even one sequence fits into the memory.")
public final class PlanCommand implements Callable<Integer> {
    private static final long PRESET_BATCH_TOKENS = 1L << 19;
    private static final double PRESET_TOKENS = 100e9;

    @Parameters(
            paramLabel = "PRESET|CONFIG",
            description = "A preset such as hope-340m, a YAML file, or the name of one in the jar.")
    private String name = "";

    @Option(
            names = "--gpus",
            required = true,
            paramLabel = "N",
            description = "Workers, each with a GPU, or with the cores of an executor.")
    private int gpus;

    @Option(
            names = "--memory",
            required = true,
            paramLabel = "SIZE",
            description = "Memory of one GPU or executor, such as 80GB or 24GiB.")
    private String memory = "";

    @Option(
            names = "--reserve",
            paramLabel = "SHARE",
            description = "Share of the memory that is kept free. CPUs need more, 0.4: the C library's allocator"
                    + " fragments, and the JVM takes its heap. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.1")
    private double reserve;

    @Option(
            names = "--bandwidth",
            required = true,
            paramLabel = "RATE",
            description = "What a worker can send to others, such as 25GB/s or 100Gbit/s.")
    private String bandwidth = "";

    @Option(
            names = "--tflops",
            paramLabel = "X",
            description = "10^12 operations a second of one worker in matrix products; bench measures it on CPUs."
                    + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "400")
    private double tflops;

    @Option(
            names = "--mfu",
            paramLabel = "SHARE",
            description = "Share of these that training reaches. Default: ${DEFAULT-VALUE}.",
            defaultValue = "0.4")
    private double mfu;

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            description = "Tokens of the global batch. Default: what a configuration says, 524288 for a preset.")
    private Optional<String> batchTokens = Optional.empty();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Tokens of the run, such as 15B. Default: what a configuration says, 100B for a preset.")
    private Optional<String> tokens = Optional.empty();

    @Option(
            names = "--measured-tokens-per-second",
            paramLabel = "X",
            description = "What a run has reached: shows how far off the plan is.")
    private Optional<Double> measured = Optional.empty();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Overrides a setting, for example training.recompute-every-chunks=8. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<String> problems = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Plan plan = plan();
        PrintWriter out = spec.commandLine().getOut();
        PlanText.of(plan).forEach(out::println);
        measured.ifPresent(tokensPerSecond -> out.println("measured: " + Units.digits(tokensPerSecond)
                + " tokens/s; plan / measured = " + Units.digits(plan.tokensPerSecond() / tokensPerSecond)));
        if (!json.isEmpty()) {
            ObjectNode figures = PlanJson.of(plan);
            measured.ifPresent(tokensPerSecond -> figures.put("measured-tokens-per-second", tokensPerSecond));
            UserFiles.writeJson(json, figures);
        }
        return plan.fits() ? 0 : 1;
    }

    private Plan plan() {
        RunConfig config = RunConfig.read(UserFiles.config(name), overrides);
        Optional<Double> memoryBytes = tried(() -> Quantity.bytes("--memory", memory));
        Optional<Double> bytesPerSecond = tried(() -> Quantity.bytesPerSecond("--bandwidth", bandwidth));
        Optional<Machines> machines = tried(() ->
                new Machines(gpus, memoryBytes.orElse(1.), reserve, bytesPerSecond.orElse(1.), tflops * 1e12, mfu));
        Optional<Integer> sequences = tried(() -> batchSequences(config));
        Optional<Double> all = tried(() -> allTokens(config));
        if (measured.isPresent() && !(measured.get() > 0)) {
            problems.add("--measured-tokens-per-second must be > 0, got " + measured.get());
        }
        refuse();
        Optional<Plan> plan =
                tried(() -> new Plan(name, config, machines.orElseThrow(), sequences.orElseThrow(), all.orElseThrow()));
        refuse();
        return plan.orElseThrow();
    }

    private <T> Optional<T> tried(Supplier<T> parse) {
        try {
            return Optional.of(parse.get());
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void refuse() {
        if (!problems.isEmpty()) {
            throw UserException.of("plan", problems);
        }
    }

    private boolean isPreset() {
        return Settings.PRESETS.contains(name);
    }

    private int batchSequences(RunConfig config) {
        if (batchTokens.isEmpty() && !isPreset()) {
            return config.training().batchSequences();
        }
        int context = config.model().contextTokens();
        double all =
                batchTokens.map(text -> Quantity.count("--batch-tokens", text)).orElse((double) PRESET_BATCH_TOKENS);
        if (all % context != 0 || all / context > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("--batch-tokens " + Units.count((long) all)
                    + " must be whole sequences of model.context-tokens = " + context);
        }
        return (int) (all / context);
    }

    private double allTokens(RunConfig config) {
        if (tokens.isEmpty() && !isPreset()) {
            return (double) config.training().steps()
                    * config.training().batchSequences()
                    * config.model().contextTokens();
        }
        return tokens.map(text -> Quantity.count("--tokens", text)).orElse(PRESET_TOKENS);
    }
}
