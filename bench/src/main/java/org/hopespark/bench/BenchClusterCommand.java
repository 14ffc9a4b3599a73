package org.hopespark.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.hopespark.bench.StepWorker.Meeting;
import org.hopespark.bench.TransportBenchmark.Rate;
import org.hopespark.conf.Level;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.UserException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench cluster}: how fast the transports are, and what the exchange of levels costs over slow links. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the all-reduce on each transport beside bare sockets, then steps of workers, each a process of one"
                    + " thread, that exchange every level at every step, level-wise, and level-wise while they compute.",
            "The workers meet over loopback or in network namespaces of their own with shaped links (Linux, ip, tc,"
                    + " root; left out elsewhere). Ends with 1 if a level's bytes are not those of the formula."
        })
public final class BenchClusterCommand implements Callable<Integer> {
    /** Most weights are in slow levels. */
    private static final List<String> BUILT_IN = List.of(
            "name=bench-cluster",
            "model.vocabulary-size=257",
            "model.width=256",
            "model.blocks=2",
            "model.context-tokens=32",
            "training.batch-sequences=8",
            "training.micro-batch-sequences=8",
            "training.learning-rate=1e-4",
            "training.statistics-every-steps=0",
            "exchange.bucket-kib=512",
            "levels=[{period-steps: 1, continuum-hidden: 64}, {period-steps: 4, continuum-hidden: 128},"
                    + " {period-steps: 16, continuum-hidden: 2048}, {period-steps: 64, continuum-hidden: 12288}]");

    /** A full exchange costs the same at every step; a few will do. */
    private static final int FULL_SHARE = 8;

    @Option(names = "--transports-only", description = "Measures the transports and nothing else.")
    private boolean transportsOnly;

    @Option(names = "--steps-only", description = "Measures steps and nothing else.")
    private boolean stepsOnly;

    @Option(
            names = "--sizes-mib",
            paramLabel = "MIB",
            split = ",",
            description = "Vectors to add up on each transport; 1024 takes 2 GiB. Default: ${DEFAULT-VALUE}.",
            defaultValue = "1,16,64,256,1024")
    private List<Integer> sizesMib = List.of();

    @Option(
            names = "--links",
            paramLabel = "LINK",
            split = ",",
            description =
                    "loopback (no namespaces), plain (namespaces, as fast as the machine), or rate and delay one way."
                            + " Default: ${DEFAULT-VALUE}.",
            defaultValue = "plain,1gbit/1ms,1gbit/20ms,100mbit/1ms")
    private List<String> links = List.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            split = ",",
            description = "Numbers of workers. Default: ${DEFAULT-VALUE}.",
            defaultValue = "2,4")
    private List<Integer> workers = List.of();

    @Option(
            names = "--exchanges",
            paramLabel = "NAME",
            split = ",",
            description = "Ways to exchange levels. Default: ${DEFAULT-VALUE}.",
            defaultValue = "full,level-wise,overlap,stagger,bfloat16,int8,delayed")
    private List<String> exchanges = List.of();

    @Option(
            names = "--steps",
            paramLabel = "N",
            description =
                    "Steps to measure, a multiple of the slowest level's period; an eighth of them where all levels"
                            + " are exchanged at every step. Default: ${DEFAULT-VALUE}.",
            defaultValue = "64")
    private long steps;

    @Option(
            names = "--config",
            paramLabel = "FILE|NAME",
            description = "Configuration to train. Default: a small one with most weights in slow levels.")
    private String config = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Overrides a setting. Repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--json", paramLabel = "FILE", description = "Writes the same figures as JSON, too.")
    private String json = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        RunConfig run = config();
        List<Mode> modes = Mode.of(exchanges);
        List<Link> parsed = links.stream().map(Link::parse).toList();
        List<Rate> rates = List.of();
        if (!stepsOnly) {
            progress("transports, " + sizesMib + " MiB");
            rates = TransportTable.measure(sizesMib);
            print(TransportTable.lines(rates));
        }
        List<StepRow> rows = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        if (!transportsOnly) {
            for (int n : workers) {
                measure(run, modes, n, parsed, rows, leftOut);
            }
            print(StepTable.lines(rows));
            print(leftOut);
        }
        if (!json.isEmpty()) {
            ObjectNode all = StepWorker.MAPPER.createObjectNode();
            all.set("transports", StepWorker.MAPPER.valueToTree(rates));
            all.set("steps", StepWorker.MAPPER.valueToTree(rows));
            Files.writeString(
                    Path.of(json),
                    StepWorker.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(all));
        }
        return rows.stream().allMatch(StepRow::bytesAreExpected) ? 0 : 1;
    }

    /** All mistakes before the first minute is spent. */
    private RunConfig config() {
        RunConfig read = config.isEmpty()
                ? RunConfig.read("quickstart", BUILT_IN).with(overrides)
                : RunConfig.read(config, overrides);
        // slow levels do not travel before warm-up has ended
        RunConfig run = read.with(List.of("training.warmup-steps=0"));
        long slowest = run.levels().get(run.levels().size() - 1).periodSteps();
        if (steps < 1 || steps % slowest != 0) {
            throw new UserException("--steps must be a multiple of the slowest level's " + slowest + ", got " + steps);
        }
        for (int n : workers) {
            if (n < 2 || run.training().batchSequences() % n != 0) {
                throw new UserException("--workers must be >= 2 and divide training.batch-sequences "
                        + run.training().batchSequences() + ", got " + n);
            }
        }
        if (sizesMib.stream().anyMatch(size -> size < 1 || size > 1024)) {
            throw new UserException("--sizes-mib must be from 1 to 1024, got " + sizesMib);
        }
        return run;
    }

    private void measure(
            RunConfig run, List<Mode> modes, int n, List<Link> links, List<StepRow> rows, List<String> leftOut)
            throws IOException, InterruptedException {
        Map<List<Long>, Double> alone = new HashMap<>();
        for (Mode mode : modes) {
            RunConfig config = mode.settings().apply(run);
            if (!alone.containsKey(boundaries(config))) {
                progress(n + " workers, no network, " + mode.name());
                StepRow row = StepRow.alone(
                        mode.name(),
                        WorkerGroup.train(
                                Site.of(Link.LOOPBACK, n), Link.LOOPBACK, n, Meeting.NONE, steps(config), config));
                alone.put(boundaries(config), row.meanSeconds());
                add(row, rows);
            }
        }
        for (Link link : links) {
            try (Site site = Site.of(link, n)) {
                for (Mode mode : modes) {
                    progress(n + " workers, " + link.name() + ", " + mode.name());
                    RunConfig config = mode.settings().apply(run);
                    List<StepFigures> figures =
                            WorkerGroup.train(site, link, n, Meeting.BOUNDARIES, steps(config), config);
                    double without = alone.getOrDefault(boundaries(config), Double.NaN);
                    add(StepRow.together(link, mode.name(), figures, without, config), rows);
                }
            } catch (Site.MissingException missing) {
                leftOut.add(n + " workers, " + link.name() + ": left out: " + missing.getMessage());
            }
        }
    }

    /** What a step costs without a network depends on how many levels are updated at it. */
    private static List<Long> boundaries(RunConfig config) {
        return config.schedule().levels().stream().map(Level::periodSteps).toList();
    }

    /** Shown at once: minutes of figures are not to be lost by the last row. */
    private void add(StepRow row, List<StepRow> rows) {
        rows.add(row);
        progress(StepTable.line(row));
    }

    private long steps(RunConfig config) {
        boolean full = config.levels().stream().allMatch(level -> level.periodSteps() == 1);
        return full ? Math.max(1, steps / FULL_SHARE) : steps;
    }

    private void progress(String what) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(what);
        err.flush();
    }

    private void print(List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach(out::println);
        out.println();
        out.flush();
    }
}
