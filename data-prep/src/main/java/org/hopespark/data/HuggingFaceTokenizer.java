package org.hopespark.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.hopespark.conf.ConfigException;

/** A {@code tokenizer.json} of the Hugging Face library. */
final class HuggingFaceTokenizer implements Tokenizer {
    private static final List<String> USUAL_MARKS =
            List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|eos|>", "[EOS]");

    /** More than any vocabulary has. */
    private static final int MOST_IDS = 1 << 24;

    private final String name;
    private final int vocabularySize;
    private final int mark;
    private final String fingerprint;
    private final ai.djl.huggingface.tokenizers.HuggingFaceTokenizer tokenizer;

    private HuggingFaceTokenizer(
            String name,
            int vocabularySize,
            int mark,
            String fingerprint,
            ai.djl.huggingface.tokenizers.HuggingFaceTokenizer tokenizer) {
        this.name = name;
        this.vocabularySize = vocabularySize;
        this.mark = mark;
        this.fingerprint = fingerprint;
        this.tokenizer = tokenizer;
    }

    /** The tokenizer of a file, by whichever of two ways to the same ids is faster for it. */
    static Tokenizer fastest(String place, String mark, Storage storage) {
        return ByteLevelTokenizer.orLibrary(json(place, storage), read(place, mark, storage));
    }

    private static JsonNode json(String place, Storage storage) {
        try {
            return new ObjectMapper().readTree(storage.read(new Path(place)));
        } catch (IOException e) {
            throw new ConfigException("cannot read the tokenizer " + place + ": " + e.getMessage(), e);
        }
    }

    /** Reads the file; {@code mark} names the added token that marks documents, empty to look for a usual one. */
    static HuggingFaceTokenizer read(String place, String mark, Storage storage) {
        Path path = new Path(place);
        try {
            byte[] file = storage.read(path);
            JsonNode json = new ObjectMapper().readTree(file);
            if (!json.path("added_tokens").isArray() || !json.has("model")) {
                throw new ConfigException(place + " is no tokenizer.json: it has no added_tokens or no model");
            }
            requireSound(place, json);
            return new HuggingFaceTokenizer(
                    "huggingface:" + path.getName() + (mark.isEmpty() ? "" : "#" + mark),
                    vocabularySize(json),
                    mark(place, mark, json.get("added_tokens")),
                    Storage.sha256(file),
                    load(json));
        } catch (IOException e) {
            throw new ConfigException("cannot read the tokenizer " + place + ": " + e.getMessage(), e);
        }
    }

    /** The library trusts what it reads; a wrong id here would be a table of gigabytes there. */
    private static void requireSound(String place, JsonNode json) {
        for (JsonNode token : json.get("added_tokens")) {
            if (!isId(token.path("id")) || !token.path("content").isTextual()) {
                throw new ConfigException(place + " is no tokenizer.json: the added token " + token
                        + " needs a content and an id from 0 to " + (MOST_IDS - 1));
            }
        }
        JsonNode vocabulary = json.path("model").path("vocab");
        for (Map.Entry<String, JsonNode> piece : vocabulary.properties()) {
            if (!isId(piece.getValue())) {
                throw new ConfigException(place + " is no tokenizer.json: the id of '" + piece.getKey() + "' is "
                        + piece.getValue() + ", it must be from 0 to " + (MOST_IDS - 1));
            }
        }
    }

    private static boolean isId(JsonNode id) {
        return id.isInt() && id.intValue() >= 0 && id.intValue() < MOST_IDS;
    }

    private static int vocabularySize(JsonNode json) {
        int greatest = -1;
        JsonNode vocabulary = json.path("model").path("vocab");
        if (vocabulary.isArray()) {
            greatest = vocabulary.size() - 1;
        } else {
            for (JsonNode id : vocabulary) {
                greatest = Math.max(greatest, id.asInt());
            }
        }
        for (JsonNode token : json.get("added_tokens")) {
            greatest = Math.max(greatest, token.get("id").asInt());
        }
        return greatest + 1;
    }

    private static int mark(String place, String wanted, JsonNode addedTokens) {
        List<String> known = new ArrayList<>();
        for (JsonNode token : addedTokens) {
            known.add(token.get("content").asText());
        }
        List<String> candidates = wanted.isEmpty() ? USUAL_MARKS : List.of(wanted);
        for (String candidate : candidates) {
            int place0 = known.indexOf(candidate);
            if (place0 >= 0) {
                return addedTokens.get(place0).get("id").asInt();
            }
        }
        throw new ConfigException(place + " has no added token "
                + (wanted.isEmpty() ? "that usually ends a document" : "'" + wanted + "'")
                + "; name one behind the path, as in huggingface:" + place + "#TOKEN, out of: "
                + String.join(" ", known));
    }

    /**
     * Loads the tokenizer without the control tokens, which the library would otherwise find in any text that spells
     * them. A control token that the model's vocabulary holds is taken off the list; another one keeps its place,
     * because the library numbers added tokens by place, under a name that no text can hold.
     */
    private static ai.djl.huggingface.tokenizers.HuggingFaceTokenizer load(JsonNode json) throws IOException {
        JsonNode vocabulary = json.path("model").path("vocab");
        for (Iterator<JsonNode> tokens = json.get("added_tokens").elements(); tokens.hasNext(); ) {
            ObjectNode token = (ObjectNode) tokens.next();
            if (token.path("special").asBoolean()) {
                if (vocabulary.has(token.get("content").asText())) {
                    tokens.remove();
                } else {
                    token.put("content", UUID.randomUUID().toString());
                }
            }
        }
        return ai.djl.huggingface.tokenizers.HuggingFaceTokenizer.newInstance(
                new ByteArrayInputStream(new ObjectMapper().writeValueAsBytes(json)),
                Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public int documentStart() {
        return mark;
    }

    @Override
    public int documentEnd() {
        return mark;
    }

    @Override
    public int[] encode(String text) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
        }
        return result;
    }

    @Override
    public String decode(int[] ids) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        return tokenizer.decode(wide, false);
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
