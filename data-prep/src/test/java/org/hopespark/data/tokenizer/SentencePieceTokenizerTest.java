package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.SmallData;
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
        try (Tokenizer tokenizer = Tokenizers.of("sentencepiece:" + smallModel(), SmallData.STORAGE)) {
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
        try (Tokenizer tokenizer = Tokenizers.of("sentencepiece:" + smallModel(), SmallData.STORAGE)) {
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
        try (Tokenizer tokenizer =
                Tokenizers.of("sentencepiece:" + data + "/tokenizers/mistral/tokenizer.model.v1", SmallData.STORAGE)) {
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

        assertThatThrownBy(() -> Tokenizers.of("sentencepiece:" + text, SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is no SentencePiece model");
        assertThatThrownBy(() -> Tokenizers.of("sentencepiece:" + folder.resolve("missing.model"), SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cannot read the tokenizer");
    }

    /** The native library would end the process (CVE-2026-1260), or read outside of what it was given. */
    @Test
    void aModelThatWouldHurtTheNativeLibraryIsRefusedBeforeItSeesIt() throws IOException {
        refused("piece 4 has 100000 bytes, 1024 are allowed", piece("b".repeat(100_000), 1));
        refused("piece 4 is no byte: '<0xG1>'", piece("<0xG1>", 6));
        refused("piece 4 is no byte: '<'", piece("<", 6));
        refused("it has 4 pieces, and marks documents with 1 and 4", field(2, varint(42 << 3), varint(4)));
        refused("a field of 9999 bytes, where 3 are left", varint(1 << 3 | 2), varint(9999), new byte[3]);
        refused("it ends in the middle of a field", varint(5 << 3 | 1), new byte[3]);
        refused("wire type 3", varint(7 << 3 | 3));
        refused("its map of characters is damaged", field(3, field(2, new byte[] {8, 0, 0, 0, 1, 2, 3, 0})));
        refused("its map of characters is damaged", field(3, field(2, new byte[] {4, 0, 0, 0, 1, 2, 3, 4, 'x'})));
        byte[] map = TokenizerFiles.characterMap();
        map[4 + 4 * 'A' + 3] = 1; // leads out of the trie
        refused("its map of characters is damaged", field(3, field(2, map)));
        map = TokenizerFiles.characterMap();
        map[4 + 4 * 200] = 2; // leads out of the texts
        refused("its map of characters is damaged", field(3, field(2, map)));
        assertThatThrownBy(() -> SentencePieceModel.of("m", new byte[0]))
                .isInstanceOf(UserException.class)
                .hasMessage("m is no SentencePiece model: it has 0 pieces, and marks documents with 1 and 2");
        byte[] sound = model(piece("b".repeat(1024), 1), field(3, field(2, TokenizerFiles.characterMap())));
        assertThat(SentencePieceModel.of("m", sound).pieces()).isEqualTo(5);
    }

    private static void refused(String message, byte[]... more) throws IOException {
        byte[] file = model(more);
        assertThatThrownBy(() -> SentencePieceModel.of("m", file))
                .isInstanceOf(UserException.class)
                .hasMessage("m is no SentencePiece model: " + message);
    }

    private static byte[] model(byte[]... more) throws IOException {
        return join(piece("<unk>", 2), piece("<s>", 3), piece("</s>", 3), piece("a", 1), join(more));
    }

    private static byte[] piece(String text, int type) throws IOException {
        return field(1, field(1, text.getBytes(StandardCharsets.UTF_8)), varint(3 << 3), varint(type));
    }

    /** A field of a protocol buffer that holds bytes. */
    private static byte[] field(int number, byte[]... content) throws IOException {
        byte[] all = join(content);
        return join(varint(number << 3 | 2), varint(all.length), all);
    }

    private static byte[] varint(int value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int rest = value;
        for (; rest > 0x7F; rest >>>= 7) {
            bytes.write((rest & 0x7F) | 0x80);
        }
        bytes.write(rest);
        return bytes.toByteArray();
    }

    private static byte[] join(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }
}
