package org.hopespark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.hopespark.conf.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expected ids are those of SentencePiece 0.2.2 for Python. */
class SentencePieceTokenizerTest {
    @TempDir
    private Path folder;

    /** A byte-pair encoding of 420 pieces with byte fallback and no normalization. */
    private Path smallModel() throws IOException {
        Path file = folder.resolve("small.model");
        try (InputStream model = getClass().getResourceAsStream("sentencepiece.model")) {
            Files.copy(Objects.requireNonNull(model), file);
        }
        return file;
    }

    @Test
    void theIdsAreThoseOfSentencePiece() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.of("sentencepiece:" + smallModel())) {
            String text = "Gr\u00FC\u00DFe, \u9BE8 \uD834\uDD1E";

            assertThat(tokenizer.encode("Hello  world"))
                    .containsExactly(334, 383, 286, 346, 340, 334, 271, 263, 346, 347);
            assertThat(tokenizer.encode(text))
                    .containsExactly(
                            334, 389, 338, 198, 191, 198, 162, 335, 357, 334, 236, 178, 171, 334, 243, 160, 135, 161);
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
            assertThat(tokenizer.vocabularySize()).isEqualTo(420);
        }
    }

    @Test
    void theModelsOwnMarksSetDocumentsApartAndNoTextSpellsThem() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.of("sentencepiece:" + smallModel())) {
            assertThat(tokenizer.documentStart()).isEqualTo(1);
            assertThat(tokenizer.documentEnd()).isEqualTo(2);
            assertThat(tokenizer.encode("a</s>b <s>"))
                    .containsExactly(259, 414, 350, 339, 415, 358, 334, 414, 339, 415);
        }
    }

    /** Needs a folder of test data: -Dhope.data=FOLDER. */
    @Test
    void thePublishedModelOfMistralGivesThePublishedIds() {
        String data = System.getProperty("hope.data", "");
        assumeThat(data)
                .as("needs -Dhope.data=FOLDER with published tokenizers")
                .isNotEmpty();
        try (Tokenizer tokenizer = Tokenizers.of("sentencepiece:" + data + "/tokenizers/mistral/tokenizer.model.v1")) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(32_000);
            assertThat(tokenizer.encode("a</s>b <s>\n\nGr\u00FC\u00DFe, \u9BE8 \uD834\uDD1E x"))
                    .containsExactly(
                            264, 700, 28713, 28767, 28726, 523, 28713, 28767, 13, 13, 7406, 28837, 9526, 28725, 28705,
                            236, 178, 171, 28705, 243, 160, 135, 161, 1318);
        }
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("text.model"), "this is no model");

        assertThatThrownBy(() -> Tokenizers.of("sentencepiece:" + text))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("is no SentencePiece model");
        assertThatThrownBy(() -> Tokenizers.of("sentencepiece:" + folder.resolve("missing.model")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot read the tokenizer");
    }
}
