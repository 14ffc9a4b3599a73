package org.hopespark.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @Test
    void everyFileInConfIsOneOfThoseThatAreTested() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("."))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".yaml"))
                            .map(name -> name.replace(".yaml", ""))
                            .filter(name -> !name.equals("prepare")))
                    .containsExactlyInAnyOrderElementsOf(Settings.SHIPPED);
        }
        try (Stream<Path> files = Files.list(Path.of("models"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(Settings.PRESETS);
        }
        assertThat(PrepareConfig.of(Settings.read("prepare.yaml"))).isNotNull();
    }

    @Test
    void allMistakesAreToldAtOnceWithTheirPath() {
        assertThatThrownBy(() -> RunConfig.parse("my.yaml", """
                        model: {widht: 64, blocks: many}
                        training: {steps: 0}
                        levels: [{period-steps: 1}, {period-step: 4}]
                        """))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("my.yaml: 4 problems")
                .hasMessageContaining("unknown setting: model.widht (did you mean width?)")
                .hasMessageContaining("model.blocks must be a whole number, got 'many'")
                .hasMessageContaining("training: steps must be >= 1, got 0")
                .hasMessageContaining("unknown setting: levels.1.period-step (did you mean period-steps?)");
    }

    @Test
    void overridesLieAboveTheFileAndTheFileAboveItsPreset() {
        RunConfig config = RunConfig.read("quickstart", List.of("training.steps=7", "levels.1.period-steps=2"));
        assertThat(config.training().steps()).isEqualTo(7);
        assertThat(config.levels().get(1).periodSteps()).isEqualTo(2);
        assertThat(config.model().width()).isEqualTo(256);
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("levels.7.period-steps=2")))
                .hasMessageContaining("'7' is no place in a list of 3");
        assertThatThrownBy(() -> RunConfig.read("nowhere.yaml", List.of()))
                .hasMessageContaining("no such configuration file");
        assertThatThrownBy(() -> RunConfig.read("quickstart", List.of("preset=hope-nan")))
                .hasMessageContaining("unknown preset 'hope-nan'");
    }

    @Test
    void theLearningRateWarmsUpAndThenFollowsACosine() {
        TrainingConfig training = new TrainingConfig(110, 1, 1, 1e-3, 0.1, 10, 0, 0.9, 0.95, 1e-8, 1, 0, 0);
        assertThat(training.learningRateAt(1)).isCloseTo(1e-4, within(1e-15));
        assertThat(training.learningRateAt(10)).isCloseTo(1e-3, within(1e-15));
        assertThat(training.learningRateAt(60)).isCloseTo(0.55e-3, within(1e-15));
        assertThat(training.learningRateAt(110)).isCloseTo(1e-4, within(1e-15));
    }
}
