package org.hopespark.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.codec.digest.DigestUtils;
import org.hopespark.conf.UserException;
import org.hopespark.data.io.Storage;
import org.hopespark.data.shard.DataSetFolder;
import org.hopespark.data.shard.SmallData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizersTest {
    private static final String TEXT = """
            Call me Ishmael. Some years ago—never mind how long precisely—having little or no money
            in my purse…  It's 1851, isn't it?   <|endoftext|> und Grüße, 鯨 𝄞 \t\r\n
            val rdd = sc.parallelize(1 to 100).map(_ * 2) // spaces:        end
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2", "cl100k"})
    void textComesBackFromItsIds(String name) {
        try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
            int[] ids = tokenizer.encode(TEXT);

            assertThat(tokenizer.decode(ids)).isEqualTo(TEXT);
            assertThat(java.util.Arrays.stream(ids).max().orElseThrow()).isLessThan(tokenizer.vocabularySize());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2", "cl100k"})
    void noTextIsReadAsADocumentMark(String name) {
        try (Tokenizer tokenizer = Tokenizers.of(name, SmallData.STORAGE)) {
            assertThat(tokenizer.encode("a<|endoftext|>b"))
                    .doesNotContain(tokenizer.documentStart(), tokenizer.documentEnd());
        }
    }

    @Test
    void theGpt2TokenizerGivesThePublishedIds() {
        try (Tokenizer tokenizer = Tokenizers.of("gpt2", SmallData.STORAGE)) {
            assertThat(tokenizer.encode("Hello world")).containsExactly(15496, 995);
            assertThat(tokenizer.documentEnd()).isEqualTo(50256);
            assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
            assertThat(tokenizer.fingerprint()).hasSize(64);
        }
    }

    @Test
    void aHuggingFaceFileOfTheSameRanksGivesTheSameIds() throws IOException {
        Path file = tokenizerJson();
        try (Tokenizer fromFile = Tokenizers.of("huggingface:" + file, SmallData.STORAGE);
                Tokenizer gpt2 = Tokenizers.of("gpt2", SmallData.STORAGE)) {
            assertThat(fromFile.vocabularySize()).isEqualTo(gpt2.vocabularySize() + 2);
            assertThat(fromFile.documentEnd()).isEqualTo(gpt2.documentEnd());
            assertThat(fromFile.encode(TEXT)).isEqualTo(gpt2.encode(TEXT));
            assertThat(fromFile.decode(gpt2.encode(TEXT))).isEqualTo(TEXT);
            assertThat(fromFile.fingerprint()).isEqualTo(DigestUtils.sha256Hex(Files.readAllBytes(file)));
        }
    }

    @Test
    void anotherAddedTokenCanMarkDocuments() throws IOException {
        Path file = tokenizerJson();

        try (Tokenizer tokenizer = Tokenizers.of("huggingface:" + file + "#<|end|>", SmallData.STORAGE)) {
            assertThat(tokenizer.documentEnd()).isEqualTo(50257);
            assertThat(tokenizer.encode("a<|end|>b<|kept|>"))
                    .doesNotContain(50257)
                    .contains(50258);
        }
    }

    @Test
    void aDataSetKeepsTheFileOfItsTokenizer() throws IOException {
        Path file = tokenizerJson();
        DataSetFolder data = new DataSetFolder(
                folder.resolve("data").toString(), new Storage(new org.apache.hadoop.conf.Configuration()));
        TokenizerInfo info;
        try (Tokenizer tokenizer = Tokenizers.of("huggingface:" + file + "#<|end|>", SmallData.STORAGE)) {
            info = TokenizerInfo.of(tokenizer);
        }
        assertThatThrownBy(() -> data.tokenizer(info))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("does not hold its tokenizer tokenizer.json; copy the file");

        data.keepTokenizer("huggingface:" + file + "#<|end|>");
        Files.delete(file);
        try (Tokenizer tokenizer = data.tokenizer(info)) {
            assertThat(tokenizer.fingerprint()).isEqualTo(info.sha256());
            assertThat(tokenizer.documentEnd()).isEqualTo(info.documentEnd());
            assertThat(tokenizer.decode(tokenizer.encode(TEXT))).isEqualTo(TEXT);
        }
        Path copy = folder.resolve("data/tokenizer.json");
        Files.writeString(copy, Files.readString(copy) + "\n");
        assertThatThrownBy(() -> data.tokenizer(info))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("is another tokenizer than that of the ids");
    }

    @Test
    void whatIsNoTokenizerIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.json"), "{}");
        Path file = tokenizerJson();

        assertThatThrownBy(() -> Tokenizers.of("gpt3", SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(
                        "unknown tokenizer 'gpt3'; known: bytes, gpt2, cl100k, huggingface:PATH/tokenizer.json,"
                                + " sentencepiece:PATH/tokenizer.model");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + empty, SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("empty.json is no tokenizer.json");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + folder.resolve("missing.json"), SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("cannot read the tokenizer");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + file + "#</x>", SmallData.STORAGE))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no special token '</x>'")
                .hasMessageContaining("out of: <|endoftext|> <|end|>");
    }

    /** A tokenizer.json with the ranks of GPT-2, one more control token and one added token that is ordinary text. */
    private Path tokenizerJson() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Gpt2TokenizerJson.write(file);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode json = (ObjectNode) mapper.readTree(Files.readAllBytes(file));
        ArrayNode added = json.withArray("/added_tokens");
        ObjectNode mark = (ObjectNode) added.get(0);
        added.add(mark.deepCopy().put("id", 50257).put("content", "<|end|>"));
        added.add(mark.deepCopy().put("id", 50258).put("content", "<|kept|>").put("special", false));
        return Files.write(file, mapper.writeValueAsBytes(json));
    }
}
