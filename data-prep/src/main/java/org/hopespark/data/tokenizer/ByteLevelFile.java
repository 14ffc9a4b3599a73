package org.hopespark.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.hopespark.data.bpe.ByteAlphabet;
import org.hopespark.data.bpe.BytePairEncoder;
import org.hopespark.data.bpe.Merge;
import org.hopespark.data.bpe.NfcInert;
import org.hopespark.data.bpe.PreTokenizer;
import org.hopespark.data.bpe.Token;

/** A {@code tokenizer.json}, read as a byte-level byte-pair encoding. */
final class ByteLevelFile {
    private final JsonNode json;
    private final JsonNode model;
    private final JsonNode vocabulary;

    ByteLevelFile(JsonNode json) {
        this.json = json;
        model = json.path("model");
        vocabulary = model.path("vocab");
    }

    /** What in the file is not understood here; empty if all is. */
    List<String> unknowns() {
        List<String> unknowns = new ArrayList<>();
        if (!model.path("type").asText("BPE").equals("BPE") || !model.has("merges") || !vocabulary.isObject()) {
            return List.of("its model is no byte-pair encoding");
        }
        if (model.path("dropout").asDouble() != 0) {
            unknowns.add("its model has dropout");
        }
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            if (!model.path(affix).asText("").replace("null", "").isEmpty()) {
                unknowns.add("its model has a " + affix);
            }
        }
        if (!isNull(json.path("normalizer")) && !normalizesToFormC()) {
            unknowns.add("its normalizer");
        }
        if (words().isEmpty()) {
            unknowns.add("its pre_tokenizer");
        }
        List<JsonNode> ordinary = ordinaryAddedTokens().toList();
        if (ordinary.stream()
                .anyMatch(token -> isTrue(token, "single_word")
                        || isTrue(token, "lstrip")
                        || isTrue(token, "rstrip")
                        || token.path("content").asText().isEmpty()
                        || !NfcInert.holds(token.path("content").asText()))) {
            unknowns.add("some of its added_tokens");
        }
        if (ordinary.stream()
                        .map(token -> isTrue(token, "normalized"))
                        .distinct()
                        .count()
                > 1) {
            unknowns.add("added_tokens of which only some are normalized");
        }
        if (!holdsAllBytes() || mergesOrEmpty().isEmpty()) {
            unknowns.add("a vocabulary that lacks bytes, or parts of merges");
        }
        return unknowns;
    }

    private static boolean isNull(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static boolean isTrue(JsonNode node, String field) {
        return node.path(field).asBoolean();
    }

    boolean normalizesToFormC() {
        return json.path("normalizer").path("type").asText().equals("NFC");
    }

    private Optional<PreTokenizer> words() {
        JsonNode steps = json.path("pre_tokenizer");
        if (isByteLevel(steps) && steps.path("use_regex").asBoolean(true)) {
            return Optional.of(PreTokenizer.gpt2());
        }
        JsonNode list = steps.path("pretokenizers");
        if (!steps.path("type").asText().equals("Sequence") || list.size() != 2) {
            return Optional.empty();
        }
        JsonNode split = list.get(0);
        boolean understood = split.path("type").asText().equals("Split")
                && split.path("behavior").asText().equals("Isolated")
                && !isTrue(split, "invert")
                && isByteLevel(list.get(1))
                && !list.get(1).path("use_regex").asBoolean(true);
        return understood
                ? PreTokenizer.ofPattern(split.path("pattern").path("Regex").asText())
                : Optional.empty();
    }

    private static boolean isByteLevel(JsonNode step) {
        return step.path("type").asText().equals("ByteLevel")
                && !step.path("add_prefix_space").asBoolean(true);
    }

    /** Without control tokens, which no text spells. */
    private Stream<JsonNode> ordinaryAddedTokens() {
        return StreamSupport.stream(json.path("added_tokens").spliterator(), false)
                .filter(token -> !isTrue(token, "special"));
    }

    /** Some bytes stand in no text, and not all vocabularies have them. */
    private static boolean isInUtf8(int b) {
        return b < 0xC0 || (b > 0xC1 && b < 0xF5);
    }

    private boolean holdsAllBytes() {
        for (int b = 0; b < 256; b++) {
            if (isInUtf8(b) && !vocabulary.has(Character.toString(ByteAlphabet.letter(b)))) {
                return false;
            }
        }
        return true;
    }

    private Optional<List<Merge>> mergesOrEmpty() {
        List<Merge> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            boolean pair = merge.isArray() && merge.size() == 2;
            String text = merge.asText();
            int space = text.indexOf(' ');
            if (!pair && space < 0) {
                return Optional.empty();
            }
            String left = pair ? merge.get(0).asText() : text.substring(0, space);
            String right = pair ? merge.get(1).asText() : text.substring(space + 1);
            if (!vocabulary.has(left) || !vocabulary.has(right) || !vocabulary.has(left + right)) {
                return Optional.empty();
            }
            merges.add(new Merge(id(left), id(right), id(left + right)));
        }
        return Optional.of(merges);
    }

    private int id(String token) {
        return vocabulary.get(token).asInt();
    }

    /** The encoder of a file without {@link #unknowns}. */
    BytePairEncoder encoder() {
        int[] idOfByte = new int[256];
        for (int b = 0; b < 256; b++) {
            idOfByte[b] = isInUtf8(b) ? id(Character.toString(ByteAlphabet.letter(b))) : 0;
        }
        return BytePairEncoder.ofMerges(
                idOfByte,
                mergesOrEmpty().orElseThrow(),
                words().orElseThrow(),
                isTrue(model, "ignore_merges") ? vocabularyTokens() : List.of(),
                addedTokens());
    }

    private List<Token> vocabularyTokens() {
        List<Token> tokens = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            ByteAlphabet.bytes(entry.getKey())
                    .filter(bytes -> bytes.length > 0)
                    .ifPresent(bytes ->
                            tokens.add(new Token(bytes, entry.getValue().asInt())));
        }
        return tokens;
    }

    private List<Token> addedTokens() {
        return ordinaryAddedTokens()
                .map(token -> new Token(
                        token.path("content").asText().getBytes(StandardCharsets.UTF_8),
                        token.path("id").asInt()))
                .toList();
    }

    /** Texts of added tokens. */
    List<String> addedTexts() {
        return ordinaryAddedTokens()
                .map(token -> token.path("content").asText())
                .sorted(Comparator.naturalOrder())
                .toList();
    }
}
