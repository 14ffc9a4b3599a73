package org.hopespark.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import org.hopespark.jobs.evaluate.TrainedModel;
import org.hopespark.jobs.export.ExportedModel;
import org.hopespark.jobs.health.HealthJson;
import org.hopespark.jobs.health.HealthText;
import org.hopespark.jobs.spark.SparkSessions;
import org.hopespark.model.ElementType;
import org.hopespark.model.Finding;
import org.hopespark.model.Network;
import org.hopespark.model.TokenBatch;
import org.hopespark.model.health.Diagnosis;
import org.hopespark.model.health.Health;
import org.hopespark.model.health.HealthCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code health}: whether a model is well. */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = "Measures whether the memories, gates, levels and gradients of a model are well, in this process,"
                + " and says what is ill and which setting to change. Reads the newest checkpoint of RUN and its"
                + " held-out rows; with --fresh, a model that has not been trained. Ends with 1 if something is ill.")
public final class HealthCommand implements Callable<Integer> {
    /** Backward keeps no more than this of a long document. */
    private static final String RECOMPUTE = "training.recompute-every-chunks=8";

    @Parameters(
            arity = "0..1",
            paramLabel = "RUN",
            description = "A run's folder, one checkpoint, or an exported model.")
    private String run = "";

    @Option(names = "--fresh", description = "Measures the model of --config as it begins.")
    private boolean fresh;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "With --fresh: a YAML file, the name of one in the jar, or a preset such as hope-nano.")
    private String config = "";

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "With --fresh: its bytes are the ids of the document. Default: random ids.")
    private String text = "";

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Tokens of the longest document. Default: 4 times the context.")
    private int tokens;

    @Option(
            names = "--data",
            paramLabel = "URI",
            description = "Data set whose held-out rows are read. Default: that of the run.")
    private String data = "";

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Held-out rows on which losses are measured. Default: ${DEFAULT-VALUE}.",
            defaultValue = "32")
    private int rows;

    @Option(
            names = "--gpu",
            paramLabel = "N",
            description = "Number of the GPU that computes. Default: the CPU.",
            defaultValue = "-1")
    private int gpu;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "With --fresh: overrides a setting, for example model.memory.eta-start=0.1. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        refuseMistakes();
        Subject subject = fresh ? fresh() : trained();
        List<Finding> findings = Diagnosis.of(subject.health, subject.config);
        PrintWriter out = spec.commandLine().getOut();
        HealthText.of(subject.name, subject.health, subject.config, findings).forEach(out::println);
        out.flush();
        if (!json.isEmpty()) {
            UserFiles.writeJson(json, HealthJson.of(subject.name, subject.health, subject.config, findings));
        }
        return findings.isEmpty() ? 0 : 1;
    }

    private record Subject(String name, RunConfig config, Health health) {}

    private void refuseMistakes() {
        List<String> problems = new ArrayList<>();
        if (fresh == !run.isEmpty()) {
            problems.add("name either RUN, or --fresh and --config FILE");
        }
        if (fresh == config.isEmpty()) {
            problems.add("--fresh and --config FILE go together");
        }
        if (!fresh && !(text.isEmpty() && overrides.isEmpty())) {
            problems.add("--text and --set go with --fresh");
        }
        if (fresh && !data.isEmpty()) {
            problems.add("--data goes with RUN");
        }
        if (rows < 1) {
            problems.add("--rows must be >= 1, got " + rows);
        }
        if (tokens < 0) {
            problems.add("--tokens must be >= 1, got " + tokens);
        }
        if (!problems.isEmpty()) {
            throw UserException.of("health", problems);
        }
    }

    private Subject fresh() {
        List<String> settings = new ArrayList<>(overrides);
        settings.add(RECOMPUTE);
        RunConfig checked = RunConfig.read(UserFiles.config(config), settings);
        int longest = longest(checked);
        long[] ids = ids(checked, longest);
        try (Network network = beginning(checked)) {
            Health health = new HealthCheck(checked, network, this::beginning, this::tell).fresh(ids, longest);
            return new Subject(config, checked, health);
        }
    }

    private Subject trained() throws IOException {
        Configuration hadoop = SparkSessions.hadoop();
        PrintWriter err = spec.commandLine().getErr();
        try (TrainedModel model = TrainedModel.newest(run, data, List.of(RECOMPUTE), hadoop, gpu, err)) {
            tell("reading " + model.checkpoint());
            List<TokenBatch.Sequence> heldOut = new ArrayList<>();
            for (Iterator<TokenBatch.Sequence> all = model.heldOutRows(rows); all.hasNext(); ) {
                heldOut.add(all.next());
            }
            Health health = new HealthCheck(model.config(), model.network(), this::beginning, this::tell)
                    .trained(
                            new HealthCheck.HeldOutText(heldOut, model.bytesPerTarget()),
                            longest(model.config()),
                            model.checkpoint().step());
            return new Subject(model.checkpoint().location(), model.config(), health);
        }
    }

    /** A network as a run of this configuration begins. */
    private Network beginning(RunConfig of) {
        Network network = new Network(of, ElementType.FLOAT32, gpu);
        if (!of.init().isEmpty()) {
            ExportedModel.open(of.init(), SparkSessions.hadoop()).loadInto(network);
        }
        return network;
    }

    private int longest(RunConfig of) {
        int context = of.model().contextTokens();
        if (tokens == 0) {
            return 4 * context;
        }
        int unit = of.model().alignTokens();
        if (tokens < context || tokens % unit != 0) {
            throw new UserException("--tokens must be a multiple of " + unit + " and at least the context of " + context
                    + " tokens, got " + tokens);
        }
        return tokens;
    }

    private long[] ids(RunConfig of, int count) {
        int vocabulary = of.model().vocabularySize();
        if (text.isEmpty()) {
            return new Random(of.seed()).longs(count + 1L, 0, vocabulary).toArray();
        }
        byte[] bytes = read(text);
        if (bytes.length == 0 || vocabulary < 256) {
            throw new UserException("--text " + text + " must have bytes, and the model at least 256 ids: it has "
                    + bytes.length + " bytes and " + vocabulary + " ids");
        }
        long[] ids = new long[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Byte.toUnsignedLong(bytes[i]);
        }
        return ids;
    }

    private static byte[] read(String file) {
        try {
            return Files.readAllBytes(UserFiles.local(file));
        } catch (IOException e) {
            throw new UserException("--text " + file + " cannot be read: " + e, e);
        }
    }

    private void tell(String progress) {
        spec.commandLine().getErr().println("health: " + progress + " ...");
        spec.commandLine().getErr().flush();
    }
}
