package org.hopespark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.hopespark.conf.Settings;
import org.hopespark.conf.UserException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench model}: speed and memory of the models beside each other, at several contexts. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description =
                "Measures a training step of Hope (also with blocks recomputed in backward), Hope-Attention and Transformer++ with equal parameters, or of any presets, one"
                        + " sequence and one thread, each in a process of its own.")
public final class BenchModelCommand implements Callable<Integer> {
    private static final int RECOMPUTE_EVERY_CHUNKS = 8;

    private static final String ALL = "all";

    /** As many parameters as hope-20m: what attention lacks of the memories' is given to the MLPs. */
    private static final Map<String, List<String>> MODELS = new LinkedHashMap<>();

    static {
        MODELS.put("Hope", List.of("preset=hope-20m"));
        MODELS.put(
                ModelTable.RECOMPUTED,
                List.of("preset=hope-20m", "training.recompute-every-chunks=" + RECOMPUTE_EVERY_CHUNKS));
        MODELS.put(
                "Hope-Attention",
                List.of(
                        "preset=hope-20m",
                        "model.mixer=attention",
                        "levels.0.continuum-hidden=437",
                        "levels.1.continuum-hidden=437",
                        "levels.2.continuum-hidden=437"));
        MODELS.put("Transformer++", List.of("preset=transformer-20m"));
    }

    @Option(
            names = "--models",
            paramLabel = "PRESET",
            split = ",",
            description =
                    "Presets instead of these; all-nano, all-20m (or all) and all-340m for Hope and every other model of"
                            + " this size.")
    private List<String> presets = List.of();

    @Option(
            names = "--contexts",
            paramLabel = "TOKENS",
            split = ",",
            description = "Default: ${DEFAULT-VALUE}.",
            defaultValue = "512,2048,8192")
    private List<Integer> contexts = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "X",
            description = "How long to measure a row, two steps at least. Default: ${DEFAULT-VALUE}.",
            defaultValue = "8")
    private double seconds;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting of all models. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final ObjectMapper mapper = new ObjectMapper();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<ModelCell> cells = cells();
        cells.forEach(ModelCell::config); // all mistakes before the first minute is spent
        ArrayNode rows = mapper.createArrayNode();
        PrintWriter out = spec.commandLine().getOut();
        for (ModelCell cell : cells) {
            spec.commandLine()
                    .getErr()
                    .printf("[%d/%d] %s, context %d%n", rows.size() + 1, cells.size(), cell.name(), cell.context());
            rows.add(row(cell));
        }
        (presets.isEmpty() ? ModelTable.lines(rows) : ModelTable.table(rows)).forEach(out::println);
        out.flush();
        if (!json.isEmpty()) {
            Files.writeString(
                    Path.of(json), mapper.writerWithDefaultPrettyPrinter().writeValueAsString(rows));
        }
        return rows.findValues("failure").isEmpty() ? 0 : 1;
    }

    private List<ModelCell> cells() {
        if (contexts.stream().anyMatch(context -> context < 1)) {
            throw new UserException("--contexts must be >= 1, got " + contexts);
        }
        List<ModelCell> cells = new ArrayList<>();
        for (int context : contexts) {
            models().forEach((name, settings) -> cells.add(cell(name, context, settings)));
        }
        return cells;
    }

    private Map<String, List<String>> models() {
        if (presets.isEmpty()) {
            return MODELS;
        }
        List<String> names = Settings.models(presets.equals(List.of(ALL)) ? List.of(ALL + "-20m") : presets);
        Map<String, List<String>> models = new LinkedHashMap<>();
        names.forEach(name -> models.put(name, List.of("preset=" + name)));
        return models;
    }

    private ModelCell cell(String name, int context, List<String> settings) {
        List<String> all = new ArrayList<>(settings);
        all.add("model.context-tokens=" + context);
        all.add("training.batch-sequences=1");
        all.add("training.micro-batch-sequences=1");
        all.addAll(overrides);
        return new ModelCell(name, context, all);
    }

    private ObjectNode row(ModelCell cell) throws InterruptedException {
        ObjectNode row = mapper.createObjectNode().put("model", cell.name()).put("context", cell.context());
        try {
            row.setAll(cell.measure(seconds));
        } catch (IOException e) {
            row.put("failure", String.valueOf(e.getMessage()));
        }
        return row;
    }
}
