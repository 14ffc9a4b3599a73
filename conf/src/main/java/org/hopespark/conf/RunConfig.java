package org.hopespark.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Everything that decides what a pretraining run computes, and how it is run.
 *
 * @param preset the preset below these settings, empty for none
 * @param name shown in reports
 * @param seed of initialisation and of the order of epochs
 * @param init folder of an exported model whose parameters a new run starts from, empty for random ones; not read again
 *     when the run resumes from a checkpoint
 * @param model architecture
 * @param levels fastest first
 * @param training outer optimisation
 * @param cluster workers
 * @param exchange how levels travel between them
 * @param checkpoint when to save
 * @param evaluation on held-out rows while it trains
 */
public record RunConfig(
        String preset,
        String name,
        long seed,
        String init,
        ModelConfig model,
        List<LevelConfig> levels,
        TrainingConfig training,
        ClusterConfig cluster,
        ExchangeConfig exchange,
        CheckpointConfig checkpoint,
        EvaluationConfig evaluation) {
    static final RunConfig DEFAULT = new RunConfig(
            "",
            "run",
            1,
            "",
            ModelConfig.DEFAULT,
            List.of(LevelConfig.DEFAULT),
            TrainingConfig.DEFAULT,
            ClusterConfig.DEFAULT,
            ExchangeConfig.DEFAULT,
            CheckpointConfig.DEFAULT,
            EvaluationConfig.DEFAULT);

    public RunConfig {
        levels = List.copyOf(levels);
        Checks checks = new Checks();
        LevelSchedule.check(checks, parts(levels, model.blocks()), training.warmupSteps());
        checks.that(
                levels.size() <= 1 || levels.get(0).periodSteps() == 1,
                "levels.0.period-steps must be 1 when there are several levels, got "
                        + levels.stream()
                                .findFirst()
                                .map(LevelConfig::periodSteps)
                                .orElse(0L));
        checkInContext(checks, model, levels);
        checkNested(checks, model, levels);
        checks.done();
    }

    private static void checkInContext(Checks checks, ModelConfig model, List<LevelConfig> levels) {
        int unit = model.alignTokens();
        for (LevelConfig level : levels) {
            int tokens = level.inContextTokens();
            checks.that(
                    tokens <= 0 || tokens % unit == 0,
                    "levels: in-context-tokens " + tokens + " must be a multiple of " + unit + ", which is "
                            + (unit == model.alignTokens()
                                    ? "a chunk of the memories"
                                    : "that of the next faster level"));
            unit = Math.max(unit, tokens);
        }
        int blocks = model.inContext().blocks();
        boolean periods = levels.stream().anyMatch(level -> level.inContextTokens() > 0);
        checks.that(
                blocks <= 0 || periods,
                "model.in-context.blocks is " + blocks + ", but no level has in-context-tokens: set them, or 0 blocks");
        checks.that(
                blocks > 0 || !periods,
                "levels have in-context-tokens, but model.in-context.blocks is 0: set both or neither");
    }

    private static void checkNested(Checks checks, ModelConfig model, List<LevelConfig> levels) {
        boolean free = model.continuum() != ModelConfig.Continuum.NESTED;
        checks.that(
                free || levels.stream().noneMatch(LevelConfig::stagger),
                "levels: stagger does not go with model.continuum = nested, whose levels restart from the next slower"
                        + " one at one step");
        checks.that(
                free
                        || levels.stream()
                                .allMatch(level -> level.wire() == WireFormat.FLOAT32 && level.delaySteps() == 0),
                "levels: wire and delay-steps do not go with model.continuum = nested, whose slower levels learn from"
                        + " whole windows of the faster ones");
        checks.that(
                free || levels.stream().noneMatch(level -> level.reduction() == Reduction.SUM_OF_UPDATES),
                "levels: reduction sum-of-updates does not go with model.continuum = nested, whose slower levels learn"
                        + " from whole windows of the faster ones");
    }

    /** Reads a file or shipped configuration, its preset below it and {@code --set} texts above it. */
    public static RunConfig read(String place, List<String> overrides) {
        return read(place, List.of(), overrides);
    }

    /** The same with {@code key=value} texts above the preset, but below what the file says itself. */
    public static RunConfig read(String place, List<String> abovePreset, List<String> overrides) {
        return Settings.read(place)
                .with(overrides.stream().filter(o -> o.startsWith("preset=")).toList())
                .withPreset(abovePreset)
                .with(overrides)
                .bind(RunConfig.class);
    }

    /** A preset alone, everything else as it is by default, and {@code --set} texts above it. */
    public static RunConfig ofPreset(String preset, List<String> overrides) {
        return read(preset, overrides);
    }

    /** The same with {@code --set} texts above it. */
    public RunConfig with(List<String> overrides) {
        return overrides.isEmpty()
                ? this
                : Settings.parse(name, print()).with(overrides).bind(RunConfig.class);
    }

    /** Reads what {@link #print} printed. */
    public static RunConfig parse(String source, String yaml) {
        return Settings.parse(source, yaml).bind(RunConfig.class);
    }

    /** The same run, but started from the exported model in a folder. */
    public RunConfig withInit(String folder) {
        return new RunConfig(
                preset, name, seed, folder, model, levels, training, cluster, exchange, checkpoint, evaluation);
    }

    /** The resolved configuration as YAML; reads back equal. */
    public String print() {
        return Settings.print(this);
    }

    /** What a run computes differently from now on, or only does differently. */
    public record Change(String setting, String before, String now, boolean changesLoss) {
        @Override
        public String toString() {
            return setting + ": " + before + " -> " + now;
        }
    }

    /**
     * The settings that are not those of an earlier configuration, by which a run has done {@code step} steps. A
     * learning rate or a schedule counts where it gives another rate for a step that is still to come.
     */
    public List<Change> changesFrom(RunConfig earlier, long step) {
        Map<String, String> before = Settings.parse("", earlier.print()).flat();
        Map<String, String> now = Settings.parse("", print()).flat();
        Set<String> keys = new TreeSet<>(before.keySet());
        keys.addAll(now.keySet());
        keys.removeIf(key -> before.getOrDefault(key, "").equals(now.getOrDefault(key, "")));
        boolean bends = !sameRates(earlier, step);
        return keys.stream()
                .map(key -> new Change(
                        key,
                        before.getOrDefault(key, "nothing"),
                        now.getOrDefault(key, "nothing"),
                        changesLoss(key, bends)))
                .toList();
    }

    private boolean sameRates(RunConfig earlier, long step) {
        long last = Math.max(step, Math.min(training.steps(), earlier.training.steps()));
        return LongStream.rangeClosed(Math.max(1, step), last)
                .allMatch(at -> training.learningRateAt(at) == earlier.training.learningRateAt(at));
    }

    private static boolean changesLoss(String setting, boolean bends) {
        return switch (setting) {
            case "training.steps",
                    "training.learning-rate",
                    "training.schedule",
                    "training.decay-share",
                    "training.final-learning-rate-factor",
                    "training.warmup-steps" -> bends;
            case "training.statistics-every-steps",
                    "training.state-check-every-steps",
                    "training.micro-batch-sequences",
                    "training.recompute-every-chunks" -> false;
            // a window that is folded at a checkpoint is rounded elsewhere, and a level that is delayed arrives at once
            case "checkpoint.every-steps" -> true;
            default -> setting.startsWith("training.");
        };
    }

    /** The levels of this run. */
    public LevelSchedule schedule() {
        return new LevelSchedule(parts(levels, model.blocks()), training.warmupSteps());
    }

    /** Each level, one whose blocks take turns in as many parts as they have phases. */
    private static List<Level> parts(List<LevelConfig> levels, int blocks) {
        List<Level> result = new ArrayList<>();
        for (int i = 0; i < levels.size(); i++) {
            LevelConfig level = levels.get(i);
            int index = i + 1;
            IntStream.range(0, level.stagger() ? blocks : 1)
                    .mapToLong(block -> LevelSchedule.phase(block, blocks, level.periodSteps()))
                    .distinct()
                    .forEach(phase -> result.add(new Level(
                            index,
                            level.periodSteps(),
                            phase,
                            level.learningRateFactor(),
                            level.wire(),
                            level.delaySteps(),
                            level.reduction())));
        }
        return result;
    }
}
