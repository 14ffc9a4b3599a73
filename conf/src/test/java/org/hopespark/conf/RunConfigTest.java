package org.hopespark.conf;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class RunConfigTest {
    static List<String> shipped() {
        return Settings.SHIPPED;
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedConfigurationLoadsAndReadsBackEqualAsPrinted(String name) {
        RunConfig config = RunConfig.read(name, List.of());
        assertThat(RunConfig.parse("printed", config.print())).isEqualTo(config);
    }

    static List<String> presets() {
        return Settings.PRESETS;
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetLoadsAndReadsBackEqualAsPrinted(String name) {
        RunConfig config = RunConfig.read("quickstart", List.of("preset=" + name));
        assertThat(config.preset()).isEqualTo(name);
        assertThat(RunConfig.parse("printed", config.print())).isEqualTo(config);
    }

    @Test
    void whatTheLossDependsOnIsToldApartFromTheRest() {
        RunConfig run = RunConfig.read("quickstart", List.of("training.steps=40", "training.warmup-steps=4"));
        RunConfig other = run.with(List.of(
                "training.learning-rate=1e-2",
                "training.weight-decay=0.5",
                "training.micro-batch-sequences=2",
                "exchange.overlap=false",
                "evaluation.every-steps=8",
                "cluster.workers=3"));
        assertThat(other.changesFrom(run, 20))
                .extracting(change -> change.setting() + " " + change.changesLoss())
                .containsExactly(
                        "cluster.workers false",
                        "evaluation.every-steps false",
                        "exchange.overlap false",
                        "training.learning-rate true",
                        "training.micro-batch-sequences false",
                        "training.weight-decay true");
        assertThat(run.changesFrom(run, 20)).isEmpty();
        // a longer cosine bends the rest of it; a constant rate can continue for longer
        assertThat(run.with(List.of("training.steps=80")).changesFrom(run, 40))
                .extracting(RunConfig.Change::changesLoss, RunConfig.Change::toString)
                .containsExactly(tuple(true, "training.steps: 40 -> 80"));
        RunConfig constant = run.with(List.of("training.final-learning-rate-factor=1"));
        assertThat(constant.with(List.of("training.steps=80")).changesFrom(constant, 40))
                .extracting(RunConfig.Change::changesLoss)
                .containsExactly(false);
        assertThat(constant.with(List.of("training.warmup-steps=2")).changesFrom(constant, 10))
                .as("warm-up is over")
                .extracting(RunConfig.Change::changesLoss)
                .containsExactly(false);
    }

    @Test
    void everyFileInConfIsOneOfThoseThatAreTested() throws IOException {
        List<String> runs = new ArrayList<>(files("."));
        runs.removeAll(List.of("prepare", "corpus"));
        files("ablation").forEach(name -> runs.add("ablation/" + name));
        assertThat(runs).containsExactlyInAnyOrderElementsOf(Settings.SHIPPED);
        assertThat(files("models")).containsExactlyInAnyOrderElementsOf(Settings.PRESETS);
        assertThat(Settings.models(List.of("mine.yaml", "all-nano", "hope-nano", "hope-20m")))
                .hasSize(1 + 16 + 1)
                .startsWith("mine.yaml", "hope-nano", "transformer-nano")
                .endsWith("hope-20m");
        assertThatThrownBy(() -> Settings.models(List.of("all-7b")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("no preset has the size of 'all-7b'; there are all-nano");
        assertThat(PrepareConfig.of(Settings.read("prepare.yaml"))).isNotNull();
        assertThat(CorpusConfig.of(Settings.read("corpus.yaml"))).isNotNull();
    }

    private static List<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(folder))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.replace(".yaml", ""))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "dgd, inner-rule, dgd, gd",
        "momentum, inner-momentum, 0.9, 0.0",
        "retention, retention, true, false",
        "key-projection, adaptive-key, true, false",
        "value-projection, adaptive-value, true, false",
        "query-projection, adaptive-query, true, false"
    })
    void eachAblationDiffersFromFullInItsNameAndOneSettingOfTheMemory(
            String ingredient, String key, String full, String without) {
        RunConfig expected = RunConfig.read(
                "ablation/full",
                List.of("name=without-" + ingredient, "preset=ablation/full", "model.memory." + key + "=" + without));
        assertThat(RunConfig.read("ablation/without-" + ingredient, List.of())).isEqualTo(expected);
        assertThat(memory("ablation/full")).containsEntry(key, full);
        assertThat(memory("ablation/without-" + ingredient)).containsEntry(key, without);
    }

    private static Map<String, String> memory(String name) {
        Map<?, ?> model = (Map<?, ?>) requireNonNull(
                Settings.parse(name, RunConfig.read(name, List.of()).print())
                        .tree()
                        .get("model"));
        Map<String, String> result = new HashMap<>();
        ((Map<?, ?>) requireNonNull(model.get("memory")))
                .forEach((key, value) -> result.put(String.valueOf(key), String.valueOf(value)));
        return result;
    }

    @Test
    void oneLevelWithoutContinuumIsAsWideAsTheLevelsOfFullTogether() {
        RunConfig full = RunConfig.read("ablation/full", List.of());
        RunConfig without = RunConfig.read("ablation/without-continuum", List.of());
        assertThat(without.model()).isEqualTo(full.model());
        assertThat(without.training()).isEqualTo(full.training());
        assertThat(without.levels()).hasSize(1);
        assertThat(without.levels().get(0).continuumHidden())
                .isEqualTo(full.levels().stream()
                        .mapToInt(LevelConfig::continuumHidden)
                        .sum());
    }

    @Test
    void presetMayHaveAPresetButNoneOfThemTwice(@TempDir Path folder) throws IOException {
        Path one = folder.resolve("one.yaml");
        Path two = folder.resolve("two.yaml");
        Files.writeString(one, "preset: " + two + "\nname: one\nseed: 5\n");
        Files.writeString(two, "preset: hope-nano\nname: two\ntraining: {steps: 7}\n");
        RunConfig config = RunConfig.read(one.toString(), List.of());
        assertThat(config.name()).isEqualTo("one");
        assertThat(config.training().steps()).isEqualTo(7);
        assertThat(config.levels()).hasSize(3);
        Files.writeString(two, "preset: " + one + "\n");
        assertThatThrownBy(() -> RunConfig.read(one.toString(), List.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("presets form a circle: " + two + " -> " + one + " -> " + two);
    }

    @Test
    void allMistakesAreToldAtOnceWithTheirPath() {
        assertThatThrownBy(() -> RunConfig.parse("my.yaml", """
                        model: {widht: 64, blocks: many}
                        training: {steps: 0}
                        levels: [{period-steps: 1}, {period-step: 4}]
                        """))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("my.yaml: 4 problems")
                .hasMessageContaining("unknown setting: model.widht (did you mean width?)")
                .hasMessageContaining("model.blocks must be a whole number, got 'many'")
                .hasMessageContaining("training: steps must be >= 1, got 0")
                .hasMessageContaining("unknown setting: levels.1.period-step (did you mean period-steps?)");
    }

    @Test
    void allThatIsWrongWithTheValuesOfAFileIsSaidAtOnce(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, """
                model: {width: 10, vocabulary-size: 1}
                training: {steps: 0}
                levels:
                  - {period-steps: 0, learning-rate-factor: -1}
                  - {period-steps: 4, delay-steps: 4, wire: int8}
                  - {period-steps: 16, delay-steps: 1, reduction: sum-of-updates, in-context-tokens: 8}
                """);
        assertThatThrownBy(() -> RunConfig.read(file.toString(), List.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("run.yaml: 5 problems")
                .hasMessageContaining("model: vocabulary-size must be > 1, got 1; head-width ")
                .hasMessageContaining("training: steps must be >= 1, got 0")
                .hasMessageContaining(
                        "levels.0: period-steps must be >= 1, got 0; learning-rate-factor must be >= 0, got -1")
                .hasMessageContaining(
                        "levels.1: delay-steps must be >= 0 and below period-steps 4, got 4; delay-steps 4"
                                + " and int8 wire: choose one approximation for a level")
                .hasMessageContaining(
                        "levels.2: delay-steps 1 and reduction sum-of-updates, which is exchanged at every")
                .hasMessageContaining("in-context-tokens 8 needs an MLP to update: set continuum-hidden");
    }

    @Test
    void allThatDoesNotGoTogetherInAFileIsSaidAtOnce(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, """
                model: {continuum: nested, chunk-tokens: 16}
                levels:
                  - {period-steps: 2, continuum-hidden: 8, wire: int8}
                  - {period-steps: 3, continuum-hidden: 8, reduction: sum-of-updates, in-context-tokens: 24}
                  - {period-steps: 4, continuum-hidden: 8, stagger: true}
                """);
        assertThatThrownBy(() -> RunConfig.read(file.toString(), List.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("C^(1) = 2 must divide C^(2) = 3; C^(2) = 3 must divide C^(3) = 4")
                .hasMessageContaining("levels.0.period-steps must be 1 when there are several levels, got 2")
                .hasMessageContaining("in-context-tokens 24 must be a multiple of 16, which is a chunk of the memories")
                .hasMessageContaining("levels have in-context-tokens, but model.in-context.blocks is 0")
                .hasMessageContaining("stagger does not go with model.continuum = nested")
                .hasMessageContaining("wire and delay-steps do not go with model.continuum = nested")
                .hasMessageContaining("reduction sum-of-updates does not go with model.continuum = nested");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model.in-context.blocks=1 | no level has in-context-tokens",
                "levels.0.in-context-tokens=512 | model.in-context.blocks is 0: set both or neither",
                "levels.0.in-context-tokens=48 | in-context-tokens 48 must be a multiple of 32, which is a chunk",
                "model.in-context.blocks=5 | in-context.blocks 5 must be at most blocks 4",
                "levels.0.in-context-tokens=-1 | in-context-tokens must be >= 0, got -1",
                "model.in-context.clip-norm=-1 | clip-norm must be >= 0, got -1",
            })
    void whatCannotLearnInContextIsRefused(String override, String message) {
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of(override)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "eta-max=2.5 | eta-max must lie in 0..2, got 2.5: with |h| <= 1 a write multiplies what it finds by 1 - eta",
                "eta-max=0.1 | eta-start must lie between 0 and eta-max 0.1, got 0.2",
                "others-rate=1.5 | others-rate must lie in 0..1, got 1.5",
                "input-rate=-1 | input-rate must lie in 0..1, got -1",
                "error-cap=0 | error-cap must be > 0, got 0",
                "inner-momentum=1 | inner-momentum must lie in 0..1, 1 excluded, got 1",
            })
    void memoriesThatCannotBeStableAreRefused(String override, String message) {
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("model.memory." + override)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(message);
    }

    @Test
    void allThatIsWrongWithAMemoryIsSaidAtOnce() {
        assertThatThrownBy(() ->
                        RunConfig.read("quickstart", List.of("model.memory.depth=3", "model.memory.value-scale=0")))
                .hasMessageContaining("depth must be 1 or 2, got 3")
                .hasMessageContaining("value-scale must be > 0, got 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input-rate=0.2 | acts like one step of 1.28 = 32 tokens x eta-start 0.2 x input-rate 0.2, more than 0.5",
                "others-rate=1 others-input-rate=1 | values acts like one step of 6.40, more than 0.500",
                "others-rate=1 | learn at 0.200 = eta-start x others-rate, more than 0.0500",
                "inner-rule=gd eta-start=0.9 | acts like one step of 0.900 = eta-start, more than 0.500",
            })
    void ratesThatWereSeenToDivergeAreWarnedOf(String override, String message) {
        List<String> overrides =
                Stream.of(override.split(" ")).map(o -> "model.memory." + o).toList();

        List<String> risks = RunConfig.read("quickstart", overrides).model().risks();

        assertThat(risks).anyMatch(risk -> risk.contains(message));
        assertThat(risks).allMatch(risk -> risk.contains("lower model.memory."));
    }

    @ParameterizedTest
    @MethodSource({"shipped", "presets"})
    void whatIsShippedIsNotWarnedOf(String name) {
        RunConfig config =
                Settings.PRESETS.contains(name) ? RunConfig.ofPreset(name, List.of()) : RunConfig.read(name, List.of());
        assertThat(config.model().risks()).isEmpty();
    }

    @Test
    void inContextPeriodsNest() {
        assertThatThrownBy(() -> RunConfig.read(
                        "quickstart",
                        List.of(
                                "model.in-context.blocks=1",
                                "levels.0.in-context-tokens=64",
                                "levels.1.in-context-tokens=96")))
                .hasMessageContaining(
                        "in-context-tokens 96 must be a multiple of 64, which is that of the next faster");
    }

    @Test
    void overridesLieAboveTheFileAndTheFileAboveItsPreset() {
        RunConfig config = RunConfig.read("quickstart", List.of("training.steps=7", "levels.1.period-steps=2"));
        assertThat(config.training().steps()).isEqualTo(7);
        assertThat(config.levels().get(1).periodSteps()).isEqualTo(2);
        assertThat(config.model().width()).isEqualTo(256);
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("levels.7.period-steps=2")))
                .hasMessageContaining("'7' is no place in a list of 3");
        assertThat(RunConfig.read("hope-20m", List.of("training.steps=7")))
                .as("a preset is a configuration, too")
                .isEqualTo(RunConfig.ofPreset("hope-20m", List.of("training.steps=7")))
                .extracting(preset -> preset.model().width())
                .isEqualTo(256);
        assertThatThrownBy(() -> RunConfig.read("hope-20", List.of()))
                .hasMessageContaining("no configuration named 'hope-20'")
                .hasMessageContaining("hope-20m");
        assertThatThrownBy(() -> RunConfig.read("nowhere.yaml", List.of()))
                .hasMessageContaining("no such configuration file");
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("preset=hope-nan")))
                .hasMessageContaining("unknown preset 'hope-nan'");
    }

    @ParameterizedTest
    @CsvSource({
        // at steps 1, 10, 60, 85 and 110 of 110, 10 of them warm-up, in thousandths of the peak
        "cosine,              100, 1000, 550, 231.802, 100",
        "linear,              100, 1000, 550, 325, 100",
        "warmup-stable-decay, 100, 1000, 1000, 550, 100",
        "constant,            100, 1000, 1000, 1000, 1000"
    })
    void theLearningRateWarmsUpAndThenFollowsItsSchedule(
            String schedule, double first, double warm, double middle, double late, double last) {
        List<String> settings = new ArrayList<>(List.of(
                "training.schedule=" + schedule,
                "training.steps=110",
                "training.warmup-steps=10",
                "training.learning-rate=1e-3"));
        if (schedule.equals("warmup-stable-decay")) {
            settings.add("training.decay-share=" + 50.0 / 110); // from step 60 on
        }
        TrainingConfig training = RunConfig.read("quickstart", settings).training();
        assertThat(List.of(1, 10, 60, 85, 110).stream()
                        .mapToDouble(step -> training.learningRateAt(step) * 1e6)
                        .toArray())
                .containsExactly(new double[] {first, warm, middle, late, last}, within(1e-3));
    }

    /** So a checkpoint from before the decay is one of the longer run, too. */
    @Test
    void aStableRateIsThatOfALongerRun() {
        RunConfig run = RunConfig.read(
                "quickstart",
                List.of("training.schedule=warmup-stable-decay", "training.steps=100", "training.decay-share=0.2"));
        TrainingConfig longer = run.with(List.of("training.steps=200")).training();
        for (long step = 1; step <= 80; step++) {
            assertThat(longer.learningRateAt(step)).isEqualTo(run.training().learningRateAt(step));
        }
        assertThat(longer.learningRateAt(81)).isGreaterThan(run.training().learningRateAt(81));
    }

    @Test
    void settingsThatTheScheduleDoesNotHaveAreRefused() {
        assertThatThrownBy(() -> RunConfig.read(
                        "quickstart", List.of("training.schedule=constant", "training.final-learning-rate-factor=0.5")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("final-learning-rate-factor 0.5 is no setting of schedule: constant");
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("training.decay-share=0.1")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("decay-share 0.1 is a setting of schedule: warmup-stable-decay only");
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("training.schedule=step")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cosine, linear, warmup-stable-decay, constant");
    }
}
