package org.hopespark.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.stream.Stream;
import org.hopespark.conf.ModelConfig;
import org.hopespark.conf.RunConfig;
import org.hopespark.conf.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The presets have the shapes that the sister papers print (Atlas, Table 7), and the size that is their name. */
final class PresetTest {
    private static RunConfig preset(String name) {
        return RunConfig.read("quickstart", List.of("preset=" + name));
    }

    private static long size(String name) {
        return Architecture.of(preset(name)).size();
    }

    @ParameterizedTest
    @CsvSource({
        "hope-340m, 340e6, 24, 1024, 16",
        "hope-760m, 760e6, 24, 1536, 16",
        "hope-1.3b, 1.3e9, 18, 2048, 8",
        "transformer-340m, 340e6, 24, 1024, 16",
        "transformer-760m, 760e6, 24, 1536, 16",
        "transformer-1.3b, 1.3e9, 18, 2048, 8"
    })
    void aPresetOfPaperSizeHasThePapersShapeAndAsManyParametersAsItsNameSays(
            String name, double label, int blocks, int width, int heads) {
        ModelConfig model = preset(name).model();
        assertThat(model.blocks()).isEqualTo(blocks);
        assertThat(model.width()).isEqualTo(width);
        assertThat(model.heads()).isEqualTo(heads);
        assertThat(model.vocabularySize()).isEqualTo(32_000);
        assertThat(model.contextTokens()).isEqualTo(4096);
        assertThat((double) size(name)).isCloseTo(label, withinPercentage(2));
    }

    /** Blocks by hand: matrices and norms of the mixer, then of one MLP a level. */
    @Test
    void sizesAreThoseThatOneCountsByHand() {
        long hopeMixer = 5L * 1024 * 1024 + 2 * 5 * 64 * 1024 + 16 * 1024 + 2 * 16;
        long hopeMlps = 3L * (3 * 1024 * 752 + 1024);
        assertThat(size("hope-340m")).isEqualTo(32_000L * 1024 + 24 * (hopeMixer + hopeMlps) + 1024);
        long transformerBlock = 4L * 2048 * 2048 + 2048 + 3L * 2048 * 8448 + 2048;
        assertThat(size("transformer-1.3b")).isEqualTo(32_000L * 2048 + 18 * transformerBlock + 2048);
    }

    @ParameterizedTest
    @CsvSource({"20m", "340m", "760m", "1.3b"})
    void hopeAndTransformerOfOneNameCanBeCompared(String label) {
        ModelConfig hope = preset("hope-" + label).model();
        ModelConfig transformer = preset("transformer-" + label).model();
        assertThat(transformer.mixer()).isEqualTo(ModelConfig.Mixer.ATTENTION);
        assertThat(preset("transformer-" + label).levels()).hasSize(1);
        assertThat(transformer.vocabularySize()).isEqualTo(hope.vocabularySize());
        assertThat(transformer.width()).isEqualTo(hope.width());
        assertThat(transformer.blocks()).isEqualTo(hope.blocks());
        assertThat(transformer.contextTokens()).isEqualTo(hope.contextTokens());
        assertThat(transformer.activation()).isEqualTo(hope.activation());
        assertThat((double) size("transformer-" + label))
                .isCloseTo((double) size("hope-" + label), withinPercentage(0.2));
    }

    /** The names of the presets are those of mixers. */
    static Stream<String> rivals() {
        return Settings.PRESETS.stream()
                .filter(name -> !name.startsWith("hope-"))
                .filter(name -> name.matches(".*-(nano|20m|340m)"));
    }

    @ParameterizedTest
    @MethodSource("rivals")
    void aRivalHasAsManyParametersAsHopeAndSeesAsMuch(String name) {
        String hope = "hope-" + name.replaceAll(".*-", "");
        ModelConfig rival = preset(name).model();
        assertThat((double) size(name)).isCloseTo((double) size(hope), withinPercentage(1));
        assertThat(rival.vocabularySize()).isEqualTo(preset(hope).model().vocabularySize());
        assertThat(rival.width()).isEqualTo(preset(hope).model().width());
        assertThat(rival.contextTokens()).isEqualTo(preset(hope).model().contextTokens());
        assertThat(rival.hasMemories()).isFalse();
    }

    /** Counted by hand from the shapes that fla and mamba_ssm give their layers, with tied embeddings. */
    @ParameterizedTest
    @CsvSource({"retnet-20m, 20513024", "deltanet-20m, 20512640", "gated-deltanet-20m, 20491556", "mamba2-20m, 20312960"
    })
    void aRivalHasTheMatricesOfItsPublicCode(String name, long parameters) {
        assertThat(size(name)).isEqualTo(parameters);
    }
}
