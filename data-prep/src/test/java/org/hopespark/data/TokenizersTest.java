package org.hopespark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.knuddels.jtokkit.Encodings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hopespark.conf.ConfigException;
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
    @ValueSource(strings = {"bytes", "gpt2"})
    void textComesBackFromItsIds(String name) {
        try (Tokenizer tokenizer = Tokenizers.of(name)) {
            int[] ids = tokenizer.encode(TEXT);

            assertThat(tokenizer.decode(ids)).isEqualTo(TEXT);
            assertThat(java.util.Arrays.stream(ids).max().orElseThrow()).isLessThan(tokenizer.vocabularySize());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes", "gpt2"})
    void noTextIsReadAsADocumentMark(String name) {
        try (Tokenizer tokenizer = Tokenizers.of(name)) {
            assertThat(tokenizer.encode("a<|endoftext|>b"))
                    .doesNotContain(tokenizer.documentStart(), tokenizer.documentEnd());
        }
    }

    @Test
    void theGpt2TokenizerGivesThePublishedIds() {
        try (Tokenizer tokenizer = Tokenizers.of("gpt2")) {
            assertThat(tokenizer.encode("Hello world")).containsExactly(15496, 995);
            assertThat(tokenizer.documentEnd()).isEqualTo(50256);
            assertThat(tokenizer.vocabularySize()).isEqualTo(50257);
            assertThat(tokenizer.fingerprint()).hasSize(64);
        }
    }

    @Test
    void aHuggingFaceFileOfTheSameRanksGivesTheSameIds() throws IOException {
        Path file = tokenizerJson();
        try (Tokenizer fromFile = Tokenizers.of("huggingface:" + file);
                Tokenizer gpt2 = Tokenizers.of("gpt2")) {
            assertThat(fromFile.vocabularySize()).isEqualTo(gpt2.vocabularySize() + 2);
            assertThat(fromFile.documentEnd()).isEqualTo(gpt2.documentEnd());
            assertThat(fromFile.encode(TEXT)).isEqualTo(gpt2.encode(TEXT));
            assertThat(fromFile.decode(gpt2.encode(TEXT))).isEqualTo(TEXT);
            assertThat(fromFile.fingerprint()).isEqualTo(Storage.sha256(Files.readAllBytes(file)));
        }
    }

    @Test
    void anotherAddedTokenCanMarkDocuments() throws IOException {
        Path file = tokenizerJson();

        try (Tokenizer tokenizer = Tokenizers.of("huggingface:" + file + "#<|end|>")) {
            assertThat(tokenizer.documentEnd()).isEqualTo(50257);
            assertThat(tokenizer.encode("a<|end|>b<|kept|>"))
                    .doesNotContain(50257)
                    .contains(50258);
        }
    }

    @Test
    void whatIsNoTokenizerIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.json"), "{}");
        Path file = tokenizerJson();

        assertThatThrownBy(() -> Tokenizers.of("gpt3"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("unknown tokenizer 'gpt3'; known: bytes, gpt2, huggingface:PATH/tokenizer.json");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + empty))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("empty.json is no tokenizer.json");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + folder.resolve("missing.json")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot read the tokenizer");
        assertThatThrownBy(() -> Tokenizers.of("huggingface:" + file + "#</x>"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has no added token '</x>'")
                .hasMessageContaining("out of: <|endoftext|> <|end|> <|kept|>");
    }

    /** A tokenizer.json with the ranks of GPT-2, one more control token and one added token that is ordinary text. */
    private Path tokenizerJson() throws IOException {
        List<byte[]> tokens = new ArrayList<>();
        try (InputStream ranks = Objects.requireNonNull(Encodings.class.getResourceAsStream("r50k_base.tiktoken"))) {
            for (String line : new String(ranks.readAllBytes(), StandardCharsets.US_ASCII).split("\n", -1)) {
                if (!line.isBlank()) {
                    tokens.add(Base64.getDecoder().decode(line.substring(0, line.indexOf(' '))));
                }
            }
        }
        ObjectMapper mapper = new ObjectMapper();
        Map<String, Integer> rankOf = new HashMap<>();
        ObjectNode vocabulary = mapper.createObjectNode();
        for (int rank = 0; rank < tokens.size(); rank++) {
            rankOf.put(visible(tokens.get(rank)), rank);
            vocabulary.put(visible(tokens.get(rank)), rank);
        }
        vocabulary.put("<|endoftext|>", 50256);
        ArrayNode merges = mapper.createArrayNode();
        for (int rank = 0; rank < tokens.size(); rank++) {
            if (tokens.get(rank).length > 1) {
                merges.add(mergeOf(visible(tokens.get(rank)), rank, rankOf));
            }
        }
        ObjectNode json = (ObjectNode) mapper.readTree("""
                {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
                 "added_tokens": [
                  {"id": 50256, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true},
                  {"id": 50257, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true},
                  {"id": 50258, "content": "<|kept|>", "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": false}],
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                                   "use_regex": true},
                 "post_processor": null,
                 "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
                 "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                           "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false}}
                """);
        ObjectNode model = (ObjectNode) json.get("model");
        model.set("vocab", vocabulary);
        model.set("merges", merges);
        return Files.write(folder.resolve("tokenizer.json"), mapper.writeValueAsBytes(json));
    }

    /** The two tokens that the ranks below {@code rank} leave of a token. */
    private static String mergeOf(String token, int rank, Map<String, Integer> rankOf) {
        List<String> pieces =
                new ArrayList<>(token.chars().mapToObj(Character::toString).toList());
        while (pieces.size() > 2) {
            int best = -1;
            int bestRank = rank;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                int merged = rankOf.getOrDefault(pieces.get(i) + pieces.get(i + 1), Integer.MAX_VALUE);
                if (merged < bestRank) {
                    best = i;
                    bestRank = merged;
                }
            }
            pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
        }
        return pieces.get(0) + " " + pieces.get(1);
    }

    /** The letters that the byte-level alphabet of GPT-2 writes for bytes. */
    private static String visible(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            int value = Byte.toUnsignedInt(b);
            boolean printable = (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || value >= 174;
            if (printable) {
                text.append((char) value);
            } else {
                int nth = value <= 32 ? value : value <= 160 ? value - 127 + 33 : 67;
                text.append((char) (256 + nth));
            }
        }
        return text.toString();
    }
}
