package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.hopespark.conf.UserException;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a {@code tokenizer.json} may hold, and what comes of it. */
final class TokenizerFilesTest {
    @TempDir
    private Path folder;

    private Tokenizer open(String json) throws IOException {
        return Tokenizers.of(
                "huggingface:" + Files.writeString(folder.resolve("tokenizer.json"), json), SmallData.STORAGE);
    }

    private static void assertMarks(Tokenizer tokenizer, int start, int end) {
        try (tokenizer) {
            assertThat(List.of(tokenizer.documentStart(), tokenizer.documentEnd()))
                    .containsExactly(start, end);
        }
    }

    /** Gemma has an HTML tag {@code </s>} among its ordinary tokens. */
    @Test
    void documentsAreMarkedByControlTokensAsTheFamilyOfTheModelDoes() throws IOException {
        assertMarks(open(TokenizerFiles.BYTE_FALLBACK), 1, 2);
        assertMarks(open(TokenizerFiles.BYTE_LEVEL), 0, 0);
        assertMarks(open(TokenizerFiles.UNIGRAM), 0, 1);
        assertMarks(open(TokenizerFiles.WORD_PIECE.replace("<|endoftext|>", "[MASK]")), 2, 3);
        String gemma = TokenizerFiles.BYTE_FALLBACK
                .replace("<s>", "<bos>")
                .replace("</s>", "<eos>")
                .replace("</b>", "</s>");
        assertMarks(open(gemma), 1, 2);
        try (Tokenizer tokenizer = open(gemma)) {
            assertThat(tokenizer.encode("a</s>")).contains(12);
            assertThat(tokenizer.encode("a<eos>")).doesNotContain(1, 2);
        }
        // T5 ends its texts and begins them with nothing
        String t5 = "{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}},"
                + " {\"SpecialToken\": {\"id\": \"</s>\", \"type_id\": 0}}], \"pair\": [],"
                + " \"special_tokens\": {\"</s>\": {\"id\": \"</s>\", \"ids\": [1], \"tokens\": [\"</s>\"]}}}";
        assertMarks(
                open(TokenizerFiles.UNIGRAM.replace(
                        "{\"type\": \"BertProcessing\", \"sep\": [\"</s>\", 1], \"cls\": [\"<s>\", 0]}", t5)),
                1,
                1);
    }

    @Test
    void aDataSetKeepsTheMarksThatItWasMadeWith() throws IOException {
        TokenizerInfo info;
        try (Tokenizer tokenizer = open(TokenizerFiles.BYTE_FALLBACK)) {
            info = new TokenizerInfo(tokenizer.name(), tokenizer.vocabularySize(), 2, 2, tokenizer.fingerprint());
        }
        assertMarks(Tokenizers.open(info, folder.toString(), SmallData.STORAGE), 2, 2);
    }

    @Test
    void anOrdinaryTokenMarksNoDocuments() throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), TokenizerFiles.BYTE_FALLBACK);
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + file + "#</b>", SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no special token '</b>'")
                .hasMessageEndingWith("out of: </s> <s>");
    }

    /** A piece of the vocabulary is found in texts although it is no added token any more. */
    @Test
    void noTextSpellsAControlToken() throws IOException {
        try (Tokenizer unigram = open(TokenizerFiles.UNIGRAM)) {
            assertThat(unigram.encode("hello </s> <s>hello")).contains(4).doesNotContain(0, 1);
        }
        String blanksOnly = TokenizerFiles.WORD_PIECE.replace("\"BertPreTokenizer\"", "\"WhitespaceSplit\"");
        try (Tokenizer wordPiece = open(blanksOnly.replace("\"lowercase\": true", "\"lowercase\": false"))) {
            assertThat(wordPiece.encode("[CLS] hello [SEP] <|endoftext|>")).containsExactly(1, 4, 1, 1);
        }
        String merged = TokenizerFiles.BYTE_FALLBACK.replace("\"aa\": 7, ", "").replace("</s>", "aa");
        try (Tokenizer pairs = Tokenizers.of(
                "huggingface:" + Files.writeString(folder.resolve("merged.json"), merged) + "#aa", SmallData.STORAGE)) {
            assertThat(pairs.documentEnd()).isEqualTo(2);
            assertThat(pairs.encode("aa")).containsExactly(5, 6, 6);
        }
    }

    @Test
    void controlTokensComeOutAsTheyAreWritten() throws IOException {
        try (Tokenizer tokenizer = open(TokenizerFiles.BYTE_FALLBACK)) {
            assertThat(tokenizer.decode(new int[] {1, 11, 6, 2, 11})).isEqualTo("<s>hea</s>he");
        }
    }

    /** A file of a tokenizer that was in training cuts texts, fills them up, and leaves out merges at random. */
    @Test
    void aTextHasTheSameIdsEveryTimeAndAllOfThem() throws IOException {
        try (Tokenizer wordPiece = open(TokenizerFiles.WORD_PIECE)) {
            assertThat(wordPiece.encode("hello")).containsExactly(4);
            assertThat(wordPiece.encode("hello ".repeat(50))).hasSize(50);
        }
        for (String kind : List.of(TokenizerFiles.BYTE_FALLBACK, TokenizerFiles.BYTE_LEVEL)) {
            int[] ids;
            try (Tokenizer sound = open(kind)) {
                ids = sound.encode("aa aa".repeat(100));
            }
            try (Tokenizer dropping = open(kind.replace("\"dropout\": null", "\"dropout\": 0.5"))) {
                assertThat(dropping.encode("aa aa".repeat(100))).isEqualTo(ids);
            }
        }
    }

    /** The library's own way to strip them ends the process where letters of more than one byte come before. */
    @Test
    void blanksAroundATextAreStrippedWithoutEndingTheProcess() throws IOException {
        String strips = TokenizerFiles.BYTE_FALLBACK.replace(
                "{\"type\": \"Prepend\",",
                "{\"type\": \"Strip\", \"strip_left\": true, \"strip_right\": true}, {\"type\": \"Prepend\",");
        assertThat(strips).isNotEqualTo(TokenizerFiles.BYTE_FALLBACK);
        try (Tokenizer stripping = open(strips)) {
            for (String blank : List.of("", " ", "\u00A0\n", "\u2028\u0085\t ")) {
                for (String text : List.of("a", "a  h", "\u00E9", "\u9BE8 \uD834\uDD1E")) {
                    assertThat(stripping.encode(blank + text + blank)).isEqualTo(stripping.encode(text));
                }
            }
            assertThat(stripping.encode("a  h")).containsExactly(5, 6, 5, 5, 8);
        }
    }

    @Test
    void whatTheLibraryRefusesIsRefusedInWords() throws IOException {
        assertRefused(TokenizerFiles.UNIGRAM.replace("-4.5", "1e999"), "needs a text and a score");
        assertRefused(
                TokenizerFiles.UNIGRAM.replace("\"unk_id\": 2", "\"unk_id\": 99"),
                "its unk_id 99 is none of 10 pieces");
        assertRefused(
                TokenizerFiles.UNIGRAM.replace("\"precompiled_charsmap\": \"", "\"precompiled_charsmap\": \"////"),
                "the precompiled_charsmap of its normalizer is missing or damaged");
        assertRefused(
                TokenizerFiles.UNIGRAM.replace("\"precompiled_charsmap\"", "\"charsmap\""),
                "the precompiled_charsmap of its normalizer is missing or damaged");
        assertRefused(TokenizerFiles.UNIGRAM.substring(0, 900), "it is no JSON");
        assertRefused(TokenizerFiles.BYTE_LEVEL.replace("\"a b\"", "\"a x\""), "the Hugging Face library says: ");
        assertRefused("[" + TokenizerFiles.BYTE_LEVEL + "]", "it has no added_tokens or no model");
    }

    private void assertRefused(String json, String why) {
        assertThatThrownBy(() -> open(json))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining(why);
    }

    @Test
    void theIdsOfAllKindsAreInTheVocabulary() throws IOException {
        for (String kind : TokenizerFiles.ALL) {
            try (Tokenizer tokenizer = open(kind)) {
                for (String text : DamagedTokenizers.TEXTS) {
                    assertThat(Arrays.stream(tokenizer.encode(text)).allMatch(id -> id < tokenizer.vocabularySize()))
                            .isTrue();
                }
            }
        }
    }
}
