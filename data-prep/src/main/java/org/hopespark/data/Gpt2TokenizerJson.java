package org.hopespark.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code gpt2} tokenizer as a file for Hugging Face's tokenizers, which name merges where tiktoken names ranks: the
 * merge that makes a token joins the two pieces that all earlier merges leave of it.
 */
public final class Gpt2TokenizerJson {
    private static final String FRAME = """
            {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
             "added_tokens": [
              {"id": 50256, "content": "<|endoftext|>", "single_word": false, "lstrip": false, "rstrip": false,
               "normalized": false, "special": true}],
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                               "use_regex": true},
             "post_processor": null,
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                       "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false}}
            """;

    private Gpt2TokenizerJson() {}

    /** Writes the file. */
    public static void write(Path file) {
        List<String> tokens = tokens();
        Map<String, Integer> rankOf = new HashMap<>();
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode vocabulary = mapper.createObjectNode();
        ArrayNode merges = mapper.createArrayNode();
        for (String token : tokens) {
            if (token.length() > 1) {
                merges.add(mergeOf(token, rankOf));
            }
            vocabulary.put(token, rankOf.size());
            rankOf.put(token, rankOf.size());
        }
        try {
            ObjectNode json = (ObjectNode) mapper.readTree(FRAME);
            json.withObject("/model").set("vocab", vocabulary.put("<|endoftext|>", tokens.size()));
            json.withObject("/model").set("merges", merges);
            Files.write(file, mapper.writeValueAsBytes(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By rank. */
    private static List<String> tokens() {
        return new String(Gpt2Tokenizer.ranks(), StandardCharsets.US_ASCII)
                .lines()
                .filter(line -> !line.isBlank())
                .map(line -> visible(Base64.getDecoder().decode(line.substring(0, line.indexOf(' ')))))
                .toList();
    }

    private static String mergeOf(String token, Map<String, Integer> earlier) {
        List<String> pieces =
                new ArrayList<>(token.chars().mapToObj(Character::toString).toList());
        while (pieces.size() > 2) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < pieces.size(); i++) {
                int rank = earlier.getOrDefault(pieces.get(i) + pieces.get(i + 1), Integer.MAX_VALUE);
                if (rank < bestRank) {
                    best = i;
                    bestRank = rank;
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
