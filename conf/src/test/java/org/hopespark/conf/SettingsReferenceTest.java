package org.hopespark.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.hopespark.conf.SettingsReference.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsReferenceTest {
    @Test
    void everySettingHasAMeaning() {
        List<Setting> all = Stream.of(RunConfig.class, PrepareConfig.class, CorpusConfig.class)
                .flatMap(root -> SettingsReference.of(root).stream())
                .toList();
        assertThat(all)
                .hasSizeGreaterThan(120)
                .noneMatch(setting -> setting.meaning().isEmpty());
        assertThat(all).noneMatch(setting -> setting.meaning().matches(".*([{<]|@code).*"));
        assertThat(all)
                .contains(new Setting(
                        "training.warmup-steps",
                        "whole number",
                        "100",
                        "steps of linear warm-up from 0; levels with a period above 1 are not updated before"
                                + " its last one"))
                .anySatisfy(setting -> assertThat(setting)
                        .extracting(Setting::key, Setting::type)
                        .containsExactly("levels.N.reduction", "mean | sum | sum-of-updates"))
                .anySatisfy(setting ->
                        assertThat(setting.key()).isEqualTo("steps.N.filter.stages.N.gopher-quality.least-words"));
    }

    @Test
    void thePageOfTheDocumentationIsUpToDate() throws IOException {
        assertThat(Files.readString(Path.of("../docs/reference/settings.md")))
                .as("renew it with ./hope config --reference > docs/reference/settings.md")
                .isEqualTo(SettingsReference.page());
    }

    @ParameterizedTest
    @ValueSource(strings = {"quickstart", "hope-340m", "ablation/full"})
    void aCommentedConfigurationReadsBackEqual(String name) {
        RunConfig config = RunConfig.read(name, List.of());
        String commented = SettingsReference.commented(config);
        assertThat(RunConfig.parse("commented", commented)).isEqualTo(config);
        assertThat(commented).contains("\n  # steps of linear warm-up from 0;");
    }
}
