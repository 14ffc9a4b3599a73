package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hopespark.data.bpe.ByteAlphabet;

/**
 * A tokenizer as the files that Hugging Face's libraries look for beside a model: {@code tokenizer.json} with
 * {@code tokenizer_config.json}, or the {@code tokenizer.model} of SentencePiece. {@code cl100k} has no such file here.
 */
public final class TokenizerExport {
    private static final String JSON_FILE = "tokenizer.json";
    private static final String SENTENCE_PIECE_FILE = "tokenizer.model";
    private static final String CONFIG_FILE = "tokenizer_config.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerExport() {}

    /**
     * The files by name.
     *
     * @param own the file that the tokenizer is read from, by its name; empty if it is in the jar
     * @param contextTokens of the model
     */
    public static Map<String, byte[]> files(TokenizerInfo info, Map<String, byte[]> own, int contextTokens) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (Tokenizers.isSentencePiece(info.name())) {
            own.values().forEach(file -> files.put(SENTENCE_PIECE_FILE, file));
            return files;
        }
        json(info, own).ifPresent(file -> {
            files.put(JSON_FILE, file);
            files.put(CONFIG_FILE, config(info, file, contextTokens));
        });
        return files;
    }

    /** The tokenizer by the name of its exported file; as it is where the jar has it. */
    public static TokenizerInfo named(TokenizerInfo info) {
        String file = Tokenizers.isSentencePiece(info.name()) ? SENTENCE_PIECE_FILE : JSON_FILE;
        return new TokenizerInfo(
                Tokenizers.with(file, info.name()),
                info.vocabularySize(),
                info.documentStart(),
                info.documentEnd(),
                info.sha256());
    }

    private static Optional<byte[]> json(TokenizerInfo info, Map<String, byte[]> own) {
        return switch (info.name()) {
            case "gpt2" -> Optional.of(Gpt2TokenizerJson.content());
            case "bytes" -> Optional.of(bytes());
            default -> own.values().stream().findFirst();
        };
    }

    /** Every byte a token of its own, then the mark. */
    private static byte[] bytes() {
        return ByteLevelJson.of(
                IntStream.rangeClosed(0, 256)
                        .mapToObj(b -> b == 256 ? ByteLevelJson.MARK : String.valueOf(ByteAlphabet.letter(b)))
                        .toList(),
                List.of());
    }

    private static byte[] config(TokenizerInfo info, byte[] tokenizer, int contextTokens) {
        try {
            JsonNode added = JSON.readTree(tokenizer).path("added_tokens");
            ObjectNode config = JSON.createObjectNode()
                    .put("tokenizer_class", "PreTrainedTokenizerFast")
                    .put("model_max_length", contextTokens)
                    .put("clean_up_tokenization_spaces", false);
            for (JsonNode token : added) {
                if (token.path("id").asInt() == info.documentStart()) {
                    config.put("bos_token", token.path("content").asText());
                }
                if (token.path("id").asInt() == info.documentEnd()) {
                    config.put("eos_token", token.path("content").asText());
                }
            }
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
